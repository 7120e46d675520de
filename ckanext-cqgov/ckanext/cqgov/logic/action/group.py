"""CKAN's groups."""

from __future__ import annotations

from typing import Any

from ckanext.cqgov.catalogue import group_list as group_list_of
from ckanext.cqgov.catalogue import search_outage
from ckanext.cqgov.logic.chained import chained

__all__ = ["group_list", "group_show"]


@chained
def group_show(next_action: Any, context: Any, data_dict: Any) -> dict[str, Any]:
    """Return the group as CKAN does; while the search is away its number of datasets comes from the database."""
    return search_outage.counted(next_action, context, data_dict)


@chained
def group_list(next_action: Any, context: Any, data_dict: Any) -> list[Any]:
    """Return the groups as CKAN does; ordered by number of datasets, those count that whoever asks may see."""
    return group_list_of.listed(next_action, "group_show", context, data_dict)
