"""Tables of CKAN's DataStore: only of what is open (Art. 22). They are read by everybody, so what is not open has none.

Parameters and results are CKAN's. A table that is left over, until it is purged, is not found: by its id or by an alias.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
from ckanext.datastore.backend import DatastoreBackend
from ckanext.datastore.logic import action as datastore

from ckanext.cqgov.logic.action.resource_view import refusal
from ckanext.cqgov.logic.chained import like
from ckanext.cqgov.model import vault

__all__ = ["datastore_create", "datastore_info", "datastore_run_triggers", "datastore_search", "datastore_upsert"]


def _chained(action: Callable[..., Any]) -> Callable[..., Any]:
    return tk.chained_action(like(getattr(datastore, action.__name__), action))


@_chained
def datastore_create(original: Any, context: Any, data_dict: Any) -> Any:
    """Make or fill a table; of what is not open it is refused with the article."""
    resource = data_dict.get("resource")
    package_id = resource.get("package_id") if isinstance(resource, dict) else None
    _refuse(context, "datastore_create", data_dict, package_id)
    return original(context, data_dict)


@_chained
def datastore_upsert(original: Any, context: Any, data_dict: Any) -> Any:
    """Write rows of a table; of what is not open it is refused with the article."""
    _refuse(context, "datastore_upsert", data_dict)
    return original(context, data_dict)


@_chained
def datastore_run_triggers(original: Any, context: Any, data_dict: Any) -> Any:
    """Run a table's triggers; of what is not open it is refused with the article."""
    _refuse(context, "datastore_run_triggers", data_dict)
    return original(context, data_dict)


@_chained
def datastore_search(original: Any, context: Any, data_dict: Any) -> Any:
    """Return rows of a table; one of what is not open is not found."""
    _found(data_dict, "Resource")
    return original(context, data_dict)


@_chained
def datastore_info(original: Any, context: Any, data_dict: Any) -> Any:
    """Return the columns of a table; one of what is not open is not found."""
    _found(data_dict, "Resource/Alias")
    return original(context, data_dict)


def real_id(name: Any) -> Any:
    """Return the id of the resource whose table has this id or alias; a name that no table has as it is."""
    if not isinstance(name, str) or "\0" in name:
        return name
    known, found = DatastoreBackend.get_active_backend().resource_id_from_alias(name)
    return found if known and found else name


def _named(data_dict: Any) -> Any:
    return data_dict.get("resource_id") or data_dict.get("id")


def _found(data_dict: Any, what: str) -> None:
    """Raise ``ObjectNotFound`` for a table of what is not open, or of nothing: after the same queries, in the words of CKAN's,
    which never are translated. The DataStore's own tables begin with ``_``."""
    name = _named(data_dict)
    standing = vault.standing(real_id(name))
    if isinstance(name, str) and not name.startswith("_") and (standing is None or not standing.public):
        raise tk.ObjectNotFound(f'{what} "{name}" was not found.')


def _refuse(context: Any, name: str, data_dict: Any, package_id: Any = None) -> None:
    """Refuse to fill a table of a resource that is not open, or with a resource that the dataset would get for it."""
    standing = vault.standing(_named(data_dict))
    closed = standing is not None and not standing.public
    if standing is None and isinstance(_named(data_dict), str):
        tk.check_access(name, context, dict(data_dict))  # says the same of what is hidden and of what does not exist
    if closed or (package_id and not vault.opened(package_id)):
        tk.check_access(name, context, dict(data_dict))
        raise tk.ValidationError({"resource_id": [refusal()]})
