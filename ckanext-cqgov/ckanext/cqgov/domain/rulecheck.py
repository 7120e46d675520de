"""What must hold between the values of a rules file, beyond its shape: a table of cross checks, each with its path.

The JSON Schema settles shapes and types before this runs. Every fault is reported, not only the first, so that somebody
who writes another city's file mends it in one go.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ckanext.cqgov.domain.rules import (
    DECREE,
    OTHER_LAW,
    Codebook,
    Guide,
    Instrument,
    Rules,
    entry,
    has_article,
    sections,
)
from ckanext.cqgov.domain.rules import words as words_of
from ckanext.cqgov.domain.text import Text

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong in a rules file: where (keys from the root), and what to do in both languages."""

    path: Path
    text: Text


# Codes that the program itself relies on. A file may add more, and may rename what people read, but not drop these.
NEEDED: dict[type[Codebook], dict[str, tuple[str, ...]]] = {
    Rules: {
        "sharing_types": ("unconditional", "conditional", "withheld"),
        "opening_types": ("unconditional", "conditional", "closed"),
        "basis_kinds": ("law", "administrative-regulation", "central-policy"),
        "duties": (
            "head",
            "handler",
            "catalogue-officer",
            "confidentiality-reviewer",
            "authority-officer",
            "inspector",
        ),
        "organization_levels": ("city", "district"),
        "clocks": (
            "catalogue_update",
            "catalogue_report",
            "share_reply",
            "correction_check",
            "open_reply",
            "department_yearly_report",
            "city_yearly_report",
        ),
        "caps": ("due_date_days", "class_path_depth"),
        "requirements": (
            "restricted-sharing-needs-basis",
            "base-items-are-shared",
            "thematic-resources-are-shared",
            "opening-catalogue-is-public",
            "desensitise-before-opening",
        ),
    },
    Guide: {
        "sharing_types": ("unconditional", "conditional", "withheld"),
        "opening_types": ("unconditional", "conditional", "closed"),
        "sharing_mode_types": ("database", "file", "interface"),
        "personal_classes": ("none", "personal", "sensitive"),
    },
}


def faults(book: type[Codebook], tree: Mapping[str, Any]) -> list[Fault]:
    """Return everything that does not hold in a tree of the right shape; empty when it may be used."""
    return [fault for check in CHECKS for fault in check(book, tree)]


def rests(book: type[Codebook], tree: Mapping[str, Any]) -> Iterator[Fault]:
    """Each value says on what it rests: the decree with an article it has, a named other law, or the operator."""
    items = {str(key): value for key, value in tree["text"].get("items", {}).items()}
    text = Instrument(**{**tree["text"], "items": items})
    for section in sections(book):
        for code, raw in tree[section].items():
            article, law, path = raw.get("article"), raw.get("law"), (section, code)
            if raw["basis"] == DECREE:
                if article is None:
                    yield Fault(path, Text("basis 为 decree 时必须写 article", "basis decree needs an article"))
                elif not has_article(text, str(article)):
                    yield Fault(
                        (*path, "article"),
                        Text(
                            "没有第 {article} 条（项）：条数见 text.articles，项数见 text.items",
                            "there is no Art. {article}: text.articles and text.items say which exist",
                        ).filled(article=article),
                    )
            elif article is not None:
                yield Fault(
                    (*path, "article"),
                    Text(
                        "只有 basis 为 decree 的值才写 article；请删除，或改用 note_zh/note_en 说明",
                        "only a value of basis decree has an article; delete it, or explain in note_zh/note_en",
                    ),
                )
            if raw["basis"] == OTHER_LAW and section != "laws" and law not in tree["laws"]:
                yield Fault(
                    (*path, "law") if law else path,
                    Text(
                        "basis 为 other-law 时，law 必须是 laws 中的代码：{codes}",
                        "basis other-law needs a law, one of the codes in laws: {codes}",
                    ).filled(codes=", ".join(tree["laws"])),
                )


def complete(book: type[Codebook], tree: Mapping[str, Any]) -> Iterator[Fault]:
    """The codes that the program relies on are there."""
    for section, codes in NEEDED[book].items():
        missing = [code for code in codes if code not in tree[section]]
        if missing:
            yield Fault(
                (section,),
                Text(
                    "缺少程序需要的代码：{codes}；请补上", "codes that the program needs are missing: {codes}; add them"
                ).filled(codes=", ".join(missing)),
            )


def clocks(book: type[Codebook], tree: Mapping[str, Any]) -> Iterator[Fault]:
    """A clock counts days or names a date, never both; an extension says how long, how often and who consents."""
    for code, raw in tree.get("clocks", {}).items():
        path = ("clocks", code)
        if ("days" in raw) == ("month" in raw):
            yield Fault(
                path,
                Text(
                    "days（工作日数）与 month/day（每年日期）须且只能写一种",
                    "give either days or month/day, and only one of them",
                ),
            )
        if ("month" in raw) != ("day" in raw):
            yield Fault(path, Text("month 与 day 须同时写", "month and day go together"))
        if raw.get("month") and raw.get("day", 0) > days_of(raw["month"]):
            yield Fault(
                (*path, "day"),
                Text("该月没有这一天；月末请写 0", "that month has no such day; write 0 for its last day"),
            )
        given = [key for key in ("extension_days", "extension_times", "extension_by") if raw.get(key)]
        if given and (len(given) < 3 or "days" not in raw):
            yield Fault(
                path,
                Text(
                    "可延期的时限须同时写 days、extension_days、extension_times、extension_by",
                    "a clock with an extension needs days, extension_days, extension_times and extension_by",
                ),
            )
        if raw.get("extension_by") and raw["extension_by"] not in tree["duties"]:
            yield Fault(
                (*path, "extension_by"),
                Text("必须是 duties 中的代码：{codes}", "must be one of the codes in duties: {codes}").filled(
                    codes=", ".join(tree["duties"])
                ),
            )


def holidays(book: type[Codebook], tree: Mapping[str, Any]) -> Iterator[Fault]:
    """Holidays on fixed dates are dates that exist in every year."""
    for code, raw in tree.get("fixed_holidays", {}).items():
        for day in raw["days"]:
            if day > days_of(raw["month"]):
                yield Fault(
                    ("fixed_holidays", code, "days"),
                    Text("{month} 月没有 {day} 日", "month {month} has no day {day}").filled(
                        month=raw["month"], day=day
                    ),
                )


def modes(book: type[Codebook], tree: Mapping[str, Any]) -> Iterator[Fault]:
    """The sharing modes that a format class permits are those of the guide."""
    for code, raw in tree.get("format_classes", {}).items():
        for mode in raw["sharing_modes"]:
            if mode not in tree["sharing_mode_types"]:
                yield Fault(
                    ("format_classes", code, "sharing_modes"),
                    Text("“{mode}”不在 sharing_mode_types 中", "“{mode}” is not in sharing_mode_types").filled(
                        mode=mode
                    ),
                )


def unambiguous(book: type[Codebook], tree: Mapping[str, Any]) -> Iterator[Fault]:
    """A word stands for one value of its section only."""
    for section in sections(book):
        taken: dict[str, str] = {}
        for code, raw in tree[section].items():
            for word in sorted(words_of(entry(section, code, raw))):
                first = taken.setdefault(word, code)
                if first != code:
                    yield Fault(
                        (section, code),
                        Text(
                            "“{word}”同时指 {first} 和 {code}；每个词只能指一个值",
                            "“{word}” stands for both {first} and {code}; a word may stand for one value only",
                        ).filled(word=word, first=first, code=code),
                    )


def days_of(month: int) -> int:
    """Return how many days the month has in every year (February: 28)."""
    return 28 if month == 2 else 30 if month in (4, 6, 9, 11) else 31


CHECKS = (rests, complete, clocks, holidays, modes, unambiguous)
