"""The actions of cqgov, one module per noun."""

from typing import Any

from ckan.plugins import plugin_loaded

from ckanext.cqgov.collection import members
from ckanext.cqgov.logic.action import (
    api_token,
    calendar,
    catalogue,
    data_search,
    dataset,
    disclosure,
    download,
    duty,
    grant,
    group,
    ledger,
    member,
    organization,
    reclassification,
    relationship,
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
    data_search,
    dataset,
    disclosure,
    download,
    duty,
    grant,
    group,
    ledger,
    member,
    organization,
    reclassification,
    relationship,
    release,
    resource_view,
    rules,
    search,
    search_term,
    search_term_import,
    suggestion,
)


def parts() -> dict[str, Any]:
    """Return the actions to register: those around another plugin's only where the portal has it, else CKAN refuses to start."""
    found = dict(PARTS)
    if plugin_loaded("datastore"):
        from ckanext.cqgov.logic.action import data_table

        found |= members(data_table)
    if plugin_loaded("activity"):
        from ckanext.cqgov.logic.action import activity

        found |= members(activity)
    return found
