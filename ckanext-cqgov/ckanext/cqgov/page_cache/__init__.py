"""Pages that visitors read are kept, and answered from there for as long as nothing on them can have changed (ADR 0004)."""

from ckanext.cqgov.page_cache.installation import install
from ckanext.cqgov.page_cache.middleware import passing

__all__ = ["install", "passing"]
