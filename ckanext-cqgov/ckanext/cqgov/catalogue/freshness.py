"""The filter by freshness: no field of the index, for it changes with the day; put into days that are due as it is asked for."""

from __future__ import annotations

import re
from typing import Any

from ckanext.cqgov.clock import today
from ckanext.cqgov.domain.search_freshness import FIELD, FRESHNESS, condition

NOTHING = "(-*:*)"
QUOTED = r'"((?:[^"\\]|\\.)*)"'
ONE = re.compile(rf"\b{FIELD}:(?:{QUOTED}|([\w\-]+))", re.DOTALL)
SOME = re.compile(rf"\b{FIELD}:\(([^()]*)\)")
VALUE = re.compile(rf"{QUOTED}|\b(?!(?:AND|OR|NOT)\b)([\w\-]+)", re.DOTALL)


def translated(params: dict[str, Any]) -> dict[str, Any]:
    """Return Solr parameters with the filter and the facet by freshness as conditions on the day that is due."""
    asked = dict(params)
    if FIELD in str(params.get("q", "")):
        asked["q"] = _translated(params["q"])
    asked["fq"] = [_translated(each) if FIELD in each else each for each in params["fq"]]
    facets = params.get("facet.field")
    if facets and FIELD in facets:
        asked["facet.field"] = [] if isinstance(facets, str) else [name for name in facets if name != FIELD]
        asked["facet.query"] = [f"{{!key={FIELD}:{value}}}{condition(value, today())}" for value in FRESHNESS]
    return asked


def _translated(query: str) -> str:
    def meant(found: re.Match[str]) -> str:
        return condition(found[1] if found[1] is not None else found[2], today()) or NOTHING

    query = SOME.sub(lambda found: "(" + VALUE.sub(meant, found[1]) + ")", query)
    return ONE.sub(meant, query)


def counted(found: Any, params: dict[str, Any]) -> Any:
    """Return Solr's answer with what the conditions found as a facet like any other."""
    if "facet.query" in params and found.facets:
        queries = found.facets.get("facet_queries", {})
        least = int(params.get("facet.mincount", 1))
        counts = [(value, queries.get(f"{FIELD}:{value}", 0)) for value in FRESHNESS]
        fields = found.facets.setdefault("facet_fields", {})
        fields[FIELD] = [part for pair in counts if pair[1] >= least for part in pair]
    return found
