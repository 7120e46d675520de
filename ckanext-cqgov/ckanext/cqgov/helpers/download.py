"""Template helpers of what lies in the vault: whether to offer a download, and the provider's own form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.cqgov.catalogue import access, grants
from ckanext.cqgov.domain.access import Level
from ckanext.cqgov.domain.vault import URL_TYPE
from ckanext.cqgov.logic import asking
from ckanext.cqgov.model import granted_table

__all__ = ["cqgov_data_page", "cqgov_download", "cqgov_vaulted"]


def cqgov_vaulted(resource: Mapping[str, Any]) -> bool:
    """Say whether the resource's address or file is in the vault."""
    return resource.get("url_type") == URL_TYPE


def cqgov_download(pkg: Mapping[str, Any], resource: Mapping[str, Any]) -> str:
    """Return the address at which the reader of the page may download a resource of the vault; empty when they may not."""
    package = model.Session.get(model.Package, pkg["id"])
    context: Any = asking.reader()
    if package is None or access.level(context, package) < Level.DATA:
        return ""
    found = model.Resource.get(resource["id"])
    if found is None or isinstance(grants.what_to_serve(access.viewer(context), found), grants.Nothing):
        return ""
    return tk.url_for(f"{pkg['type']}_resource.download", id=pkg["name"], resource_id=resource["id"])


def cqgov_data_page(pkg: Mapping[str, Any], resource: Mapping[str, Any]) -> str:
    """Return the address at which the reader of the page looks through a table of the vault; empty where there is none for them."""
    package, found = model.Session.get(model.Package, pkg["id"]), model.Resource.get(resource["id"])
    context: Any = asking.reader()
    if package is None or found is None or access.level(context, package) < Level.DATA:
        return ""
    if not granted_table.columns_of(package.id).get(found.id) or not grants.shown(access.viewer(context), found):
        return ""
    return tk.url_for("cqgov_granted_data.show", id=pkg["name"], resource_id=found.id)
