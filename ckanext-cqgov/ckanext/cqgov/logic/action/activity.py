"""Lists of CKAN's activity plugin, looked at once more: an activity keeps the labels of its own moment, a dataset goes on.

What was public and is so no longer, and what was purged, leaves the lists of all but sysadmins; one query for a list with
datasets in it. An activity holds the whole dataset as it was: of what is not open its addresses are left out here too, for the
reclassification that takes them out of the stored ones only follows. Only where the portal has the plugin.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
from ckanext.activity.logic import action as core

from ckanext.cqgov.catalogue import access
from ckanext.cqgov.catalogue.vault_intake import portal_url
from ckanext.cqgov.domain import activity_copy
from ckanext.cqgov.logic.chained import like
from ckanext.cqgov.model import classified

__all__ = [
    "dashboard_activity_list",
    "group_activity_list",
    "organization_activity_list",
    "package_activity_list",
    "recently_changed_packages_activity_list",
    "user_activity_list",
]


PREVIEW = "resource view"
"""In the types of activities about previews, of which what is not open has none."""


def _looked_at_again(name: str) -> Callable[..., Any]:
    def listed(original: Any, context: Any, data_dict: Any) -> list[dict[str, Any]]:
        return _seen(context, original(context, data_dict))

    listed.__name__ = name
    return tk.chained_action(like(getattr(core, name), listed))


def _seen(context: Any, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    viewer = access.viewer(context)
    about = {each["object_id"] for each in found if _of_dataset(each)}
    if not about or viewer.sysadmin:
        return found
    seen = classified.seen(about, viewer)
    kept = [each for each in found if not _of_dataset(each) or each["object_id"] in seen]
    shut = {id_ for id_, each in seen.items() if not each.open}
    return [
        _cleaned(each) if each["object_id"] in shut else each
        for each in kept
        if each["object_id"] not in shut or PREVIEW not in _kind(each)
    ]


def _cleaned(activity: dict[str, Any]) -> dict[str, Any]:
    """Return an activity about a dataset that is not open without addresses and whatever else tells of its data."""
    package_id = activity["object_id"]
    data = activity_copy.cleaned(activity.get("data") or {}, lambda id: portal_url(package_id, id))
    return {**activity, "data": data}


def _of_dataset(activity: dict[str, Any]) -> bool:
    """Say whether an activity is about a dataset; one about a preview has its dataset as object too."""
    return any(each in _kind(activity) for each in ("package", "dataset", PREVIEW))


def _kind(activity: dict[str, Any]) -> str:
    return activity.get("activity_type") or ""


dashboard_activity_list = _looked_at_again("dashboard_activity_list")
group_activity_list = _looked_at_again("group_activity_list")
organization_activity_list = _looked_at_again("organization_activity_list")
package_activity_list = _looked_at_again("package_activity_list")
recently_changed_packages_activity_list = _looked_at_again("recently_changed_packages_activity_list")
user_activity_list = _looked_at_again("user_activity_list")
