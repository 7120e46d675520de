"""While the search does not answer: it is left alone for a moment, pages say so, and what can be told without it is told.

A page asks Solr several times; each would wait for it anew, and the web server's few threads with it. So whoever gets no answer
notes that, and for ``REST`` seconds nobody asks.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.lib.search import SearchError, SolrConnectionError
from flask import g, has_request_context

from ckanext.cqgov import page_cache
from ckanext.cqgov.catalogue import access
from ckanext.cqgov.model import visibility

REST = 5.0
"""Seconds for which Solr is not asked after it did not answer."""

NOTED = "cqgov_search_away"

_rests_until = 0.0


def note() -> None:
    """Note that Solr did not answer; what is made in this request is not to be kept."""
    global _rests_until
    _rests_until = time.monotonic() + REST
    _seen()


def forget() -> None:
    """Let Solr be asked again at once: it has answered, or is another one."""
    global _rests_until
    _rests_until = 0.0


def rests() -> bool:
    """Say whether Solr is to be left alone just now; whoever is told so knows that it is away."""
    if time.monotonic() >= _rests_until:
        return False
    _seen()
    return True


def is_noted() -> bool:
    """Say whether this request met a Solr that does not answer."""
    return has_request_context() and NOTED in g


def _seen() -> None:
    if has_request_context():
        setattr(g, NOTED, True)
    page_cache.passing()


def counted(show: Callable[..., Any], context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Return an organisation or group as CKAN's ``show`` does; its number of datasets from the database while Solr is away.

    Raises what ``show`` raises, also for who wants the datasets themselves, which only the search lists.
    """
    wanted = tk.asbool(data_dict.get("include_dataset_count", True))
    try:
        return show(context, data_dict)
    except (SearchError, SolrConnectionError):
        if tk.asbool(data_dict.get("include_datasets", False)):
            raise
    unknown: dict[str, dict[str, int]] = {
        "owner_org": {},
        "groups": {},
    }  # of what stands above, which CKAN asks the search for
    again: Any = {**context, "dataset_counts": unknown}
    shown = show(again, {**data_dict, "include_dataset_count": False})
    for each in shown.get("groups", ()):
        each.pop("package_count", None)
    return {**shown, "package_count": _count(context, shown)} if wanted else shown


def _count(context: Any, shown: dict[str, Any]) -> int:
    """Return how many datasets of the organisation or group whoever asks may see; one query."""
    counts = visibility.counts(
        access.viewer(context), organizations=bool(shown.get("is_organization")), group=shown["id"]
    )
    return counts.get(shown["id"], 0)
