"""Rebuilding the search index: reading many datasets at once, and replacing every document without an empty search."""
