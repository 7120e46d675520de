"""Actions by which the head lets closed entries into the sharing catalogue for departments, and out of it."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.cqgov.catalogue import release
from ckanext.cqgov.logic import named

__all__ = ["cqgov_dataset_release", "cqgov_dataset_retract"]


def cqgov_dataset_release(context, data_dict):
    """Let a closed entry into the sharing catalogue: departments see it as its sharing type says, the public does not (Art. 16).

    The head of the provider decides; the entry has to be active, complete, and shared unconditionally or conditionally. Doing
    it twice changes nothing. Changing its opening type, sharing it more widely, moving or deleting it ends the release.

    :param id: the id or name of the entry

    :returns: ``{"id", "name", "state", "released_at", "next"}``: ``state`` is ``released``, ``released_at`` a time with offset
    :raises NotAuthorized: for whom is not the head of the provider
    :raises NotFound: when there is no such entry for the caller
    :raises ValidationError: when the entry can't be released, with the reason and its article
    """
    return release.let_in(context, _named(context, data_dict, "cqgov_dataset_release"))


def cqgov_dataset_retract(context, data_dict):
    """Take a closed entry back out of the sharing catalogue; doing it twice changes nothing.

    :param id: the id or name of the entry

    :returns: as ``cqgov_dataset_release``; ``state`` is ``ready``, ``incomplete``, ``unshared``, or null for one that is not
    closed; ``next`` is the duty whose holder acts next, or null
    :raises NotAuthorized: for whom is not the head of the provider
    :raises NotFound: when there is no such entry for the caller
    """
    return release.let_out(context, _named(context, data_dict, "cqgov_dataset_retract"))


def _named(context: Any, data_dict: Any, action: str) -> str:
    """Return the id of the entry that an action is about, when the caller may do it."""
    package = named.required_package(tk.get_or_bust(data_dict, "id"))
    tk.check_access(action, context, {"id": package.id})
    return package.id
