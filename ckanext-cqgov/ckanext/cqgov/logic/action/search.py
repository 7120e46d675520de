"""``package_search`` for people: words that find nothing are read as pinyin, then more loosely; the answer says so."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.lib.search.common import SearchQueryError

from ckanext.cqgov.catalogue import list_page, rights, suggestion
from ckanext.cqgov.catalogue.query import KEY, TYPE
from ckanext.cqgov.catalogue.search_plan import Asking, readable
from ckanext.cqgov.domain import search_input, search_reading
from ckanext.cqgov.domain.suggestion import marked
from ckanext.cqgov.language import pick
from ckanext.cqgov.logic.chained import chained

__all__ = ["package_search"]

PINYIN, RELAXED = "pinyin", "relaxed"

WAYS = ((PINYIN, "pinyin"), (RELAXED, "loose"), (RELAXED, "scattered"), (RELAXED, "characters"))
"""How a query is read that finds nothing, one after the other: what the answer calls it, and what is asked."""


@chained
def package_search(up, context, data_dict):
    """Search as CKAN does; plain words that find nothing are read as pinyin, then any of them will do.

    The answer then has ``cqgov``: ``read_as`` (``pinyin`` or ``relaxed``), ``terms`` (the words to mark), ``datasets`` (how
    many were found before near-duplicates were put behind one another) and ``similar`` (how many stand behind an id). The
    pages of the portal always get it, and near-duplicates put together unless ``ext_similar=all``. ``ext_exact=true``
    leaves the words as they are. Raises ``SearchQueryError`` for a field that nobody may ask for.
    """
    if list_page.asks(context):
        return list_page.answered(partial(_searched, up, True), context, data_dict)
    return _searched(up, False, context, data_dict)


def _searched(up: Any, page: bool, context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    refused = search_input.refused(data_dict, tk.config["ckan.search.solr_allowed_query_parsers"])
    if refused and not context.get("ignore_auth"):
        raise SearchQueryError(pick(search_input.refusal(*refused)))
    if misshapen := search_input.misshapen(data_dict):
        raise tk.ValidationError({name: [pick(search_input.WANTED[kind])] for name, kind in misshapen})
    given = {**_extras(data_dict), **data_dict}
    collapse = page and given.get("ext_similar") != "all"
    first = Asking(collapse=collapse, seen=cache(partial(rights.labels, context)))
    found = _once(up, context, data_dict, first)
    read_as = None
    if not found["count"] and readable(data_dict) and not tk.asbool(given.get("ext_exact") or False):
        read_as, first, found = _otherwise(up, context, data_dict, first, found)
    if page or read_as:
        found[KEY] = {
            "read_as": read_as,
            "terms": _typed(data_dict, found) if read_as == PINYIN else list(first.reading.words),
            "did_you_mean": _meant(context, given, found, read_as),
            "datasets": first.plan.datasets if first.plan else found["count"],
            "similar": first.plan.similar if first.plan else {},
        }
    return found


def _typed(data_dict: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """Return the words in the titles found that the letters of the query were the pinyin of."""
    pieces = [piece for title in _titles(found) for piece in marked(title, data_dict["q"])]
    return list(dict.fromkeys(piece.text for piece in pieces if piece.hit))


def _meant(context: Any, given: dict[str, Any], found: dict[str, Any], read_as: str | None) -> list[str]:
    """Return what was probably meant by a query that finds nothing as it is written, or has a word which nobody wrote."""
    if read_as == PINYIN or not readable(given) or tk.asbool(given.get("ext_exact") or False):
        return []
    if found["count"] and read_as is None and not suggestion.doubtful(given["q"], context):
        return []
    return list(suggestion.meant(given["q"], context, _titles(found)))


def _titles(found: dict[str, Any]) -> list[str]:
    return [one["title"] for one in found["results"] if isinstance(one, dict) and one.get("title")]


def _otherwise(
    up: Any, context: Any, data_dict: dict[str, Any], first: Asking, found: dict[str, Any]
) -> tuple[str | None, Asking, dict[str, Any]]:
    """Return the first other way to read a query that finds anything; the way given when none does.

    What counts is what is found without the filters of the client: a filter that leaves nothing changes no reading.
    """
    if not _nothing(up, context, data_dict, first):
        return None, first, found
    query = data_dict["q"]
    for read_as, way in WAYS:
        if read_as == PINYIN and not search_reading.letters(query):
            continue
        asking = Asking(collapse=first.collapse, seen=first.seen, **{way: True})
        answer = _once(up, context, data_dict, asking)
        if answer["count"] or not _nothing(up, context, data_dict, asking):
            asking.reading = asking.reading if read_as == RELAXED else first.reading
            return read_as, asking, answer
    return None, first, found


def _nothing(up: Any, context: Any, data_dict: dict[str, Any], asking: Asking) -> bool:
    """Say whether the query finds nothing even without filters."""
    given = str(data_dict.get("fq") or "")
    kept = " ".join(TYPE.findall(given))
    if given.strip() == kept and not data_dict.get("fq_list"):
        return True
    bare = {key: value for key, value in data_dict.items() if key not in ("fq_list", "facet.field", "start")}
    again = replace(asking, collapse=False, plan=None)
    return not _once(up, context, {**bare, "fq": kept, "rows": 0}, again)["count"]


def _once(up: Any, context: Any, data_dict: dict[str, Any], asking: Asking) -> dict[str, Any]:
    return up(context, {**data_dict, "extras": {**_extras(data_dict), KEY: asking}})


def _extras(data_dict: dict[str, Any]) -> dict[str, Any]:
    """Return what the client sent for plugins; nothing where that is no mapping."""
    extras = data_dict.get("extras")
    return extras if isinstance(extras, dict) else {}
