"""What is offered while somebody types into a search box."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.cqgov.catalogue import suggestion
from ckanext.cqgov.domain.suggestion import MOST, shares
from ckanext.cqgov.domain.typed import ways
from ckanext.cqgov.logic.input import Input

__all__ = ["cqgov_suggest"]

LONGEST_QUERY = 100_000
"""Characters that are taken without a complaint; what nobody types has no suggestions."""


@tk.side_effect_free
def cqgov_suggest(context: Any, data_dict: Any) -> dict[str, Any]:
    """Return what may be meant by what has been typed so far; open to everyone, each sees what a search would show.

    ``q`` is characters, full pinyin, initials or a mixture (``停车``, ``tingche``, ``tcc``, ``停c``); words are parted by
    blanks. ``limit`` (1 to 9, default 9) is how many suggestions are wanted in all.

    :returns: ``{titles, organizations, themes}``, lists of ``{title, name}``: the ``name`` is a dataset's, an
        organisation's, and for a theme the value of the filter ``cqgov_theme``. Empty lists when nothing fits.
    :raises ValidationError: when ``q`` is no text or ``limit`` no such number.
    """
    tk.check_access("cqgov_suggest", context, data_dict)
    given = Input(data_dict)
    query = given.text("q", limit=LONGEST_QUERY) or ""
    limit = given.number("limit", 1, MOST, MOST) or MOST
    given.done()
    if not ways(query):
        return {"titles": [], "organizations": [], "themes": []}
    organizations = suggestion.organizations(query, limit)
    found = suggestion.titles(query, context, limit, len(organizations))
    themes = found.themes
    of_titles, of_organizations, of_themes = shares(limit, len(found.titles), len(organizations), len(themes))
    return {
        "titles": found.titles[:of_titles],
        "organizations": organizations[:of_organizations],
        "themes": [{"title": theme, "name": theme} for theme in themes[:of_themes]],
    }
