"""Template helpers of the portal pages: navigation, language names, the figures on the home page."""

from __future__ import annotations

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
from ckan.lib.search import SearchError, SolrConnectionError
from flask import current_app

from ckanext.cqgov import page_cache
from ckanext.cqgov.catalogue import search_outage
from ckanext.cqgov.domain.share import bar
from ckanext.cqgov.helpers.dataset import cqgov_label, cqgov_vocabulary
from ckanext.cqgov.model.organization import Organization

__all__ = [
    "cqgov_at",
    "cqgov_demo_notice",
    "cqgov_home",
    "cqgov_language_name",
    "cqgov_navigation",
    "cqgov_search_away",
]

LANGUAGE_NAMES = {"zh_Hans_CN": "简体中文", "zh_Hant_TW": "繁體中文", "en": "English"}
NAVIGATION = (
    ("dataset.search", ("dataset", "dataset_resource", "cqgov_dataset", "cqgov_catalogue", "cqgov_search")),
    ("cqgov_organization.tree", ("organization", "cqgov_organization")),
    ("cqgov_calendar.due_date", ("cqgov_calendar",)),
    ("home.about", ()),
)
LATEST, THEMES = 6, 18


def cqgov_at(endpoint: str) -> bool:
    """Return whether the current page is ``endpoint``, such as ``home.index``; never on an error page."""
    return tk.request.endpoint == endpoint


def cqgov_navigation() -> list[dict[str, Any]]:
    """Return the main navigation as ``{url, text, here}``, in order; ``here`` marks the part of the portal being read.

    A page that the running portal does not have is left out.
    """
    texts = (tk._("Data catalogue"), tk._("Organisations"), tk._("Due dates"), tk._("About"))
    current = tk.request.endpoint or ""
    return [
        {
            "url": tk.url_for(endpoint),
            "text": text,
            "here": current == endpoint or current.partition(".")[0] in blueprints,
        }
        for (endpoint, blueprints), text in zip(NAVIGATION, texts, strict=True)
        if endpoint in current_app.view_functions
    ]


def cqgov_language_name(locale: str) -> str:
    """Return the name of a locale in its own language (``zh_Hans_CN`` is 简体中文)."""
    return LANGUAGE_NAMES.get(locale, locale)


def cqgov_search_away() -> str:
    """Return what a page that goes on without the search tells its reader about that; empty while the search answers."""
    if not search_outage.is_noted() and not search_outage.rests():
        return ""
    return tk._("The search does not answer at the moment: lists and numbers may be missing here. The rest goes on.")


def cqgov_demo_notice() -> str:
    """Return what to tell a visitor when organisations of the demonstration city are loaded; empty in a real portal."""
    if not model.Session.query(model.Session.query(Organization).filter_by(demo=True).exists()).scalar():
        return ""
    return tk._(
        "This is a demonstration: codes and accounts are invented, and entries marked as sample data come from other "
        "portals or are made up. Nothing here is an official statement of any authority."
    )


def cqgov_home() -> dict[str, Any]:
    """Return what the home page shows, as an anonymous visitor may see it.

    ``{datasets, organizations, opening: [bar segments], themes: [{code, text, count}], latest: [package]}``; when the
    search index does not answer the figures are ``None`` and the lists empty, so that the page still stands.
    """
    organizations = model.Session.query(model.Group).filter_by(is_organization=True, state="active").count()
    try:
        found = tk.get_action("package_search")(
            {"user": "", "auth_user_obj": None},
            {
                "fq": "+dataset_type:dataset",
                "facet.field": ["cqgov_opening_type", "cqgov_theme"],
                "facet.limit": THEMES,
                "rows": LATEST,
                "sort": "metadata_created desc",
            },
        )
    except (SearchError, SolrConnectionError):
        page_cache.passing()
        return {"datasets": None, "organizations": organizations, "opening": [], "themes": [], "latest": []}
    facets = {name: facet["items"] for name, facet in found["search_facets"].items()}
    counts = {item["name"]: item["count"] for item in facets["cqgov_opening_type"]}
    return {
        "datasets": found["count"],
        "organizations": organizations,
        "opening": [
            {"code": part.code, "text": cqgov_label("opening_type", part.code), "part": part}
            for part in bar([(code, counts.get(code, 0)) for code in cqgov_vocabulary("opening_type")])
            if part.count
        ],
        "themes": [
            {"code": item["name"], "text": cqgov_label("opening_theme", item["name"]), "count": item["count"]}
            for item in sorted(facets["cqgov_theme"], key=lambda item: (-item["count"], item["name"]))
        ],
        "latest": found["results"],
    }
