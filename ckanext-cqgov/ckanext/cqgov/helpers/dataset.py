"""Template helpers of the dataset pages: names of codes, badges, how to get the data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk
from flask import g, has_request_context

from ckanext.cqgov import divisions, rules
from ckanext.cqgov.catalogue.index import FILTERS
from ckanext.cqgov.domain.catalogue import ALL, ITEM_FIELDS, Field, vocabulary
from ckanext.cqgov.domain.catalogue_values import blank
from ckanext.cqgov.domain.catalogue_vocabulary import Vocabulary
from ckanext.cqgov.domain.rules import Entry
from ckanext.cqgov.helpers.organization import cqgov_division_name
from ckanext.cqgov.language import pick

__all__ = [
    "cqgov_access",
    "cqgov_card_words",
    "cqgov_entries",
    "cqgov_facts",
    "cqgov_label",
    "cqgov_meaning",
    "cqgov_missing",
    "cqgov_vocabulary",
]

ITEM_VOCABULARIES = {f"items.{field.key}": field.vocabulary for field in ITEM_FIELDS if field.vocabulary}
VOCABULARIES = {field.key: field.vocabulary for field in ALL if field.vocabulary} | ITEM_VOCABULARIES


def cqgov_vocabulary(field: str) -> Mapping[str, Entry]:
    """Return the values a field may take, code -> entry, in the order of the rules file; empty for a field of free text.

    ``items.type`` and ``items.personal`` are the choices of the information-item table; a filter of the search index
    (``cqgov_opening_type``) stands for the field that it filters by.
    """
    field = FILTERS.get(field, field)
    section = VOCABULARIES.get(field)
    if not section:
        return {}
    entries = _vocabulary().entries(section)
    if section == "basis_kinds":
        what = field.partition("_")[0]
        return {code: entry for code, entry in entries.items() if what in entry.restricts}
    return entries


def _vocabulary() -> Vocabulary:
    """Return the choices in force; a page, which asks for a hundred, looks at the rules files once."""
    if not has_request_context():
        return vocabulary(rules.current(), rules.guide())
    if "cqgov_choices" not in g:
        g.cqgov_choices = vocabulary(rules.current(), rules.guide())
    return g.cqgov_choices


def cqgov_entries(field: str) -> list[Entry]:
    """Return the entries of ``cqgov_vocabulary(field)``."""
    return list(cqgov_vocabulary(field).values())


def cqgov_label(field: str, code: Any) -> str:
    """Return the name of a code in the page's language; a value that is no code (free text) is returned as it is."""
    entry = cqgov_vocabulary(field).get(code) if code else None
    words = pick(entry.text) if entry else str(code or "")
    return words[:1].upper() + words[1:] if entry else words


def cqgov_card_words() -> Mapping[str, str]:
    """Return the words that every entry of a list repeats, in the page's language; translated once a page.

    A translated word costs forty microseconds, and a list of entries has two hundred.
    """
    language = tk.h.lang()
    kept = g.get("cqgov_card_words")
    if kept is None or kept[0] != language:
        words = {
            "provider": tk._("Provider"),
            "update_cycle": tk._("Update cycle"),
            "date": tk._("Date"),
            "formats": tk._("Formats"),
            "comma": tk._(", "),
            "opening_type": tk._("Opening type"),
            "unclassified": tk._("Not yet classified"),
            "listing": tk._("Source listing"),
            "sample": tk._("Sample data"),
        }
        kept = g.cqgov_card_words = (language, words)
    return kept[1]


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


def cqgov_facts(pkg: Mapping[str, Any], section: str) -> list[dict[str, str]]:
    """Return what the page of an entry shows of one section of the field table: ``{key, label, value}`` for what is filled in.

    CKAN's own fields and the item table have their own places on the page and are left out, and so is a "no".
    """
    facts = []
    for field in ALL:
        value = pkg.get(field.key)
        if (
            field.section == section
            and not field.core
            and field.kind != "items"
            and not blank(value)
            and value is not False
        ):
            facts.append({"key": field.key, "label": pick(field.label), "value": words(field, value)})
    return facts


def words(field: Field, value: Any) -> str:
    """Return the value of a field as a reader sees it: names for codes, 是/否, lists joined."""
    if field.kind == "choice":
        return cqgov_label(field.key, value)
    if field.kind == "bool":
        return tk._("Yes") if value else tk._("No")
    if field.kind == "list":
        entries = value if isinstance(value, list) else [value]
        if field.key == "region":
            entries = [placed(str(entry)) for entry in entries]
        return (" / " if field.key == "class_path" else tk._(", ")).join(str(entry) for entry in entries)
    return str(value)


def placed(code: str) -> str:
    """Return a division code with the name it has today, or last had and what it is part of now; an unknown code alone."""
    name = cqgov_division_name(code)
    if name:
        return tk._("{name} ({code})").format(name=name, code=code)
    known = divisions.current()
    past = max((one for one in known if one.code == code), key=lambda one: one.valid_from, default=None)
    if past is None:
        return code
    heirs = known.successors(past)
    if not heirs:
        return tk._("{name} ({code})").format(name=past.name, code=code)
    return tk._("{name} ({code}), now {successor}").format(name=past.name, code=code, successor=heirs[-1].name)


def cqgov_missing(pkg: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what an entry still needs to be complete: ``{field, form_id, message, article}`` in the order of the form.

    Empty for an entry listed from another portal: it stays a listing, and nobody here can complete it.
    """
    if pkg.get("origin") == "listing":
        return []
    return tk.get_action("cqgov_dataset_check")({}, {"id": pkg["id"]})["missing"]


def cqgov_access(pkg: Mapping[str, Any]) -> str:
    """Return how the public gets the data of an entry: ``listing``, ``direct``, ``condition``, ``closed`` or ``unknown``.

    An entry without an opening type is treated as closed, but the page says that it has not been classified (``unknown``).
    """
    if pkg.get("origin") == "listing":
        return "listing"
    return {"unconditional": "direct", "conditional": "condition", "closed": "closed"}.get(
        pkg.get("opening_type") or "", "unknown"
    )
