"""What of a catalogue entry goes into the search index."""

from __future__ import annotations


class CatalogueIndex:
    """``IPackageController`` of the index."""
