"""Pages around the search: how results are ordered, and how to ask for data that the catalogue does not have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from flask import Blueprint

from ckanext.cqgov import rules
from ckanext.cqgov.domain import search_weights as weights

__all__ = ["blueprint"]

blueprint = Blueprint("cqgov_search", __name__)

LONGEST = 200
"""Characters of the words that a request is prefilled with."""

CONTACT = ("contact_unit", "contact_phone", "contact_email", "contact_address")
"""Custom fields of CKAN's organisation form under which an authority says how it is reached."""


@blueprint.get("/search-help")
def help():
    """Explain the order of results (排序说明), with the weights that are in force."""
    shown = {
        "places": places(),
        "other_name": percent(weights.OTHER_NAME),
        "related_word": percent(weights.RELATED_WORD),
        "fresh": percent(weights.FRESH),
        "used": percent(weights.USED) if p.plugin_loaded("tracking") else "",
    }
    return tk.render("cqgov/search/help.html", shown)


def places() -> list[dict[str, str]]:
    """Return where a word may stand as ``{text, number}``, with what it counts there."""
    named = {
        "title_zh": tk._("title"),
        "title_words": tk._("title, as a word of the dictionary"),
        "notes_zh": tk._("abstract"),
        "org_zh": tk._("names of the provider"),
        "text_zh": tk._("anywhere (also information items, tags, data files, theme)"),
    }
    rows = [(named[field], f"×{weight:g}") for field, weight in weights.FIELDS.items()]
    raised = [(named[field], weight) for field, weight in weights.WORDS.items()]
    for field, weight in weights.WHOLE.items():
        raised.append((tk._("{place}, the whole query in one piece").format(place=named[field]), weight))
    for size, fields in weights.NEIGHBOURS.items():
        for field, weight in fields.items():
            text = tk._("{place}, {number} characters of the query in a row").format(place=named[field], number=size)
            raised.append((text, weight))
    rows += [(text, f"+{percent(weight)}") for text, weight in raised]
    return [{"text": text[:1].upper() + text[1:], "number": number} for text, number in rows]


def percent(share: float) -> str:
    """Return a share as a reader writes it: 0.1 is 10%.

    >>> percent(0.1), percent(0.125)
    ('10%', '12.5%')
    """
    return f"{share * 100:g}%"


@blueprint.get("/request-data")
def request_data():
    """Say how to ask for data that the catalogue does not have; ``q`` is what was searched for.

    A plugin that takes such requests itself chains the helper ``cqgov_request_data_url``: readers are then sent on to it.
    """
    query = tk.request.args.get("q", "").strip()[:LONGEST]
    address = tk.h.cqgov_request_data_url(query)
    if address.partition("?")[0] != tk.url_for("cqgov_search.request_data"):
        return tk.redirect_to(address)
    shown = {
        "query": query,
        "authorities": [reached(one) for one in authorities()],
        "contact": (tk.config.get("ckanext.cqgov.request_data.contact") or "").strip(),
        "reply": rules.current().clocks.get("open_reply"),
    }
    return tk.render("cqgov/search/request_data.html", shown)


def authorities() -> list[dict[str, Any]]:
    """Return the competent departments for the city (Art. 5), as the organisation tree gives them."""
    tree = tk.get_action("cqgov_organization_tree")({"user": tk.g.user}, {"current": True})
    return [node for node in _all(tree) if node["authority"] and node["level"] == "city"]


def reached(node: dict[str, Any]) -> dict[str, Any]:
    """Return ``{name, title, contact}`` of an organisation; ``contact`` holds those of ``CONTACT`` that it has filled in."""
    found = tk.get_action("organization_show")({"user": tk.g.user}, {"id": node["id"], "include_users": False})
    extras = {extra["key"]: str(extra["value"]).strip() for extra in found.get("extras") or []}
    return {
        "name": node["name"],
        "title": node["title"] or node["name"],
        "contact": {key: extras[key] for key in CONTACT if extras.get(key)},
    }


def _all(nodes: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for node in nodes:
        yield node
        yield from _all(node["children"])
