"""What is looked through while somebody types: titles and themes in the search index, organisations in memory."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import ckan.plugins.toolkit as tk
import pysolr
from ckan.lib.search import SearchError, SolrConnectionError
from ckan.lib.search.query import solr_literal

from ckanext.cqgov.catalogue import frequency, rights
from ckanext.cqgov.catalogue.solr import connection
from ckanext.cqgov.clock import today
from ckanext.cqgov.domain.access import bearer
from ckanext.cqgov.domain.organization import LEVELS, Organization
from ckanext.cqgov.domain.slip import around, did_you_mean, parts
from ckanext.cqgov.domain.suggestion import Names, distinct, room
from ckanext.cqgov.domain.typed import clause
from ckanext.cqgov.logic import asking
from ckanext.cqgov.model import generation, organization, visibility

log = logging.getLogger(__name__)

FIRST, FURTHER = 12, 48
"""Titles that are asked for: near-equal ones are shown once, and a city's catalogue is full of them. Most words need only the
first; the others are asked for when too few of these differ."""

NEAR = 24
"""Titles that nearly sound like a query, which are compared with it."""

TITLE = "title_string"
"""CKAN's copy of the title, which Solr reads from its docValues: for the title itself it has to unpack whole entries."""

MOST_THEMES = 300
THEMES_KEPT = 60.0
"""Seconds until a new theme is looked for. What is kept only says which themes to ask the index about."""

MOST_ORGANIZATIONS = 50


class Titles(NamedTuple):
    """What the index answers: entries as ``{title, name}``, the best first, and themes that the asker's entries have."""

    titles: list[dict[str, str]]
    themes: list[str]


def titles(query: str, context: dict[str, Any], limit: int, beside: int = 0) -> Titles:
    """Return entries whose titles hold ``query`` as it is being typed and differ in more than a number, and such themes.

    As many as a list of ``limit`` suggestions shows with ``beside`` organisations found; one request to Solr, two where so many
    titles are alike that the first ones leave places empty.

    Only what the asker of ``context`` may see, and active. Raises CKAN's ``SearchError`` or ``SolrConnectionError``.
    """
    try:
        themes = _themes().find(query, MOST_THEMES)
        typed = f"{{!lucene tag=typed q.op=OR}}{clause(query, ['title'])}"
        found = _answer(typed, context, **_best(FIRST), **({"params": _counting(themes)} if themes else {}))
        counted = found["facet_counts"]["facet_queries"] if themes else {}
        shown = [theme for place, theme in enumerate(themes) if counted.get(f"theme{place}")][:limit]
        wanted = room(limit, beside, len(shown))
        entries = _titled(found)
        if len(distinct(entries, limit)) < wanted and found["response"]["numFound"] > FIRST:
            entries += _titled(_answer(typed, context, **_best(FURTHER, FIRST)))
        differing = distinct(_still_seen(entries, context), limit)
    except pysolr.SolrError as error:
        if "Failed to connect" in str(error) or "timed out" in str(error):
            raise SolrConnectionError("Solr returned an error while searching.") from error
        raise SearchError(f"Solr returned an error while suggesting: {error}") from error
    return Titles(differing, shown)


def _best(limit: int, offset: int = 0) -> dict[str, Any]:
    return {"limit": limit, "offset": offset, "fields": [TITLE, "name"], "sort": "score desc, cqgov_changed_on desc"}


def _titled(found: dict[str, Any]) -> list[dict[str, str]]:
    """Return the entries of an answer that have a title."""
    return [{"title": one[TITLE], "name": one["name"]} for one in found["response"]["docs"] if one.get(TITLE)]


def _still_seen(entries: list[dict[str, str]], context: dict[str, Any]) -> list[dict[str, str]]:
    """Return those of the entries that the asker may still see: the index may be behind the database; one query."""
    labels = rights.labels(context)
    if labels is None or not entries:
        return entries
    seen = visibility.names((one["name"] for one in entries), bearer(labels))
    return [one for one in entries if one["name"] in seen]


def _counting(themes: Sequence[str]) -> dict[str, Any]:
    """Return the parameters that count the asker's entries of each theme, whatever has been typed."""
    return {
        "facet": "true",
        "facet.query": [
            f"{{!term f=cqgov_theme ex=typed key=theme{place} v=$theme{place}}}" for place in range(len(themes))
        ],
        **{f"theme{place}": theme for place, theme in enumerate(themes)},
    }


_known_themes: tuple[float, Names] | None = None


def _themes() -> Names:
    """Return the themes that any entry had of late: only to know which of them to count for the asker."""
    global _known_themes
    now = time.monotonic()
    if _known_themes is None or now - _known_themes[0] > THEMES_KEPT:
        found = connection().search(
            "*:*",
            rows=0,
            facet="true",
            **{"facet.field": "cqgov_theme", "facet.limit": MOST_THEMES, "facet.mincount": 1},
        )
        themes = found.facets["facet_fields"]["cqgov_theme"][::2]
        _known_themes = now, Names.of((theme, (theme,)) for theme in themes)
    return _known_themes[1]


def _answer(query: str, context: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return Solr's answer to a JSON request for what the asker may see."""
    return connection().asked({"query": query, "filter": _seen(context), **more})


def doubtful(query: str, context: dict[str, Any]) -> bool:
    """Say whether a query has neighbouring characters, or a word, that no entry which the asker may see has: a slip, or
    something unknown here."""
    asked = parts(query)
    known, _ = frequency.of(asked, rights.labels(context)) if asked else ({}, 0)
    return known is not None and any(not known.get(part) for part in asked)


def meant(query: str, context: dict[str, Any], titles: Iterable[str] = ()) -> tuple[str, ...]:
    """Return what a query that found nothing may have been meant to be, by ``titles`` and by those that nearly sound like it.

    Only titles that the asker may see are compared; one request to Solr. A failing search service means no proposals.
    """
    nearly = around(query, ["title"])
    if not nearly:
        return did_you_mean(query, titles)
    try:
        asked = {"fields": [TITLE, "name"], "limit": NEAR}
        found = _still_seen(_titled(_answer(f"{{!lucene q.op=OR}}{nearly}", context, **asked)), context)
    except pysolr.SolrError as error:
        log.warning("No titles to compare a query with: %s", error)
        return did_you_mean(query, titles)
    return did_you_mean(query, [*titles, *(one["title"] for one in found)])


def _seen(context: dict[str, Any]) -> list[str]:
    """Return the filters for what the asker may see, as CKAN's ``package_search`` makes them for its own list page."""
    filters = [f"+site_id:{solr_literal(tk.config.get('ckan.site_id'))}", "+state:active", "+dataset_type:dataset"]
    user = asking.user(context)
    if user is None or not tk.config.get("ckan.search.default_include_private"):
        filters.append("+capacity:public")
    return [*filters, *rights.filters(rights.labels(context))]


def organizations(query: str, most: int) -> list[dict[str, str]]:
    """Return at most ``most`` organisations of today as ``{title, name}`` with ``query`` in any of their names.

    Those whose name begins with it come first, then the city's before the districts'.
    """
    found = _organizations.get().find(query, MOST_ORGANIZATIONS)
    living = [one for one in found if one.valid(today())]
    return [{"title": one.title or one.name, "name": one.name} for one in living[:most]]


def _load() -> Names:
    levels = list(LEVELS)
    known = sorted(
        organization.everything(),
        key=lambda one: levels.index(one.level) if one.level in levels else len(levels),
    )
    return Names.of((one, _names(one)) for one in known)


_organizations = generation.Remembered("organizations", _load, unasked=2.0)


def _names(one: Organization) -> Sequence[str]:
    return (one.title or one.name, *one.aliases, *one.former_names)
