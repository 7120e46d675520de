"""Auth functions of downloads."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.cqgov.catalogue import access
from ckanext.cqgov.domain.access import Level
from ckanext.cqgov.logic import named

__all__ = ["cqgov_download_link", "cqgov_resource_address"]


@tk.auth_allow_anonymous_access
def cqgov_download_link(context, data_dict):
    """Whoever may have the data may have a link to them (Arts. 16, 19, 22, 24)."""
    package = _package(data_dict)
    if package is not None and access.level(context, package) >= Level.DATA:
        return {"success": True}
    return {"success": False, "msg": tk._("The data are open to those who were granted them")}


def cqgov_resource_address(context, data_dict):
    """Whoever may edit the entry may see what was entered (Art. 6)."""
    package = _package(data_dict)
    try:
        if package is not None:
            tk.check_access("package_update", tk.fresh_context(context), {"id": package.id})
            return {"success": True}
    except (tk.NotAuthorized, tk.ObjectNotFound):
        pass
    return {"success": False, "msg": tk._("Only who may edit the entry sees the address behind it")}


def _package(data_dict: Any) -> Any:
    """Return the dataset of the resource that is meant; the action hands it on."""
    if data_dict.get("package") is not None and not isinstance(data_dict["package"], str | dict):
        return data_dict["package"]
    resource = named.resource(data_dict.get("id"))
    return resource.package if resource else None
