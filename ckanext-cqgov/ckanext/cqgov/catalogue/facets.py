"""By what the catalogue's lists are filtered: CKAN's ``IFacets``."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from flask import has_request_context

from ckanext.cqgov.logic import asking

PROVIDER = "cqgov_provider"
"""The names of the providing organisation and of all above it, so that a superior finds what is provided below it."""


class CatalogueFacets:
    """``IFacets`` of the catalogue: what a reader may do with the data first, then what they are about, then their form."""

    def dataset_facets(self, facets_dict, package_type):
        """Return the facets of the dataset list (field of the search index -> title)."""
        return catalogue_facets(with_provider=True)

    def organization_facets(self, facets_dict, organization_type, package_type):
        """Return the facets of an organisation's page, where the provider is already given."""
        return catalogue_facets(with_provider=False)


def catalogue_facets(with_provider: bool) -> dict[str, str]:
    """Return the facets in order, with their titles in the page's language; the sharing type is for staff."""
    facets = {
        "cqgov_opening_type": tk._("Opening type"),
        "cqgov_sharing_type": tk._("Sharing type"),
        "cqgov_theme": tk._("Theme"),
        PROVIDER: tk._("Provider"),
        "cqgov_region": tk._("Region"),
        "res_format": tk._("File format"),
        "cqgov_update_cycle": tk._("Update cycle"),
        "cqgov_freshness": tk._("Freshness"),
    }
    left_out = {name for name, shown in (("cqgov_sharing_type", staff()), (PROVIDER, with_provider)) if not shown}
    return {key: title for key, title in facets.items() if key not in left_out}


def staff() -> bool:
    """Say whether the reader of the page works with the catalogue: a sysadmin, a member of an organisation, a holder of a duty.

    Sharing is between departments (Art. 16): to a visitor the filter says nothing.
    """
    if not has_request_context() or not tk.current_user.is_authenticated:
        return False
    user: Any = tk.current_user
    context = {"user": user.name, "auth_user_obj": user}
    return bool(user.sysadmin or user.get_group_ids(group_type="organization") or asking.person(context).duties)
