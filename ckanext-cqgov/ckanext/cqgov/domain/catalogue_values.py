"""Turns what a client sent (typed values, JSON, form strings) into typed values, and says what can't be understood.

Nothing is dropped silently: a value that is not understood becomes a problem that lists what is permitted.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from ckanext.cqgov.domain.catalogue_fields import BOOL, CHOICE, DATE, FIELDS, ITEMS, LIST, Field
from ckanext.cqgov.domain.catalogue_items import items
from ckanext.cqgov.domain.catalogue_problem import Problem, problem
from ckanext.cqgov.domain.catalogue_vocabulary import Vocabulary
from ckanext.cqgov.domain.identifiers import compact_uscc
from ckanext.cqgov.domain.text import narrow

YES = frozenset({"true", "1", "yes", "on", "y", "t", "是", "有"})
NO = frozenset({"false", "0", "no", "off", "n", "f", "否", "无"})
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
SEPARATORS = re.compile(r"[,，;；、\n]+")
PATH_SEPARATORS = re.compile(r"\s*[/／>＞\n]\s*")
DATES = (
    re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]\d{1,2}:\d{2}.*)?"),
    re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})(?: \d{1,2}:\d{2}.*)?"),
    re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日"),
    re.compile(r"(\d{4})(\d{2})(\d{2})"),
)


def normalised(raw: Mapping[str, Any], vocabulary: Vocabulary) -> tuple[dict[str, Any], list[Problem]]:
    """Return our typed values of ``raw`` and the problems; keys that are empty, CKAN's own or unknown do not appear.

    A value with a problem is left out of the values, so later checks never trip over it.
    """
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for key, field in FIELDS.items():
        if key not in raw:
            continue
        value, found = PARSERS[field.kind](field, raw[key], vocabulary)
        problems.extend(found)
        if not found and not blank(value):
            values[key] = TIDIED[key](value) if key in TIDIED else value
    return values, problems


def blank(value: Any) -> bool:
    """Whether a value says nothing: ``None``, an empty text or an empty list; ``False`` and 0 do say something."""
    return value is None or value == "" or value == [] or value == () or value == {}


def text(field: Field, raw: Any, vocabulary: Vocabulary | None = None) -> tuple[str | None, list[Problem]]:
    """Return a text without surrounding blanks and with ``\\n`` line ends."""
    if raw is None:
        return None, []
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        return None, [problem(field.key, "not-text")]
    value = str(raw).replace("\r\n", "\n").replace("\r", "\n").strip()
    if CONTROL.search(value):
        return None, [problem(field.key, "control-character")]
    if len(value) > field.max_length:
        return None, [problem(field.key, "too-long", cap=field.max_length, length=len(value))]
    return value, []


def choice(field: Field, raw: Any, vocabulary: Vocabulary) -> tuple[str | None, list[Problem]]:
    """Return the code that a code, a name or a synonym stands for."""
    if blank(raw) or isinstance(raw, str) and not raw.strip():
        return None, []
    section = field.vocabulary or ""
    code = vocabulary.code(section, raw) if isinstance(raw, str | int) and not isinstance(raw, bool) else None
    if code is None:
        return None, [problem(field.key, "unknown-value", value=shown(raw), permitted=vocabulary.permitted(section))]
    return code, []


def boolean(field: Field, raw: Any, vocabulary: Vocabulary | None = None) -> tuple[bool | None, list[Problem]]:
    """Return a truth value from ``true``/``是``/``on``/1 and their opposites."""
    if blank(raw) or isinstance(raw, bool):
        return (raw if isinstance(raw, bool) else None), []
    # a checkbox with a hidden "false" beside it arrives as both: the last one says what was ticked
    word = str(raw[-1] if isinstance(raw, list) else raw).strip().casefold()
    if word in YES | NO:
        return word in YES, []
    return (None, []) if not word else (None, [problem(field.key, "not-bool", value=shown(raw))])


def day(field: Field, raw: Any, vocabulary: Vocabulary | None = None) -> tuple[str | None, list[Problem]]:
    """Return an ISO date from the notations that Chinese tables use (2018-05-05, 2018/5/5, 2018年5月5日, 20180505)."""
    if isinstance(raw, date | datetime):
        return raw.isoformat()[:10], []
    word = unicodedata.normalize("NFKC", str(raw)).strip() if not blank(raw) else ""
    if not word:
        return None, []
    for notation in DATES:
        if found := notation.fullmatch(word):
            try:
                return date(*map(int, found.groups())).isoformat(), []
            except ValueError:
                break
    return None, [problem(field.key, "not-date", value=shown(raw))]


def strings(field: Field, raw: Any, vocabulary: Vocabulary | None = None) -> tuple[list[str] | None, list[Problem]]:
    """Return a list of texts from a list, a JSON list or separated text; repeats count once."""
    is_path = field.key == "class_path"
    entries = listed(raw, PATH_SEPARATORS if is_path else SEPARATORS)
    if entries is None:
        return None, [problem(field.key, "not-list")]
    found: list[str] = []
    for entry in entries:
        value, problems = text(field, entry)
        if problems:
            return None, problems
        found.append(value or "")
    while found and not found[-1]:
        found.pop()
    if is_path and "" in found:
        return None, [problem(field.key, "gap")]
    found = found if is_path else list(dict.fromkeys(value for value in found if value))
    if len(found) > field.max_entries:
        return None, [problem(field.key, "too-many", cap=field.max_entries, count=len(found))]
    return found, []


def listed(raw: Any, separators: re.Pattern[str]) -> list[Any] | None:
    """Return the entries of a list in any of its spellings; ``None`` when it is not a list at all."""
    if blank(raw):
        return []
    if isinstance(raw, list | tuple):
        return list(raw)
    if not isinstance(raw, str):
        return None
    if raw.strip().startswith("["):
        try:
            parsed = json.loads(raw)
        except ValueError:
            return None
        return parsed if isinstance(parsed, list) else None
    return separators.split(raw.strip())


def shown(raw: Any) -> str:
    """Return a value as it may stand in a message: short, on one line."""
    word = " ".join(str(raw).split())
    return word if len(word) <= 60 else word[:59] + "…"


TIDIED = {
    "catalog_code": narrow,
    "provider_code": compact_uscc,
    "related_codes": lambda codes: [narrow(code) for code in codes],
    "region": lambda codes: [narrow(code) for code in codes],
    "format_type": lambda name: name.lstrip("."),
}
"""How codes are tidied after parsing: width, blanks and case are slips of the pen, not values."""

PARSERS = {
    "text": text,
    CHOICE: choice,
    BOOL: boolean,
    DATE: day,
    LIST: strings,
    ITEMS: lambda field, raw, vocabulary: items(field, raw, vocabulary, PARSERS),
}
