"""Hits of a search, looked at once more: the index keeps labels, and whoever goes stricter changes the database first.

One query for a page of hits, none for a page without any or for who sees everything.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Collection
from typing import Any

from ckanext.cqgov.domain.access import bearer
from ckanext.cqgov.model import visibility

log = logging.getLogger(__name__)

ID = "id"
SEPARATORS = re.compile(r"[\s,]+")


def identified(params: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """Return Solr's parameters with the id among the fields that are asked for, and whether it had to be added."""
    fields = params.get("fl") or ""
    named = SEPARATORS.split(fields) if isinstance(fields, str) else list(fields)
    if {ID, "*"} & set(named):
        return params, False
    return {**params, "fl": f"{fields} {ID}" if isinstance(fields, str) else [*fields, ID]}, True


def checked(found: Any, labels: Collection[str] | None, added: bool, counter: str) -> Any:
    """Return pysolr's answer without hits that the bearer of ``labels`` (None: everything is seen) may no longer see.

    They are taken off the number found, also where ``counter``, a facet query, counts it. ``added``: the id was not asked for.
    """
    if labels is not None and found.docs:
        seen = visibility.packages({doc[ID] for doc in found.docs}, bearer(labels))
        gone = [doc for doc in found.docs if doc[ID] not in seen]
        if gone:
            log.warning("The index is behind the database: %s", ", ".join(sorted(doc[ID] for doc in gone)))
            found.docs = [doc for doc in found.docs if doc[ID] in seen]
            found.hits -= len(gone)
            _taken_off(found.raw_response, found.docs, len(gone), counter)
    if added:
        found.docs = [{key: value for key, value in doc.items() if key != ID} for doc in found.docs]
    return found


def _taken_off(answer: dict[str, Any], left: list[dict[str, Any]], gone: int, counter: str) -> None:
    """Have Solr's whole answer say the same."""
    answer["response"]["docs"] = left
    answer["response"]["numFound"] -= gone
    queries = answer.get("facet_counts", {}).get("facet_queries", {})
    if counter in queries:
        queries[counter] -= gone
