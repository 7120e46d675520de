"""Template helpers of the list of results: how the words were read, what is marked, what is like a result, ways out of nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.lib.search import SearchError
from flask import g
from markupsafe import Markup, escape

from ckanext.cqgov.catalogue import list_page
from ckanext.cqgov.domain import highlight, plain_text, search_alike
from ckanext.cqgov.domain.highlight import Piece
from ckanext.cqgov.helpers.dataset import cqgov_label
from ckanext.cqgov.helpers.facet import chips, list_url, parameters
from ckanext.cqgov.logic import asking

__all__ = [
    "cqgov_excerpt",
    "cqgov_marked",
    "cqgov_organizations_named",
    "cqgov_reading",
    "cqgov_request_data_url",
    "cqgov_search_as_data_url",
    "cqgov_search_url",
    "cqgov_similar",
    "cqgov_telling",
    "cqgov_themes",
    "cqgov_unfiltered_url",
    "cqgov_ways_out",
]

WAYS_OUT = 6
"""Filters that are tried without, each a small search; nobody sets more by hand."""


def cqgov_reading() -> dict[str, Any]:
    """Return how the search of this page was read; see ``catalogue.list_page.reading``."""
    return list_page.reading()


def cqgov_marked(text: str | None) -> Markup:
    """Return a text, escaped, with what was searched for in ``<mark>``; off a list of results nothing is marked."""
    return _drawn(highlight.marked(text or "", list_page.reading()["terms"]))


def cqgov_excerpt(pkg: Mapping[str, Any]) -> Markup:
    """Return the part of an entry's abstract that shows best why it was found, escaped and marked; else its beginning."""
    return _drawn(highlight.excerpt(abstract(pkg), list_page.reading()["terms"]))


def cqgov_telling(pkg: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what answers for the words that neither title nor abstract of an entry has, as ``{text, names}``.

    Information items first, then the files, then the tags; at most three names of a kind, each escaped and marked.
    """
    terms = list_page.reading()["terms"]
    if not terms:
        return []
    provider = (pkg.get("organization") or {}).get("title") or ""
    shown = [pkg.get("title") or "", abstract(pkg), provider, pkg.get("provider_unit") or ""]
    kinds = (
        (tk._("Information items"), [item.get("name") for item in _dicts(pkg.get("items"))]),
        (tk._("Data files"), [file.get("name") for file in _dicts(pkg.get("resources"))]),
        (tk._("Tags"), [tag.get("display_name") or tag.get("name") for tag in _dicts(pkg.get("tags"))]),
    )
    told = []
    for text, names in kinds:
        names = [name for name in names if name]
        found = highlight.telling(names, terms, shown)
        if found:
            told.append({"text": text, "names": [_drawn(pieces) for pieces in found]})
            shown.extend(names)
    return told


def cqgov_similar(pkg: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what was folded into a result as ``{number, years, url}``; ``None`` when nothing was.

    ``years`` is what the titles of all of them span (``2018–2023``), empty when they name no years.
    """
    number = list_page.reading()["similar"].get(pkg.get("id"))
    key = search_alike.key(pkg.get("owner_org"), pkg.get("title")) if number else None
    if not key:
        return None
    kept = [pair for pair in parameters() if pair[0] not in ("ext_similar", list_page.ALIKE)]
    url = list_url([*kept, ("ext_similar", "all"), (list_page.ALIKE, key)])
    return {"number": number, "years": search_alike.years(list_page.folded_titles().get(key, ())), "url": url}


def cqgov_search_url(query: str, page: int = 1) -> str:
    """Return the address of this list for other words, with the filters as they are, or of another page of it."""
    kept = [pair for pair in parameters() if pair[0] not in ("q", "ext_exact", "page")]
    return list_url([("q", query), *kept, *([("page", str(page))] if page > 1 else [])])


def cqgov_search_as_data_url() -> str:
    """Return the address at which a program finds what this list shows: the same words, filters and order."""
    return tk.url_for("api.action", ver=3, logic_function="package_search", **list_page.for_programs())


def cqgov_unfiltered_url() -> str:
    """Return the address of this list for the same words without any filter."""
    return list_url([pair for pair in parameters() if pair[0] == "q"])


def cqgov_ways_out(offered: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the filters without which something is found, as ``{field, title, label, url, count}``, most first.

    ``offered`` are the facets of the page with their titles. Each count is asked for with the rights of the reader.
    """
    ways = []
    for chip in chips(offered)[:WAYS_OUT]:
        count = list_page.counted([pair for pair in list_page.filters() if pair != (chip["field"], chip["value"])])
        if count:
            ways.append({**chip, "count": count})
    return sorted(ways, key=lambda way: -way["count"])


def cqgov_themes(limit: int = 18) -> list[dict[str, Any]]:
    """Return the themes of the whole catalogue as ``{code, text, count}``, most entries first; empty when the index is silent."""
    asked = {"fq": "+dataset_type:dataset", "rows": 0, "facet.field": ["cqgov_theme"], "facet.limit": limit}
    try:
        found = tk.get_action("package_search")(asking.reader(), asked)
    except SearchError:
        return []
    items = sorted(found["search_facets"]["cqgov_theme"]["items"], key=lambda item: (-item["count"], item["name"]))
    return [
        {"code": item["name"], "text": cqgov_label("opening_theme", item["name"]), "count": item["count"]}
        for item in items
    ]


def cqgov_organizations_named(query: str) -> list[dict[str, str]]:
    """Return the organisations that words or pinyin may mean as ``{title, name}``, as a search box offers them."""
    try:
        return tk.get_action("cqgov_suggest")(asking.reader(), {"q": query})["organizations"]
    except (SearchError, tk.ValidationError):
        return []


def cqgov_request_data_url(query: str = "") -> str:
    """Return where a reader asks for data that the catalogue does not have; ``query`` is what was searched for.

    A plugin that takes such requests itself chains this helper and returns its own page: the links here and the page
    that stands in for it then lead there.
    """
    return tk.url_for("cqgov_search.request_data", **({"q": query} if query else {}))


def abstract(pkg: Mapping[str, Any]) -> str:
    """Return the abstract of an entry as plain text, whole; within a page it is made of its Markdown at most once."""
    notes = tk.h.get_translated(pkg, "notes") or ""
    if plain_text.plain(notes):
        return notes
    texts = g.setdefault("cqgov_abstracts", {})
    if notes not in texts:
        texts[notes] = str(tk.h.markdown_extract(notes, extract_length=0))
    return texts[notes]


def _dicts(values: Any) -> list[Mapping[str, Any]]:
    return [value for value in values if isinstance(value, Mapping)] if isinstance(values, list) else []


def _drawn(pieces: Iterable[Piece]) -> Markup:
    mark = Markup("<mark>{}</mark>")
    return Markup("").join(mark.format(piece.text) if piece.hit else escape(piece.text) for piece in pieces)
