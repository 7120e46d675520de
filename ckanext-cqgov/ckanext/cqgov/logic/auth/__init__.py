"""The auth functions of cqgov, one module per noun."""

from typing import Any

from ckan.plugins import plugin_loaded

from ckanext.cqgov.collection import members
from ckanext.cqgov.logic.auth import (
    account,
    calendar,
    catalogue,
    collaborator,
    dataset,
    download,
    duty,
    grant,
    ledger,
    organization,
    reclassification,
    rules,
    search_term,
    suggestion,
)

PARTS = members(
    account,
    calendar,
    catalogue,
    collaborator,
    dataset,
    download,
    duty,
    grant,
    ledger,
    organization,
    reclassification,
    rules,
    search_term,
    suggestion,
)


def parts() -> dict[str, Any]:
    """Return the auth functions to register: those around the DataStore's only where the portal has one."""
    if not plugin_loaded("datastore"):
        return PARTS
    from ckanext.cqgov.logic.auth import data_table

    return {**PARTS, **members(data_table)}
