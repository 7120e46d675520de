"""Auth functions of a dataset's collaborators: CKAN's take for granted that somebody is logged in."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.cqgov.logic import asking

__all__ = ["package_collaborator_create", "package_collaborator_delete", "package_collaborator_list"]


def _of_somebody(original: Any, context: Any, data_dict: Any) -> Any:
    """Refuse a visitor, for whom CKAN's function ends in an error of the server; leave all others to it."""
    if asking.user(context) is None:
        return {"success": False, "msg": tk._("Only who manages the dataset sees and names its collaborators")}
    return original(context, data_dict)


@tk.chained_auth_function
def package_collaborator_create(original: Any, context: Any, data_dict: Any) -> Any:
    """Whoever CKAN lets add collaborators may, and no visitor."""
    return _of_somebody(original, context, data_dict)


@tk.chained_auth_function
def package_collaborator_delete(original: Any, context: Any, data_dict: Any) -> Any:
    """Whoever CKAN lets remove collaborators may, and no visitor."""
    return _of_somebody(original, context, data_dict)


@tk.chained_auth_function
def package_collaborator_list(original: Any, context: Any, data_dict: Any) -> Any:
    """Whoever CKAN lets list collaborators may, and no visitor."""
    return _of_somebody(original, context, data_dict)
