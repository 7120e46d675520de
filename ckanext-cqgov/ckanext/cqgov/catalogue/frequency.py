"""How many entries of the index hold a word: by that the search knows what says much and what says little.

Numbers are kept for a few minutes; they need not be right, only of the right size. That nobody wrote a word is never kept:
the next entry may.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterable, Mapping

import pysolr

from ckanext.cqgov.catalogue.solr import connection

log = logging.getLogger(__name__)

FIELD = "text_zh"
KEPT = 300.0
"""Seconds."""

MOST = 50_000

_known: dict[str, int] = {}
_total = 0
_since = 0.0


def of(terms: Iterable[str]) -> tuple[Mapping[str, int] | None, int]:
    """Return ``({term: entries}, all entries)``; ``None`` instead of the numbers when the index does not tell them."""
    global _known, _total, _since
    now = time.monotonic()
    if now - _since > KEPT or len(_known) > MOST:
        _known, _since = {}, now
    known = _known
    unknown = [term for term in terms if term not in known]
    if not unknown:
        return known, _total
    asked = {"terms.fl": FIELD, "terms.list": ",".join(unknown), "wt": "json"}
    try:
        answer = json.loads(connection()._select(asked, handler="terms"))
        found = answer["terms"][FIELD]
        total = int(answer["indexstats"]["numDocs"])
    except (pysolr.SolrError, KeyError, ValueError) as error:
        log.warning("The index does not tell how frequent words are: %s", error)
        return None, 0
    counts = dict(zip(found[::2], found[1::2], strict=True))
    known.update(counts)
    _total = total
    return {**known, **counts}, total
