"""Administrative divisions with their history: which place a six-digit code meant on a day, and what became of it."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

UNASSIGNED = "unassigned"


@dataclass(frozen=True)
class Division:
    """One division as it was between two days (``valid_to`` is its last); ``code`` is None while unassigned."""

    key: str
    code: str | None
    name: str
    level: str
    valid_from: date
    valid_to: date | None
    precision: str
    successor: str | None

    def valid(self, on: date) -> bool:
        """Say whether the division existed on that day."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)

    @property
    def shown_code(self) -> str:
        """The code, or the word that says that none has been assigned yet."""
        return self.code or UNASSIGNED


class Divisions:
    """All divisions, found by code or by the table's own key."""

    def __init__(self, divisions: Iterable[Division]) -> None:
        """Take the divisions; raise ValueError on a key used twice or a successor that does not exist."""
        self._all: dict[str, Division] = {}
        for one in divisions:
            if one.key in self._all:
                raise ValueError(f"division key {one.key} is used twice")
            self._all[one.key] = one
        for one in self:
            if one.successor and one.successor not in self._all:
                raise ValueError(f"{one.key}: successor {one.successor} does not exist")

    def __iter__(self) -> Iterator[Division]:
        return iter(self._all.values())

    def lookup(self, code: str, on: date) -> Division | None:
        """Return what ``code`` (or a key of the table) meant on the day ``on``; None when nothing bore it then."""
        return next((one for one in self if code in (one.code, one.key) and one.valid(on)), None)

    def known(self, code: str) -> bool:
        """Say whether ``code`` (or a key) ever meant a division."""
        return any(code in (one.code, one.key) for one in self)

    def named(self, name: str, on: date) -> Division | None:
        """Return the division that bore ``name`` on the day ``on``."""
        return next((one for one in self if one.name == name and one.valid(on)), None)

    def successors(self, division: Division) -> tuple[Division, ...]:
        """Return what followed ``division``, in order, down to the one that still exists."""
        chain: list[Division] = []
        while division.successor and (following := self._all[division.successor]) not in chain:
            chain.append(following)
            division = following
        return tuple(chain)

    def current(self, on: date) -> tuple[Division, ...]:
        """Return the divisions that exist on the day ``on``, by code, those without one last."""
        return tuple(sorted((one for one in self if one.valid(on)), key=lambda one: (one.code or "~", one.key)))


def parse(lines: Iterable[str]) -> Divisions:
    """Return the divisions of a CSV with the columns of ``data/divisions/chongqing.csv``; ValueError names the row."""
    found = []
    for number, row in enumerate(csv.DictReader(lines), start=2):
        try:
            found.append(_division(row))
        except (KeyError, ValueError) as error:
            raise ValueError(f"divisions, line {number}: {error}") from error
    return Divisions(found)


def _division(row: Mapping[str, str]) -> Division:
    return Division(
        key=row["key"],
        code=row["code"] or None,
        name=row["name"],
        level=row["level"],
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        precision=row["precision"],
        successor=row["successor"] or None,
    )
