"""Who sees how far a reclassification is, and who may take one up again."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.cqgov.catalogue import access
from ckanext.cqgov.domain import access as domain
from ckanext.cqgov.logic import named
from ckanext.cqgov.logic.auth import dataset

__all__ = ["cqgov_reclassification_list", "cqgov_reclassification_resume", "cqgov_reclassification_show"]


def cqgov_reclassification_show(context: Any, data_dict: Any) -> dict[str, Any]:
    """The provider's people, and whoever oversees, reviews or inspects the entry (Arts. 5, 6, 30, 31)."""
    package = named.package((data_dict or {}).get("id"))
    if package is not None and domain.concerned(access.viewer(context), access.of_package(package)):
        return {"success": True}
    return {"success": False, "msg": tk._("Only the provider and those who oversee it see this")}


def cqgov_reclassification_list(context: Any, data_dict: Any) -> dict[str, Any]:
    """Whoever belongs to a provider, or oversees, reviews or inspects any; the action shows each only what is theirs."""
    viewer = access.viewer(context)
    if viewer.sysadmin or viewer.member_of or viewer.oversees or viewer.inspects or viewer.reviews:
        return {"success": True}
    return {"success": False, "msg": tk._("Only providers and those who oversee them see this")}


def cqgov_reclassification_resume(context: Any, data_dict: Any) -> dict[str, Any]:
    """The head of the provider, who publishes and withdraws (Art. 6); operators may anyway."""
    package = named.package((data_dict or {}).get("id"))
    return dataset.cqgov_dataset_publish(context, {"owner_org": package.owner_org if package else None})
