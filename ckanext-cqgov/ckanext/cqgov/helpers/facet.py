"""Template helpers of the filters beside a list: their values and counts, the tree of providers, and the filters in use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

import ckan.plugins.toolkit as tk
from flask import g

from ckanext.cqgov import divisions
from ckanext.cqgov.catalogue import list_page
from ckanext.cqgov.catalogue.facets import PROVIDER
from ckanext.cqgov.domain import facet_tree
from ckanext.cqgov.domain.search_freshness import FRESHNESS
from ckanext.cqgov.helpers.dataset import cqgov_label, cqgov_vocabulary
from ckanext.cqgov.helpers.organization import cqgov_division_name
from ckanext.cqgov.language import pick
from ckanext.cqgov.model import organization

__all__ = [
    "cqgov_any_facet",
    "cqgov_chips",
    "cqgov_facet",
    "cqgov_facet_value",
    "cqgov_hidden_fields",
    "cqgov_providers",
    "cqgov_sidebar",
]

MANAGED = (PROVIDER, "organization")


def cqgov_facet(name: str, search_facets: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a facet as ``{items: [{name, label, count, active, url}], more, fewer}``.

    Few and fixed values keep the order of the rules, others come by count. ``more`` and ``fewer`` are the addresses that
    show all values or only the first; ``None`` where there is nothing to show or to hide.
    """
    items = ((search_facets or {}).get(name) or {}).get("items") or []  # none at all while the search is away
    order = {code: place for place, code in enumerate(cqgov_facet_order(name))}
    used = parameters()
    chosen = {value for field, value in used if field == name} - {item["name"] for item in items}
    items = [*items, *({"name": value, "count": 0} for value in sorted(chosen))]  # to be taken away here too
    shown = [
        {
            "name": item["name"],
            "label": cqgov_facet_value(name, item["name"], item.get("display_name")),
            "count": item["count"],
            "active": (name, item["name"]) in used,
            "url": _toggled(used, name, item["name"]),
        }
        for item in items
    ]
    shown.sort(key=lambda item: (order.get(item["name"], len(order)), -item["count"], item["label"]))
    limit = _limit(name)
    few = [item for place, item in enumerate(shown) if not limit or place < limit or item["active"]]
    return {"items": few, **_more(name, len(shown) > len(few))}


def cqgov_sidebar(facet_titles: Mapping[str, str], search_facets: Mapping[str, Any]) -> Any:
    """Return the filters of the page, drawn once: CKAN's page draws its sidebar a first time only to see whether it is empty."""
    drawn = g.get("cqgov_sidebar")
    if drawn is None:
        given = {"facet_titles": facet_titles, "search_facets": search_facets or {}}
        drawn = g.cqgov_sidebar = tk.h.snippet("package/snippets/search_facets.html", **given)
    return drawn


def cqgov_any_facet(search_facets: Mapping[str, Any] | None) -> bool:
    """Say whether there is anything to filter by."""
    return any(facet.get("items") for facet in (search_facets or {}).values())


def cqgov_providers(search_facets: Mapping[str, Any]) -> dict[str, Any]:
    """Return the providers of what was found as ``{items, more, fewer}``; an item is a branch of the tree:
    ``{name, label, count, active, open, url, items}``, ``count`` ``None`` above a selected one.
    """
    counts = {item["name"]: item["count"] for item in ((search_facets or {}).get(PROVIDER) or {}).get("items") or []}
    selected = [value for field, value in list_page.filters() if field == PROVIDER]
    known = organization.branches({*counts, *selected})
    parents = {name: one.parent for name, one in known.items()}
    titles = {name: one.title for name, one in known.items()}
    tree = facet_tree.grown(counts, parents, selected, order=lambda name: titles.get(name, name))
    limit = _limit(PROVIDER)
    hidden = [False]
    others = [pair for pair in parameters() if pair[0] != PROVIDER]

    def shown(branches: Iterable[facet_tree.Branch]) -> list[dict[str, Any]]:
        found = []
        for place, branch in enumerate(branches):
            if limit and place >= limit and not (branch.selected or branch.total is None):
                hidden[0] = True
                continue
            found.append(
                {
                    "name": branch.name,
                    "label": titles.get(branch.name, branch.name),
                    "count": branch.total,
                    "active": branch.selected,
                    "open": branch.open,
                    "url": list_url(others if branch.selected else [*others, (PROVIDER, branch.name)]),
                    "items": shown(branch.children),
                }
            )
        return found

    items = shown(tree)
    return {"items": items, **_more(PROVIDER, hidden[0])}


def cqgov_chips(offered: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the filters in use as ``{field, title, value, label, url}``; ``url`` is this list without the filter."""
    return chips(offered)


def cqgov_hidden_fields() -> list[tuple[str, str]]:
    """Return the filters in use as the search form sends them on: hidden fields beside the words and the order."""
    return [pair for pair in parameters() if pair[0] not in ("q", "sort", "ext_exact")]


def chips(offered: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return ``cqgov_chips``; ``offered`` are the facets of the page with their titles."""
    used = parameters()
    return [
        {
            "field": field,
            "title": offered.get(field) or title(field),
            "value": value,
            "label": cqgov_facet_value(field, value),
            "url": _toggled(used, field, value),
        }
        for field, value in list_page.filters()
    ]


def title(field: str) -> str:
    """Return the title of a filter that is no facet of the page."""
    titles = {
        PROVIDER: tk._("Provider"),
        "organization": tk._("Provider"),
        "cqgov_sharing_type": tk._("Sharing type"),
        list_page.ALIKE: tk._("Similar datasets"),
        "tags": tk._("Tags"),
        "groups": tk._("Groups"),
        "license_id": tk._("License"),
    }
    return titles.get(field, field)


def cqgov_facet_value(field: str, value: str, display_name: str | None = None) -> str:
    """Return the words for a value of a facet in the page's language; a value that stands for nothing known as it is."""
    if value in cqgov_vocabulary(field):
        return cqgov_label(field, value)
    if field == list_page.ALIKE:
        return tk._("all of one series")
    if field == "cqgov_region":
        return cqgov_division_name(value) or _division_once(value) or value
    if field == "cqgov_freshness":
        words = pick(FRESHNESS[value]) if value in FRESHNESS else value
        return words[:1].upper() + words[1:]
    if field in MANAGED:
        if display_name and display_name != value:
            return display_name
        one = organization.branches([value]).get(value)
        return one.title if one else value
    return display_name or value


def cqgov_facet_order(field: str) -> list[str]:
    """Return the values of a facet that has a natural order, in it; empty for one that is ordered by count."""
    if field == "cqgov_freshness":
        return list(FRESHNESS)
    return (
        list(cqgov_vocabulary(field))
        if field in ("cqgov_opening_type", "cqgov_sharing_type", "cqgov_update_cycle")
        else []
    )


def parameters() -> list[tuple[str, str]]:
    """Return the parameters of this page's address without its page number and what no list knows, each pair once."""
    filters = set(list_page.filters())
    given = dict.fromkeys(tk.request.args.items(multi=True))
    return [
        (key, value)
        for key, value in given
        if value and (key in ("q", "sort") or key.startswith(("_", "ext_")) or (key, value) in filters)
    ]


def list_url(pairs: Iterable[tuple[str, str]]) -> str:
    """Return the address of this list with the given parameters, in the language of the page."""
    query = urlencode(list(pairs))
    here = g.get("cqgov_list_path")
    if here is None:  # a page has a hundred of these links, and CKAN takes its time over each
        here = g.cqgov_list_path = tk.url_for(quote(tk.request.path))
    return here + (f"?{query}" if query else "")


def _toggled(used: list[tuple[str, str]], field: str, value: str) -> str:
    pair = (field, value)
    if field == list_page.ALIKE:
        used = [one for one in used if one[0] != "ext_similar"]  # the list folds again when its series is left
    return list_url([one for one in used if one != pair] if pair in used else [*used, pair])


def _limit(name: str) -> int:
    value = tk.request.args.get(f"_{name}_limit", "")
    return int(value) if value.isascii() and value.isdigit() else tk.config["search.facets.default"]


def _more(name: str, hidden: bool) -> dict[str, str | None]:
    key = f"_{name}_limit"
    kept = [pair for pair in parameters() if pair[0] != key]
    widened = key in tk.request.args
    return {
        "more": list_url([*kept, (key, "0")]) if hidden else None,
        "fewer": list_url(kept) if widened and not hidden else None,
    }


def _division_once(code: str) -> str:
    past = max((one for one in divisions.current() if one.code == code), key=lambda one: one.valid_from, default=None)
    return past.name if past else ""
