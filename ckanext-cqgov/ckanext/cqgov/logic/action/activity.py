"""Lists of CKAN's activity plugin, looked at once more: an activity keeps the labels of its own moment, a dataset goes on.

What was public and is so no longer, and what was purged, leaves the lists of all but sysadmins; one query for a list with
datasets in it. Only where the portal has the plugin.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
from ckanext.activity.logic import action as core

from ckanext.cqgov.catalogue import access
from ckanext.cqgov.logic.chained import like
from ckanext.cqgov.model import visibility

__all__ = [
    "dashboard_activity_list",
    "group_activity_list",
    "organization_activity_list",
    "recently_changed_packages_activity_list",
    "user_activity_list",
]


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
    seen = visibility.packages(about, viewer)
    return [each for each in found if not _of_dataset(each) or each["object_id"] in seen]


def _of_dataset(activity: dict[str, Any]) -> bool:
    kind = activity.get("activity_type") or ""
    return "package" in kind or "dataset" in kind


dashboard_activity_list = _looked_at_again("dashboard_activity_list")
group_activity_list = _looked_at_again("group_activity_list")
organization_activity_list = _looked_at_again("organization_activity_list")
recently_changed_packages_activity_list = _looked_at_again("recently_changed_packages_activity_list")
user_activity_list = _looked_at_again("user_activity_list")
