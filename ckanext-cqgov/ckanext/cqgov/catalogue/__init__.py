"""The catalogue in CKAN: form, one door for writing, index."""
