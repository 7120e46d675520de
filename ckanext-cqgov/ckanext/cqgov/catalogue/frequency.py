"""How many of the entries that the asker may see hold a word: by that the search knows what says much and what says little.

Only of those: an answer that depends on what stands in other entries would tell of them. Numbers are kept for a few
minutes; they need not be right, only of the right size. That nobody wrote a word is never kept: the next entry may.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping

import pysolr

from ckanext.cqgov.catalogue import rights
from ckanext.cqgov.catalogue.rights import Labels
from ckanext.cqgov.catalogue.solr import connection

log = logging.getLogger(__name__)

FIELD = "text_zh"
KEPT = 300.0
"""Seconds."""

MOST, MOST_ASKERS = 50_000, 200
"""Words, and people of different rights, whose numbers are kept."""


class Counts(dict[str, int]):
    """The numbers for people of the same rights; ``total`` is how many entries they may see."""

    total = 0


_known: dict[Labels, Counts] = {}
_since = 0.0


def of(terms: Iterable[str], seen: Labels) -> tuple[Mapping[str, int] | None, int]:
    """Return ``({term: entries}, all entries)`` of those with one of the labels ``seen``; ``None`` instead of the numbers
    when the index does not tell them."""
    global _since
    now = time.monotonic()
    if now - _since > KEPT or len(_known) > MOST_ASKERS or sum(map(len, _known.values())) > MOST:
        _known.clear()
        _since = now
    known = _known.setdefault(seen, Counts())
    unknown = [term for term in terms if term not in known]
    if not unknown:
        return known, known.total
    try:
        found, total = _counted(unknown, seen)
    except (pysolr.SolrError, KeyError, ValueError) as error:
        log.warning("The index does not tell how frequent words are: %s", error)
        return None, 0
    known.total = total
    known.update((term, number) for term, number in found.items() if number)
    return {**known, **found}, total


def _counted(terms: list[str], seen: Labels) -> tuple[dict[str, int], int]:
    """Return for each term how many entries have it, and how many there are; one request to Solr."""
    asked = {
        "query": "*:*",
        "filter": rights.filters(seen),
        "limit": 0,
        "facet": {
            str(number): {"type": "query", "q": f"{{!term f={FIELD} cache=false}}{term}"}
            for number, term in enumerate(terms)
        },
    }
    found = connection().asked(asked)["facets"]
    # an index without entries counts nothing
    return {term: found.get(str(number), {}).get("count", 0) for number, term in enumerate(terms)}, int(found["count"])
