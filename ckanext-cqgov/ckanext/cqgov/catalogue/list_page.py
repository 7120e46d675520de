"""The search behind a page that lists datasets: it never fails for what somebody typed, and the page knows how it was read.

CKAN's views build the filters from the address and call ``package_search``; what they do not pass on to their templates (how
the words were read, what was collapsed) is kept here for the request.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.lib.search import SearchError, SolrConnectionError
from flask import g, has_request_context

from ckanext.cqgov.catalogue import search_plan
from ckanext.cqgov.catalogue.query import ALIKE
from ckanext.cqgov.domain import list_request, search_alike
from ckanext.cqgov.logic import asking

log = logging.getLogger(__name__)

PAGES = ("dataset.search", "organization.read", "group.read")
ABOUT = ("organization.read", "group.read")
"""Pages that tell more than their list of datasets; CKAN makes them without one."""

HOUSEKEEPING = ("q", "page", "sort")

MOST_VALUES = 2000
"""Values of one filter that are counted: a superior without its parts would be no tree."""

MOST_FOLDED = 1000
"""Titles of folded entries that are looked at for their years."""

Search = Callable[[Any, dict[str, Any]], dict[str, Any]]


def asks(context: Mapping[str, Any]) -> bool:
    """Say whether a search is the one behind a page that lists datasets."""
    return bool(context.get("for_view")) and has_request_context() and tk.request.endpoint in PAGES


def answered(search: Search, context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Return what ``search`` finds for a page, and keep for its templates how that was read.

    What can't be read is left out, step by step: filters that are none, then an order that is none, then the syntax of the
    query. So is a syntax that finds nothing, where its words find something: people do not know that a quotation mark is one.
    ``answer["cqgov"]`` says so: ``instead`` is what was searched for, ``ignored`` the values of filters left out.

    A page of its own (503) says so when Solr does not answer, or refuses even plain words; an organisation's page is made
    without its list.
    """
    g.cqgov_facets = tuple(data_dict.get("facet.field") or ())
    asked, ignored = admitted(data_dict)
    plain = list_request.words(str(asked.get("q") or ""))
    unsorted = {**asked, "sort": None}
    ways = [asked, *([unsorted] if asked.get("sort") else []), {**unsorted, "q": plain or "*:*"}]
    for way in ways:
        try:
            found = search(context, way)
        except SolrConnectionError as error:
            if tk.request.endpoint in ABOUT:
                raise SearchError(str(error)) from error
            tk.abort(503, unanswered())
        except (SearchError, tk.ValidationError) as error:
            if way is ways[-1]:
                if isinstance(error, tk.ValidationError):
                    raise
                log.error("The index refuses even plain words: %s", error)
                tk.abort(503, unanswered())
        else:
            break
    instead = plain if way is ways[-1] else None
    if instead is None and plain and not found["count"] and not search_plan.readable(way) and not _exactly(way):
        by_words = search(context, {**way, "q": plain})
        if by_words["count"]:
            found, instead = by_words, plain
    reading = found.setdefault("cqgov", {})
    reading["instead"] = instead
    reading["ignored"] = ignored
    g.cqgov_reading = {**reading, "count": found["count"]}
    g.cqgov_folding = [
        search_alike.key(one.get("owner_org"), one.get("title"))
        for one in found["results"]
        if one.get("id") in reading.get("similar", ())
    ]
    return found


def unanswered() -> str:
    """Return what a reader is told when the search does not answer."""
    return tk._("The search does not answer at the moment. Please try again in a few minutes.")


def reading() -> dict[str, Any]:
    """Return how the search of this page was read: ``result["cqgov"]`` with all its keys, and ``count`` (``None`` before a search)."""
    kept = g.get("cqgov_reading") if has_request_context() else None
    nothing = {"read_as": None, "terms": [], "did_you_mean": [], "similar": {}, "instead": None, "ignored": []}
    kept = {**nothing, "count": None, **(kept or {})}
    kept.setdefault("datasets", kept["count"])
    return kept


def folded_titles() -> dict[str, list[str]]:
    """Return the titles of each series of which this page shows one entry for several, by the key of the series.

    One search for the whole page, as the reader; empty when nothing was folded or the index does not answer.
    """
    if (known := g.get("cqgov_folded")) is None:
        known = g.cqgov_folded = _folded_titles(g.get("cqgov_folding") or ())
    return known


def _folded_titles(keys: Collection[str]) -> dict[str, list[str]]:
    base = g.get("cqgov_unfiltered")
    if base is None or not keys:
        return {}
    either = f"+{ALIKE}:({' OR '.join(keys)})"
    asked = {**base, "fq": _narrowed(base["fq"], filters(), either), "rows": MOST_FOLDED, "facet": "false"}
    try:
        found = tk.get_action("package_search")(asking.reader(), {**asked, "fl": ["id", "title", ALIKE]})["results"]
    except (SearchError, tk.ValidationError):
        return {}
    titles: dict[str, list[str]] = {}
    for one in found:
        titles.setdefault(one.get(ALIKE, ""), []).append(one.get("title", ""))
    return titles


def filters() -> list[tuple[str, str]]:
    """Return the filters in the address of this page as ``(field, value)``, without repeats and without what filters nothing."""
    offered = g.get("cqgov_facets", ())
    return [pair for pair in dict.fromkeys(_given()) if list_request.filters_by(pair[0], offered)]


def counted(chosen: Iterable[tuple[str, str]]) -> int:
    """Return how many datasets have all words of this page's query and pass the filters ``chosen`` instead of the page's own.

    Asked for with the reader's rights; 0 before the page's own search and where the index does not answer.
    """
    base = g.get("cqgov_unfiltered")
    if base is None:
        return 0
    asked = {**base, "fq": _narrowed(base["fq"], chosen), "rows": 0, "facet": "false"}
    try:
        return tk.get_action("package_search")(asking.reader(), asked)["count"]
    except (SearchError, tk.ValidationError):
        return 0


def for_programs() -> dict[str, str]:
    """Return what ``package_search`` has to be sent for the datasets of this page in their order; empty before a search."""
    base = g.get("cqgov_unfiltered") if has_request_context() else None
    if base is None:
        return {}
    fq = _narrowed(base["fq"], filters())
    asked = {"q": base.get("q"), "fq": fq, "sort": tk.request.args.get("sort")}
    return {key: value for key, value in asked.items() if value}


def admitted(data_dict: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the search with every filter of the address as one safe clause, and the values that had to be left out.

    CKAN puts them in as ``field:"value"``, without escaping, and takes every parameter for a field: a link from a messenger
    (``?from=singlemessage``) would find nothing.
    """
    base = f" {data_dict.get('fq') or ''}"
    for field, value in _given():
        base = base.replace(f' {field}:"{value}"', "", 1)
    chosen = filters()
    asked = {**data_dict, "fq": _narrowed(base.strip(), chosen).strip()}
    asked["facet.limit"] = max(MOST_VALUES, tk.config["search.facets.limit"])
    asked["start"] = min(int(data_dict.get("start") or 0), list_request.FURTHEST)
    exact = {**(data_dict.get("extras") or {}), "ext_exact": "true"}
    kept = {key: data_dict[key] for key in ("q", "include_private") if key in data_dict}
    g.cqgov_unfiltered = {**kept, "extras": exact, "fq": base.strip()}
    return asked, [value[: list_request.LONGEST] for _, value in chosen if not list_request.readable(value)]


def _narrowed(fq: str, chosen: Iterable[tuple[str, str]], *more: str) -> str:
    """Return ``fq`` with the filters ``chosen``, without those that can't be asked for, and with ``more`` clauses."""
    clauses = [list_request.clause(field, value) for field, value in chosen if list_request.readable(value)]
    return " ".join((fq, *clauses, *more))


def _exactly(data_dict: Mapping[str, Any]) -> bool:
    return bool((data_dict.get("extras") or {}).get("ext_exact"))


def _given() -> list[tuple[str, str]]:
    """Return the parameters that CKAN's views take for filters."""
    return [
        (field, value)
        for field, value in tk.request.args.items(multi=True)
        if field not in HOUSEKEEPING and value and not field.startswith(("_", "ext_"))
    ]
