"""The actions of cqgov, one module per noun."""

from typing import Any

from ckan.plugins import plugin_loaded

from ckanext.cqgov.collection import members
from ckanext.cqgov.logic.action import (
    api_token,
    calendar,
    catalogue,
    dataset,
    disclosure,
    download,
    duty,
    group,
    ledger,
    organization,
    reclassification,
    release,
    resource_view,
    rules,
    search,
    search_term,
    search_term_import,
    suggestion,
)

PARTS = members(
    api_token,
    calendar,
    catalogue,
    dataset,
    disclosure,
    download,
    duty,
    group,
    ledger,
    organization,
    reclassification,
    release,
    resource_view,
    rules,
    search,
    search_term,
    search_term_import,
    suggestion,
)


def parts() -> dict[str, Any]:
    """Return the actions to register: those around the DataStore's only where the portal has one, else CKAN refuses to start."""
    if not plugin_loaded("datastore"):
        return PARTS
    from ckanext.cqgov.logic.action import data_table

    return {**PARTS, **members(data_table)}
