"""What an import is, apart from files and databases: identity, fingerprint, outcomes and the account of every row.

An *entry* is one catalogue record as it was read: from one row of a listing, or from the consecutive rows of the national
template that describe one resource. Every row that was read ends in exactly one outcome, so the account always sums up.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ckanext.cqgov.domain.text import Text


class Outcome(StrEnum):
    """What became of the rows of one entry."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"  # an exact repeat of an earlier row of the same file
    DIFFERING = "differing"  # the same identity as an earlier row of the same file, other content
    REJECTED = "rejected"


OUTCOME_LABELS: dict[Outcome, Text] = {
    Outcome.CREATED: Text("新增", "created"),
    Outcome.UPDATED: Text("更新", "updated"),
    Outcome.UNCHANGED: Text("未变化", "unchanged"),
    Outcome.DUPLICATE: Text("完全重复", "exact repeats"),
    Outcome.DIFFERING: Text("同一标识、内容不同", "same identity, other content"),
    Outcome.REJECTED: Text("退回", "rejected"),
}


@dataclass(frozen=True)
class Fault:
    """One thing wrong in one cell: the column as the file calls it, the value, what is wrong and how to mend it.

    ``row`` is the cell's row in the file where it is not the first one of its entry.
    """

    column: str
    value: str
    wrong: Text
    fix: Text
    row: int | None = None

    def as_dict(self) -> dict[str, str]:
        """Return the fault as plain strings, for JSON and for the rejects file."""
        return {
            "column": self.column,
            "value": self.value,
            "wrong_zh": self.wrong.zh,
            "wrong_en": self.wrong.en,
            "fix_zh": self.fix.zh,
            "fix_en": self.fix.en,
        }


@dataclass
class Entry:
    """One catalogue record as read and mapped, before it is checked against the rules.

    ``row`` is the first row in the file (the number a spreadsheet shows; the position for JSON), ``rows`` how many rows
    it is made of, ``columns`` says which column each field came from, ``provider`` is the department as the file names it
    (name or unified social credit code), ``covered`` are the fields the file speaks about: an update leaves others alone.
    """

    row: int
    values: dict[str, Any]
    rows: int = 1
    provider: str = ""
    covered: frozenset[str] = frozenset()
    columns: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    notes: list[Fault] = field(default_factory=list)  # adjusted on the way in, not a reason to refuse the row


@dataclass(frozen=True)
class Identity:
    """By what a record is recognised when it comes again: ``kind`` is code, source-id, name or hash."""

    kind: str
    portal: str
    key: str

    @property
    def text(self) -> str:
        """The identity as one string, unique across kinds and portals."""
        return "\x1f".join((self.kind, self.portal, self.key))


def content_key(provider: str, title: str, first_date: str, abstract: str) -> str:
    """Return the sha256 (hex) of what a record without code and id is recognised by."""
    packed = "\x1f".join(" ".join((part or "").split()) for part in (provider, title, first_date, abstract))
    return hashlib.sha256(packed.encode()).hexdigest()


def identity(values: Mapping[str, Any], provider: str) -> Identity:
    """Return what ``values`` are recognised by: the code, else the source's id, else a kept name, else the content hash.

    A portal's own export carries the key it was imported with (``source_key``) and the name; both lead back to the record.
    """
    portal = values.get("source_portal") or ""
    if values.get("catalog_code"):
        return Identity("code", "", values["catalog_code"])
    if values.get("source_key"):
        return Identity("source", portal, values["source_key"])
    if values.get("source_id"):
        return Identity("source", portal, values["source_id"])
    if values.get("name"):
        return Identity("name", "", values["name"])
    key = content_key(provider, values.get("title") or "", values.get("published_on") or "", values.get("notes") or "")
    return Identity("source", portal, key)


def fingerprint(values: Mapping[str, Any]) -> str:
    """Return the sha256 (hex) of a record's content, independent of the order of its fields; empty fields do not count."""
    kept = {key: value for key, value in values.items() if value not in (None, "", [], {})}
    packed = json.dumps(kept, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(packed.encode()).hexdigest()


@dataclass
class Account:
    """How many rows were read and what became of them; ``balanced`` is the invariant of every report."""

    rows_read: int = 0
    rows: dict[str, int] = field(default_factory=lambda: {outcome.value: 0 for outcome in Outcome})
    records: dict[str, int] = field(default_factory=lambda: {outcome.value: 0 for outcome in Outcome})
    published: int = 0
    kept_private: int = 0

    def book(self, outcome: Outcome, rows: int = 1) -> None:
        """Count ``rows`` rows of one entry under ``outcome``."""
        self.rows_read += rows
        self.rows[outcome.value] += rows
        self.records[outcome.value] += 1

    def balanced(self) -> bool:
        """Say whether every row that was read is accounted for."""
        return self.rows_read == sum(self.rows.values())

    def as_dict(self) -> dict[str, Any]:
        """Return the account as plain data."""
        return {
            "rows_read": self.rows_read,
            "rows": dict(self.rows),
            "records": dict(self.records),
            "published": self.published,
            "kept_private": self.kept_private,
        }

    @classmethod
    def of(cls, data: Mapping[str, Any] | None) -> Account:
        """Return the account that ``as_dict`` wrote (an empty one for ``None``)."""
        account = cls()
        if data:
            account.rows_read = data.get("rows_read", 0)
            account.rows.update(data.get("rows", {}))
            account.records.update(data.get("records", {}))
            account.published = data.get("published", 0)
            account.kept_private = data.get("kept_private", 0)
        return account
