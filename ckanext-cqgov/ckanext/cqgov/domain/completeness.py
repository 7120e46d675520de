"""What a complete catalogue entry needs: the guide's core metadata, and what a chosen type makes necessary.

A draft may lack all of this; only a complete entry can be made public.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ckanext.cqgov.domain.catalogue_fields import ALL, Field
from ckanext.cqgov.domain.catalogue_problem import MESSAGES, Missing, Problem
from ckanext.cqgov.domain.catalogue_values import blank
from ckanext.cqgov.domain.rules import Rules
from ckanext.cqgov.domain.text import Text

LEVELS = 3
"""A class path reaches at least the category (目)."""

ARTICLES = {"opening_type": "22", "sharing_type": "16"}
"""Where the decree itself asks for a field that is always needed."""

FIELD: dict[str, Field] = {field.key: field for field in ALL}
ALWAYS = tuple(field.key for field in ALL if field.required)


@dataclass(frozen=True)
class Need:
    """A field that is needed only when ``when`` holds for the values."""

    field: str
    when: Callable[[Mapping[str, Any]], bool]


NEEDS = (
    Need("sharing_mode_class", lambda values: values.get("sharing_type") in ("unconditional", "conditional")),
    Need("sharing_mode_type", lambda values: values.get("sharing_mode_class") == "platform"),
    Need(
        "published_on",
        lambda values: values.get("sharing_type") != "withheld" or values.get("opening_type") != "closed",
    ),
)


def evidently_lacking(record: Mapping[str, Any]) -> bool:
    """Say whether ``record`` has nothing at all in a field that every entry needs; its values may be as they are stored.

    Then nobody has to read what it does have, an item table of a hundred rows for instance, to know that it is incomplete.
    """
    return any(blank(record.get(key)) for key in ALWAYS)


def lacking(record: Mapping[str, Any], problems: Iterable[Problem], rules: Rules) -> list[Missing]:
    """Return what ``record`` (our values with CKAN's title, notes and owner_org) still needs, in the order of the form.

    ``problems`` are the violations found; the ``lacking`` ones among them are needs too. An entry listed from another
    portal is measured by the same list: it stays incomplete and is published as a listing only.
    """
    found: dict[str, Missing] = {}
    for field in ALL:
        if field.required and blank(record.get(field.key)):
            found[field.key] = _missing(field, rules)
    for need in NEEDS:
        if blank(record.get(need.field)) and need.when(record):
            found.setdefault(need.field, _missing(FIELD[need.field], rules))
    path = record.get("class_path") or []
    if path and len(path) < LEVELS:
        found["class_path"] = Missing("class_path", FIELD["class_path"].form_id, MESSAGES["class-path-short"])
    for row, item in enumerate(record.get("items") or [], 1):
        if not item.get("type"):
            sentence = MESSAGES["item-untyped"].filled(row=row, value=item.get("name"))
            found.setdefault("items", Missing("items", FIELD["items"].form_id, sentence))
    for each in problems:
        if each.lacking:
            found.setdefault(each.field, Missing(each.field, FIELD[each.field].form_id, each.text, each.article))
    order = list(FIELD)
    return sorted(found.values(), key=lambda each: order.index(each.field))


def named(missing: Iterable[Missing]) -> Text:
    """Return the names of the missing fields as one phrase in both languages."""
    labels = [FIELD[each.field].label for each in missing]
    return Text("、".join(label.zh for label in labels), ", ".join(label.en for label in labels))


def _missing(field: Field, rules: Rules) -> Missing:
    article = ARTICLES.get(field.key)
    if article:
        sentence = MESSAGES["needed-by"].filled(label=field.label, cite=rules.cite(article))
    else:
        sentence = MESSAGES["needed"].filled(label=field.label)
    return Missing(field.key, field.form_id, sentence, article)
