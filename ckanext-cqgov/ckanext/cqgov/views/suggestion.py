"""What the search boxes offer while somebody types, as a piece of a page."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.lib.search import SearchError, SolrConnectionError
from flask import Blueprint, Response, make_response

from ckanext.cqgov.catalogue.facets import PROVIDER
from ckanext.cqgov.domain.suggestion import marked

__all__ = ["blueprint"]

blueprint = Blueprint("cqgov_suggestion", __name__)


@blueprint.get("/suggest")
def suggest() -> Response:
    """Return the suggestions for ``q`` as groups of links, for the list of a search box (``assets/js/suggest.js``).

    Without a search service there are none: the box stays a plain form. Never kept by anybody: the next letter asks anew.
    """
    query = tk.request.args.get("q", "")
    try:
        found = tk.get_action("cqgov_suggest")({"user": tk.g.user, "auth_user_obj": tk.g.userobj}, {"q": query})
    except (SearchError, SolrConnectionError, tk.NotAuthorized, tk.ValidationError):
        found = {"titles": [], "organizations": [], "themes": []}
    groups = [group for group in _groups(found, query) if group["options"]]
    shown = {"groups": groups, "count": sum(len(group["options"]) for group in groups)}
    response = make_response(tk.render("cqgov/search/suggestions.html", shown))
    response.headers["Cache-Control"] = "no-store"
    return response


def _groups(found: dict[str, Any], query: str) -> list[dict[str, Any]]:
    """Return the groups as ``{title, options: [{url, pieces}]}``; each option leads to a list that can be filtered on.

    A title is searched for and not opened: it may stand for several that are shown once (the same table of other years).
    """
    described = (
        ("titles", tk._("Datasets"), lambda one: {"q": one["title"]}),
        ("organizations", tk._("Organisations"), lambda one: {PROVIDER: one["name"]}),
        ("themes", tk._("Theme"), lambda one: {"cqgov_theme": one["name"]}),
    )
    return [
        {
            "title": title,
            "options": [
                {"url": tk.url_for("dataset.search", **filters(one)), "pieces": marked(one["title"], query)}
                for one in found[key]
            ],
        }
        for key, title, filters in described
    ]
