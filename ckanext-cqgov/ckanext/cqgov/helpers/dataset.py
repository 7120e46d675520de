"""Template helpers of the dataset pages: names of codes, badges, how to get the data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.cqgov import rules
from ckanext.cqgov.domain.rules import Entry
from ckanext.cqgov.language import pick

__all__ = [
    "cqgov_access",
    "cqgov_cite",
    "cqgov_entries",
    "cqgov_facet_labels",
    "cqgov_label",
    "cqgov_meaning",
    "cqgov_translated_facets",
    "cqgov_vocabulary",
]

# Which section of which file names the codes of a field.
DECREE_SECTIONS = {
    "sharing_type": "sharing_types",
    "opening_type": "opening_types",
    "sharing_basis_kind": "basis_kinds",
    "opening_basis_kind": "basis_kinds",
    "base_kind": "base_kinds",
    "thematic_kind": "thematic_kinds",
}
GUIDE_SECTIONS = {
    "guide_base_class": "guide_base_classes",
    "format_class": "format_classes",
    "sharing_mode_class": "sharing_mode_classes",
    "sharing_mode_type": "sharing_mode_types",
    "update_cycle": "update_cycles",
    "items.type": "data_types",
    "items.personal": "personal_classes",
}


def cqgov_vocabulary(field: str) -> Mapping[str, Entry]:
    """Return the values a field may take, code -> entry, in the order of the rules file; empty for a field of free text."""
    if field in DECREE_SECTIONS:
        entries = rules.current().section(DECREE_SECTIONS[field])
        if field in ("sharing_basis_kind", "opening_basis_kind"):
            what = field.partition("_")[0]
            return {code: entry for code, entry in entries.items() if what in entry.restricts}
        return entries
    if field in GUIDE_SECTIONS:
        return rules.guide().section(GUIDE_SECTIONS[field])
    return {}


def cqgov_entries(field: str) -> list[Entry]:
    """Return the entries of ``cqgov_vocabulary(field)``."""
    return list(cqgov_vocabulary(field).values())


def cqgov_label(field: str, code: Any) -> str:
    """Return the name of a code in the page's language; a value that is no code (free text) is returned as it is."""
    entry = cqgov_vocabulary(field).get(code) if code else None
    return pick(entry.text) if entry else str(code or "")


def cqgov_meaning(field: str, code: str | None) -> str:
    """Return in one sentence what a sharing or opening type means for the reader; empty for anything else."""
    meanings = {
        "opening_type": {
            "unconditional": tk._("Anybody may download it at once, without an account and without giving a reason."),
            "conditional": tk._("It is given on conditions: read the condition and ask the provider."),
            "closed": tk._("It is not given to the public; the law it rests on is stated in the record."),
        },
        "sharing_type": {
            "unconditional": tk._("Every government department may use it."),
            "conditional": tk._("Given departments may use it, or departments that meet the condition."),
            "withheld": tk._("No other department may use it; the law it rests on is stated in the record."),
        },
    }
    return meanings.get(field, {}).get(code or "", "")


def cqgov_cite(article: str | None) -> str:
    """Return how an article of the decree is cited in the page's language; empty without an article."""
    return pick(rules.current().cite(article)) if article else ""


def cqgov_access(pkg: Mapping[str, Any]) -> str:
    """Return how the public gets the data of an entry: ``listing``, ``direct``, ``condition``, ``closed`` or ``unknown``.

    An entry without an opening type is treated as closed, but the page says that it has not been classified (``unknown``).
    """
    if pkg.get("origin") == "listing":
        return "listing"
    return {"unconditional": "direct", "conditional": "condition", "closed": "closed"}.get(
        pkg.get("opening_type") or "", "unknown"
    )


def cqgov_facet_labels(name: str) -> Callable[[Mapping[str, Any]], str]:
    """Return the function that names the values of the facet ``name``: names of codes, else CKAN's display names."""
    entries = cqgov_vocabulary(name)
    return lambda item: cqgov_label(name, item["name"]) if item["name"] in entries else item["display_name"]


def cqgov_translated_facets(fields_grouped: Mapping[str, list[str]]) -> dict[tuple[str, str], str]:
    """Return ``{(facet, value): words}`` for the filters in use, in the form that CKAN's search form takes."""
    return {
        (name, value): cqgov_label(name, value)
        for name, values in fields_grouped.items()
        if cqgov_vocabulary(name)
        for value in values
    }
