"""Mapping files: which column of another portal's listing is which field of ours, as data.

A mapping is parsed once (``parse``) and then applied to each row (``apply``). Neither reads files nor knows the rules: the
values of controlled lists are resolved by the function that the caller passes in. How to write one: ``docs/import.md``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ckanext.cqgov.domain.cells import iso_date, plain, tag_name
from ckanext.cqgov.domain.exchange import Entry, Fault
from ckanext.cqgov.domain.text import Text

Resolver = Callable[[str, str], "str | None"]  # (vocabulary, text) -> code

KINDS = ("text", "list", "date", "tags", "email", "phone", "formats")
RULE_KEYS = {"label", "empty", "split", "kind", "values", "vocabulary", "pattern", "join"}
TOP_KEYS = {"name", "title", "portal", "homepage", "recognise", "records", "fields", "constants", "ignored", "licence"}
SPLITTERS = ",，、;；|"
EMAIL = re.compile(r"[^\s@,;，；]+@[^\s@,;，；]+\.[A-Za-z]{2,}")
PHONE = re.compile(r"[+0-9][0-9()（）\-—\s]{5,}[0-9]")


class MappingError(ValueError):
    """A mapping file that cannot be used; ``problems`` lists every fault with the key where it is."""

    def __init__(self, problems: list[Text]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(frozen=True)
class Rule:
    """How one field is made from one column."""

    field: str
    labels: tuple[str, ...]
    kind: str = "text"
    empty: frozenset[str] = frozenset()
    split: str = SPLITTERS
    join: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    vocabulary: str | None = None
    pattern: re.Pattern[str] | None = None


@dataclass(frozen=True)
class ListingMapping:
    """A parsed mapping file."""

    name: str
    title: Text
    portal: str
    recognise: frozenset[str]
    rules: tuple[Rule, ...]
    constants: Mapping[str, Any]
    ignored: frozenset[str] = frozenset()
    records: str = "item"
    homepage: str = ""

    def labels(self) -> frozenset[str]:
        """Every column the mapping reads or knowingly ignores."""
        return frozenset(label for rule in self.rules for label in rule.labels) | self.ignored

    def covered(self) -> frozenset[str]:
        """The fields this listing speaks about; an update leaves all others as they are."""
        return frozenset(rule.field for rule in self.rules) - {"provider"} | self.constants.keys()

    def fits(self, labels: Iterable[str]) -> bool:
        """Say whether a file with these columns looks like this portal's listing."""
        return bool(self.recognise) and self.recognise <= set(labels)


def parse(data: Any, fields: Iterable[str], vocabularies: Container[str] | None = None) -> ListingMapping:
    """Return the mapping that ``data`` (the loaded YAML) describes.

    ``fields`` are the names a rule or constant may fill, ``vocabularies`` the lists that a rule may name (None: any).
    Raises ``MappingError`` listing everything wrong at once.
    """
    problems: list[Text] = []
    known = set(fields) | {"provider"}
    if not isinstance(data, Mapping):
        raise MappingError([Text("对照文件应为键值结构", "a mapping file must be a mapping of keys to values")])

    def wrong(zh: str, en: str) -> None:
        problems.append(Text(zh, en))

    for key in data.keys() - TOP_KEYS:
        wrong(f"未知的键“{key}”", f"unknown key '{key}'; known are {', '.join(sorted(TOP_KEYS))}")
    for key in ("name", "portal", "fields"):
        if not data.get(key):
            wrong(f"缺少“{key}”", f"'{key}' is missing")
    rules = []
    raw_fields = data.get("fields")
    if raw_fields and not isinstance(raw_fields, Mapping):
        wrong("“fields”应为键值结构", "'fields' must map field names to columns")
        raw_fields = {}
    for name, raw in (raw_fields or {}).items():
        if name not in known:
            wrong(f"fields：没有名为“{name}”的字段", f"fields: there is no field '{name}'")
            continue
        rule = _rule(name, raw, wrong)
        if rule and rule.vocabulary and vocabularies is not None and rule.vocabulary not in vocabularies:
            wrong(
                f"fields.{name}：未知的取值表“{rule.vocabulary}”",
                f"fields.{name}: unknown vocabulary '{rule.vocabulary}'",
            )
        elif rule:
            rules.append(rule)
    constants = data.get("constants") or {}
    if not isinstance(constants, Mapping):
        wrong("“constants”应为键值结构", "'constants' must map field names to values")
        constants = {}
    for name in constants:
        if name not in known:
            wrong(f"constants：没有名为“{name}”的字段", f"constants: there is no field '{name}'")
    if isinstance(raw_fields, Mapping) and raw_fields and "title" not in raw_fields:
        wrong("fields：必须给出“title”（信息资源名称）", "fields: 'title' is required")
    if problems:
        raise MappingError(problems)
    return ListingMapping(
        name=str(data["name"]),
        title=_title(data.get("title") or data["name"]),
        portal=str(data["portal"]),
        recognise=frozenset(words(data.get("recognise"))),
        rules=tuple(rules),
        constants=dict(constants),
        ignored=frozenset(words(data.get("ignored"))),
        records=str(data.get("records") or "item"),
        homepage=str(data.get("homepage") or ""),
    )


def _title(raw: Any) -> Text:
    """Return a title that is given in one language or both."""
    if not isinstance(raw, Mapping):
        return Text(str(raw), str(raw))
    either = raw.get("zh") or raw.get("en") or ""
    return Text(str(raw.get("zh") or either), str(raw.get("en") or either))


def words(raw: Any) -> list[str]:
    """Return what a mapping lists, as texts; a word that stands alone is a list of one."""
    if raw is None:
        return []
    return [str(word) for word in raw] if isinstance(raw, list) else [str(raw)]


def _rule(name: str, raw: Any, wrong: Callable[[str, str], None]) -> Rule | None:
    """Return one field's rule, or report what is wrong with it and return ``None``."""
    if isinstance(raw, str | list):
        raw = {"label": raw}
    if not isinstance(raw, Mapping) or not raw.get("label"):
        wrong(
            f"fields.{name}：应写列名，或写含 label 的结构", f"fields.{name}: give a column, or a mapping with 'label'"
        )
        return None
    for key in raw.keys() - RULE_KEYS:
        wrong(f"fields.{name}：未知的键“{key}”", f"fields.{name}: unknown key '{key}'")
    if not isinstance(raw.get("values") or {}, Mapping):
        wrong(f"fields.{name}：values 应为“词: 含义”的结构", f"fields.{name}: values must map words to what they mean")
        return None
    if not isinstance(raw.get("vocabulary") or "", str):
        wrong(
            f"fields.{name}：vocabulary 应为一个取值表的名称", f"fields.{name}: vocabulary must be the name of one list"
        )
        return None
    default = {"tags": "tags", "published_on": "date", "updated_on": "date"}.get(name, "text")
    kind = raw.get("kind", default)
    if kind not in KINDS:
        wrong(
            f"fields.{name}：kind 应为 {'、'.join(KINDS)} 之一",
            f"fields.{name}: kind must be one of {', '.join(KINDS)}",
        )
        return None
    pattern = None
    if raw.get("pattern"):
        try:
            pattern = re.compile(str(raw["pattern"]))
        except re.error as error:
            wrong(f"fields.{name}：pattern 不是有效的正则表达式：{error}", f"fields.{name}: bad pattern: {error}")
            return None
        if pattern.groups != 1:
            wrong(f"fields.{name}：pattern 必须恰有一个捕获组", f"fields.{name}: pattern needs exactly one group")
            return None
    labels = raw["label"] if isinstance(raw["label"], list) else [raw["label"]]
    return Rule(
        field=name,
        labels=tuple(str(label) for label in labels),
        kind=kind,
        empty=frozenset(words(raw.get("empty"))),
        split=str(raw.get("split") or SPLITTERS),
        join=None if raw.get("join") is None else str(raw["join"]),
        values={str(key): value for key, value in (raw.get("values") or {}).items()},
        vocabulary=raw.get("vocabulary"),
        pattern=pattern,
    )


def apply(mapping: ListingMapping, row: Mapping[str, Any], number: int, resolve: Resolver) -> Entry:
    """Return the entry that ``row`` (label → value, read as row ``number``) describes.

    Values that cannot be understood are faults of the entry (the row will be rejected); tags that CKAN cannot hold are
    adjusted and noted. ``resolve(vocabulary, text)`` gives the code of a controlled value or ``None``.
    """
    entry = Entry(row=number, values=dict(mapping.constants), covered=mapping.covered())
    entry.values["source_portal"] = mapping.portal
    entry.values["origin"] = "listing"
    for rule in mapping.rules:
        label = next((label for label in rule.labels if label in row), rule.labels[0])
        entry.columns[rule.field] = label
        value = _value(rule, row.get(label), label, resolve, entry)
        if value in (None, "", []):
            continue
        if rule.field == "provider":
            entry.provider = value
        else:
            entry.values[rule.field] = value
    return entry


def _value(rule: Rule, raw: Any, label: str, resolve: Resolver, entry: Entry) -> Any:
    """Return the field's value, or ``None`` when the cell is empty or faulty (the fault is booked on ``entry``)."""
    if rule.kind in ("list", "tags", "formats"):
        parts = _parts(raw, rule)
        if rule.kind == "tags":
            return _tags(parts, label, entry)
        if rule.kind == "formats":
            parts = sorted({part.upper() for part in parts})
        return rule.join.join(parts) if rule.join is not None else parts
    text = plain(raw)
    if not text or text in rule.empty:
        return None
    if rule.pattern:
        found = rule.pattern.search(text)
        return found.group(1) if found else None
    if rule.values or rule.vocabulary:
        return _controlled(rule, text, label, resolve, entry)
    if rule.kind == "date":
        return _date(raw, text, label, entry)
    if rule.kind in ("email", "phone"):
        found = (EMAIL if rule.kind == "email" else PHONE).search(text)
        return found.group(0).strip() if found else None
    return text


def _parts(raw: Any, rule: Rule) -> list[str]:
    """Return the parts of a list cell, trimmed, without empty ones and repeats, in their order."""
    source = raw if isinstance(raw, list) else re.split("[" + re.escape(rule.split) + "]", plain(raw))
    return list(dict.fromkeys(part for part in map(plain, source) if part and part not in rule.empty))


def _tags(parts: list[str], label: str, entry: Entry) -> list[dict[str, str]]:
    """Return tags as CKAN holds them; what CKAN cannot hold is changed or left out, and noted."""
    names = []
    for part in parts:
        name = tag_name(part)[:100].strip()
        if len(name) < 2:
            entry.notes.append(
                Fault(
                    label,
                    part,
                    Text("标签少于 2 个字符，未导入", "a tag shorter than 2 characters was left out"),
                    Text("如需保留，请改为 2 个以上字符", "use at least 2 characters to keep it"),
                )
            )
            continue
        names.append(name)
    return [{"name": name} for name in sorted(set(names))]


def _controlled(rule: Rule, text: str, label: str, resolve: Resolver, entry: Entry) -> Any:
    """Return the code of a value from a controlled list; an unknown value is a fault."""
    if text in rule.values:
        return rule.values[text]
    code = resolve(rule.vocabulary, text) if rule.vocabulary else None
    if code is None:
        entry.faults.append(
            Fault(
                label,
                text,
                Text("不是已知的取值", "is not a known value"),
                Text(
                    f"改为规定的取值，或在对照文件的 fields.{rule.field}.values 中说明它的含义",
                    f"use a value of the list, or say what it means under fields.{rule.field}.values of the mapping",
                ),
            )
        )
    return code


def _date(raw: Any, text: str, label: str, entry: Entry) -> str | None:
    """Return the ISO date of a cell; anything else is a fault."""
    if isinstance(raw, date):
        return raw.isoformat()[:10]
    day = iso_date(text)
    if day is None:
        entry.faults.append(
            Fault(
                label,
                text,
                Text("不是有效日期", "is not a date"),
                Text("写成 2024-01-31 的形式", "write it as 2024-01-31"),
            )
        )
    return day
