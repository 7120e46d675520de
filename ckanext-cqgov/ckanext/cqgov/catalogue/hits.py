"""Hits of a search, looked at once more: the index keeps labels, and whoever goes stricter changes the database first.

Not only who sees an entry counts: as long as the index has it as open, its document tells addresses that are in the vault by now.
One query for a page of hits, none for a page without any or for who sees everything.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Collection
from fnmatch import fnmatchcase
from typing import Any

from ckanext.cqgov.domain.access import bearer
from ckanext.cqgov.model import classified

log = logging.getLogger(__name__)

ID, OPENING = "id", "cqgov_opening_type"
SEPARATORS = re.compile(r"[\s,]+")


def identified(params: dict[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return Solr's parameters with id and opening type among the fields that are asked for, and which of them had to be added."""
    fields = params.get("fl") or ""
    named = SEPARATORS.split(fields) if isinstance(fields, str) else list(fields)
    added = tuple(name for name in (ID, OPENING) if not any(fnmatchcase(name, each) for each in named))
    if not added:
        return params, added
    return {**params, "fl": " ".join([fields, *added]) if isinstance(fields, str) else [*fields, *added]}, added


def checked(found: Any, labels: Collection[str] | None, added: Collection[str], counter: str) -> Any:
    """Return pysolr's answer without hits that the bearer of ``labels`` (None: everything is seen) may no longer see as they are.

    They are taken off the number found, also where ``counter``, a facet query, counts it. ``added`` was not asked for.
    """
    if labels is not None and found.docs:
        seen = classified.seen({doc[ID] for doc in found.docs}, bearer(labels))
        left = [doc for doc in found.docs if doc[ID] in seen and not seen[doc[ID]].outdates(doc.get(OPENING))]
        gone = len(found.docs) - len(left)
        if gone:
            kept = {doc[ID] for doc in left}
            behind = sorted(doc[ID] for doc in found.docs if doc[ID] not in kept)
            log.warning("The index is behind the database: %s", ", ".join(behind))
            found.docs = left
            found.hits -= gone
            _taken_off(found.raw_response, left, gone, counter)
    if added:
        found.docs = [{key: value for key, value in doc.items() if key not in added} for doc in found.docs]
    return found


def _taken_off(answer: dict[str, Any], left: list[dict[str, Any]], gone: int, counter: str) -> None:
    """Have Solr's whole answer say the same."""
    answer["response"]["docs"] = left
    answer["response"]["numFound"] -= gone
    queries = answer.get("facet_counts", {}).get("facet_queries", {})
    if counter in queries:
        queries[counter] -= gone
