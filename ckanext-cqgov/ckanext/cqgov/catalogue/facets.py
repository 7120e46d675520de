"""By what the catalogue's lists are filtered: CKAN's ``IFacets``."""

from __future__ import annotations

import ckan.plugins.toolkit as tk


class CatalogueFacets:
    """``IFacets`` of the catalogue: opening type, theme, update cycle, provider and file format, in this order."""

    def dataset_facets(self, facets_dict, package_type):
        """Return the facets of the dataset list (field of the search index -> title)."""
        return catalogue_facets(with_provider=True)

    def organization_facets(self, facets_dict, organization_type, package_type):
        """Return the facets of an organisation's page, where the provider is already given."""
        return catalogue_facets(with_provider=False)


def catalogue_facets(with_provider: bool) -> dict[str, str]:
    """Return the facets in order, with their titles in the page's language."""
    facets = {
        "cqgov_opening_type": tk._("Opening type"),
        "cqgov_theme": tk._("Theme"),
        "cqgov_update_cycle": tk._("Update cycle"),
        "organization": tk._("Provider"),
        "res_format": tk._("File format"),
    }
    return facets if with_provider else {key: title for key, title in facets.items() if key != "organization"}
