"""What belongs to a group or organisation: asked for the right first, so that the answer tells nothing of what there is.

CKAN looks up whatever is named, of any kind that its database has (datasets, resources, tags, accounts), before it asks who
wants to know: everybody could learn what exists from the difference between "not found" and "not authorized".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.cqgov.domain.text import Text
from ckanext.cqgov.language import pick
from ckanext.cqgov.logic.chained import chained

__all__ = ["member_create", "member_delete"]

KINDS = ("package", "user", "group")
"""What a group of CKAN's has; a word in other letters (``Package``) would name the same past every check."""

NEEDED = ("id", "object", "object_type")
NO_KIND = Text("可填：{kinds}", "must be one of: {kinds}")


@chained
def member_create(original: Callable[..., Any], context: Any, data_dict: Any) -> dict[str, Any]:
    """Put a dataset, a person or a group into a group, as CKAN does."""
    _may("member_create", context, data_dict)
    return original(context, data_dict)


@chained
def member_delete(original: Callable[..., Any], context: Any, data_dict: Any) -> Any:
    """Take a dataset, a person or a group out of a group, as CKAN does."""
    _may("member_delete", context, data_dict)
    return original(context, data_dict)


def _may(name: str, context: Any, data_dict: Any) -> None:
    """Raise what CKAN raises for who may not change the group, and refuse kinds that no group has.

    Where something is missing, CKAN says so before it looks at anything.
    """
    if any(data_dict.get(key) is None for key in NEEDED):
        return
    tk.check_access(name, context, dict(data_dict))
    if data_dict["object_type"] not in KINDS:
        raise tk.ValidationError({"object_type": [pick(NO_KIND.filled(kinds="、".join(KINDS)))]})
