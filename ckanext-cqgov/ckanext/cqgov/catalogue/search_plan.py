"""How a search is planned: what ``package_search`` was sent, and for what list, becomes a ``Plan`` for Solr."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import ckan.plugins as p

from ckanext.cqgov.catalogue import frequency, rights, search_terms
from ckanext.cqgov.catalogue.query import KEY, Plan
from ckanext.cqgov.domain import search_query, search_reading, typed
from ckanext.cqgov.domain.search_coverage import LOOSE, PAIRED, STRICT, WIDE, telling, terms_to_count
from ckanext.cqgov.domain.search_query import Asked
from ckanext.cqgov.domain.search_reading import Reading
from ckanext.cqgov.domain.search_terms import Terms

READ_AS_PINYIN = ("title", "org")
"""The names that typed letters may be the pinyin of."""

OWN = ("defType", "qf", "mm", "bf", "boost", "tie")
"""Parameters with which a client says itself how its query is read."""


NOTHING = {"q": "-*:*", "defType": "lucene"}


def _public() -> rights.Labels:
    return rights.PUBLIC


@dataclass
class Asking:
    """How ``package_search`` wants a query to be read, and what tells what its asker may see; it travels in ``extras``.
    ``plan`` and ``reading`` are the answer.

    A query that finds nothing is read as pinyin, ``loose`` (any word will do), its words as short for longer ones
    (``scattered``), or by its ``characters``.
    """

    pinyin: bool = False
    loose: bool = False
    scattered: bool = False
    characters: bool = False
    collapse: bool = False
    seen: Callable[[], rights.Labels] = _public
    plan: Plan | None = None
    reading: Reading = field(default_factory=Reading)

    @property
    def width(self) -> int:
        """How much of the query an entry must have."""
        return PAIRED if self.characters else LOOSE if self.loose else STRICT


def readable(params: Mapping[str, Any]) -> bool:
    """Say whether the query of a search is plain words that we read, and no client's own way of asking."""
    query = params.get("q")
    if any(params.get(key) for key in OWN):
        return False
    return search_reading.plain(query) or (search_reading.chinese(query) and search_reading.quoted(query))


def searched(params: dict[str, Any]) -> dict[str, Any]:
    """Return search parameters with a plan for plain words in ``q``.

    A query that names a field, uses Solr's syntax or comes with its own parser, fields or weights stays as it is.
    """
    if KEY in params or not readable(params):  # a client that sends our key gets CKAN's answer: no such parameter
        return params
    extras = params.get("extras")
    asking = extras.get(KEY) if isinstance(extras, dict) else None
    if not isinstance(asking, Asking):
        asking = Asking()
    asking.plan = _plan(params, asking)
    return {**params, KEY: asking.plan}


def _plan(params: Mapping[str, Any], asking: Asking) -> Plan:
    query = params["q"]
    collapse = asking.collapse
    given = (str(params.get("fq") or ""), tuple(params.get("fq_list") or ()))
    if asking.pinyin:
        clause = typed.clause(query, READ_AS_PINYIN)
        return Plan({"q": clause, "defType": "lucene"} if clause else NOTHING, collapse=collapse, given=given)
    terms = search_terms.current()
    if asking.characters:
        query = " ".join(_telling(query, terms, asking))
    asking.reading = reading = search_reading.read(query, terms)
    if not query:  # no character of it says anything
        return Plan(NOTHING, collapse=collapse, given=given)
    if asking.scattered:
        short = search_query.scattered(reading)
        return Plan(short.query if short else NOTHING, collapse=collapse, given=given)
    if search_query.as_ckan(query, reading):
        asked = search_query.asked_plain(query, asking.width)
        return Plan(asked.query, asked.filters, collapse=collapse, given=given)
    counted = terms_to_count(reading)
    frequencies, total = frequency.of(counted, asking.seen()) if counted else ({}, 0)
    sort = params.get("sort")
    by_score = sort in (None, "", "rank") or "score" in str(sort)
    exact = search_reading.exact_title(query)
    order = search_query.Order(exact, p.plugin_loaded("tracking")) if by_score else None

    def asked_at(width: int) -> Asked:
        return search_query.asked(reading, frequencies, total, width, order)

    first = asked_at(asking.width)
    wider = asked_at(WIDE) if asking.width == STRICT else None
    return Plan(
        first.query,
        first.filters,
        collapse=collapse,
        given=given,
        wider=Plan(wider.query, wider.filters) if wider and wider != first else None,
    )


def _telling(query: str, terms: Terms, asking: Asking) -> list[str]:
    """Return the single characters of a query by which entries can be told apart."""
    found = search_reading.characters(query, terms)
    frequencies, total = frequency.of(found, asking.seen()) if found else ({}, 0)
    return telling(found, terms, frequencies or {}, total)
