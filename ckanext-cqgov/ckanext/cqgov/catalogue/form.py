"""How catalogue entries are validated, stored and shown: CKAN's ``IDatasetForm``."""

from __future__ import annotations

from ckan.lib.plugins import DefaultDatasetForm


class CatalogueForm(DefaultDatasetForm):
    """``IDatasetForm`` of the catalogue."""

    def is_fallback(self):
        """Every dataset is a catalogue entry."""
        return True

    def package_types(self):
        """The fallback handles the type ``dataset``."""
        return []
