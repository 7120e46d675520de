"""The information-item table of a catalogue entry."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from ckanext.cqgov.domain.catalogue_fields import BOOL, ITEM_FIELDS, Field
from ckanext.cqgov.domain.catalogue_problem import Problem, problem
from ckanext.cqgov.domain.catalogue_vocabulary import Vocabulary
from ckanext.cqgov.domain.text import Text

KEYS = tuple(field.key for field in ITEM_FIELDS)
LENGTH = re.compile(r"(\d{1,9})(?:\.0+)?")
PRECISION = re.compile(r"(\d{1,9})\s*[,.]\s*(\d{1,9})")


def items(
    field: Field, raw: Any, vocabulary: Vocabulary, parsers: Mapping[str, Any]
) -> tuple[list[dict[str, Any]] | None, list[Problem]]:
    """Return the items as ``{name, type, length, primary_key, personal, base_item}``, and what is wrong row by row.

    Accepts a list of mappings (the API, or ``items__0__name`` of a form) and the same as a JSON string. Rows without
    any value are left out; rows are counted from 1 as the sender counted them.
    """
    rows = table(raw)
    if rows is None:
        return None, [problem(field.key, "not-items")]
    if len(rows) > field.max_entries:
        return None, [problem(field.key, "too-many", cap=field.max_entries, count=len(rows))]
    found: list[dict[str, Any]] = []
    problems: list[Problem] = []
    first: dict[str, int] = {}
    for number, row in enumerate(rows, 1):
        if not any(value not in (None, "", False, "false") for value in row.values()):
            continue
        item, wrong = one(field.key, number, row, vocabulary, parsers)
        problems.extend(wrong)
        name = item["name"]
        if not name and not wrong:
            problems.append(problem(field.key, "item-nameless", row=number))
        elif name in first:
            problems.append(problem(field.key, "item-repeated", row=number, value=name, first=first[name]))
        elif name:
            first[name] = number
        found.append(item)
    return found, problems


def table(raw: Any) -> list[dict[str, Any]] | None:
    """Return the rows of a table in any of its spellings; ``None`` when it is not a table."""
    if raw is None or raw == "":
        return []
    if isinstance(raw, str):
        try:
            raw = json.loads(raw)
        except ValueError:
            return None
    if not isinstance(raw, list | tuple) or not all(isinstance(row, dict) for row in raw):
        return None
    return list(raw)


def one(
    key: str, number: int, row: Mapping[str, Any], vocabulary: Vocabulary, parsers: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Problem]]:
    """Return one item with every key present, and the problems of row ``number``."""
    problems = [
        problem(key, "unknown-key", row=number, value=unknown, permitted=", ".join(KEYS))
        for unknown in row
        if unknown not in KEYS
    ]
    item: dict[str, Any] = {}
    for part in ITEM_FIELDS:
        value, wrong = (
            length(part, row.get(part.key))
            if part.key == "length"
            else parsers[part.kind](part, row.get(part.key), vocabulary)
        )
        item[part.key] = bool(value) if part.kind == BOOL else value or (0 if value == 0 else None)
        problems.extend(problem(key, "item-value", row=number, label=part.label, what=each.text) for each in wrong)
    return item, problems


def length(field: Field, raw: Any) -> tuple[int | str | None, list[Problem]]:
    """Return a data length: a whole number (spreadsheets write 50.0 for 50), or total and decimals as ``"8,2"``."""
    word = unicodedata.normalize("NFKC", str(raw)).strip() if raw is not None and not isinstance(raw, bool) else ""
    if isinstance(raw, bool):
        return None, [problem(field.key, "item-length", value=raw)]
    if not word:
        return None, []
    if found := LENGTH.fullmatch(word):
        return int(found[1]), []
    if (found := PRECISION.fullmatch(word)) and int(found[2]) <= int(found[1]):
        return f"{int(found[1])},{int(found[2])}", []
    return None, [problem(field.key, "item-length", value=Text(word[:60], word[:60]))]
