"""Previews of resources: only of what is open (Art. 22). What is not open has none, and none can be made.

Parameters and results are CKAN's; a list of previews is then empty, because a dataset's page would fail on a refusal.
"""

from __future__ import annotations

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.cqgov import rules
from ckanext.cqgov.domain import vault as domain
from ckanext.cqgov.language import pick
from ckanext.cqgov.logic.chained import chained
from ckanext.cqgov.model import vault

__all__ = [
    "resource_create_default_resource_views",
    "resource_view_create",
    "resource_view_list",
    "resource_view_show",
    "resource_view_update",
]


@chained
def resource_view_list(original: Any, context: Any, data_dict: Any) -> list[Any]:
    """Return the previews of a resource; of what is not open none, whoever asks."""
    found = original(context, data_dict)
    return found if not found or _open(data_dict.get("id")) else []


@chained
def resource_view_show(original: Any, context: Any, data_dict: Any) -> dict[str, Any]:
    """Return a preview; one of what is not open is not found."""
    found = original(context, data_dict)
    if not _open(found.get("resource_id")):
        raise tk.ObjectNotFound(tk._("Resource view was not found."))
    return found


@chained
def resource_view_create(original: Any, context: Any, data_dict: Any) -> dict[str, Any]:
    """Make a preview; of what is not open it is refused with the article."""
    _refuse(context, "resource_view_create", data_dict, data_dict.get("resource_id"))
    return original(context, data_dict)


@chained
def resource_view_update(original: Any, context: Any, data_dict: Any) -> dict[str, Any]:
    """Change a preview; of what is not open it is refused with the article."""
    view = model.ResourceView.get(data_dict.get("id") or "")
    _refuse(context, "resource_view_update", data_dict, view.resource_id if view else None)
    return original(context, data_dict)


@chained
def resource_create_default_resource_views(original: Any, context: Any, data_dict: Any) -> list[Any]:
    """Make CKAN's default previews; of what is not open none, without a word: this follows every upload."""
    resource = data_dict.get("resource")
    if isinstance(resource, dict) and not _open(resource.get("id")):
        tk.check_access("resource_create_default_resource_views", context, data_dict)
        return []
    return original(context, data_dict)


def _open(resource_id: Any) -> bool:
    """Say whether CKAN may preview it; what does not exist is left to CKAN to say so."""
    found = vault.standing(resource_id)
    return found is None or found.public


def _refuse(context: Any, name: str, data_dict: Any, resource_id: Any) -> None:
    """Refuse what would copy or show data that are not open; to whom may not do it anyway CKAN says so first."""
    if not _open(resource_id):
        tk.check_access(name, context, data_dict)
        raise tk.ValidationError({"resource_id": [refusal()]})


def refusal() -> str:
    """Return why data that are not open have no table, preview or proxy, with the article."""
    return f"{pick(domain.REASON)} ({pick(rules.current().cite(domain.ARTICLE))})"
