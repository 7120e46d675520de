"""A file as a stream of entries: the template's reader or a mapping, whichever fits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ckanext.cqgov.domain import mapping as listing
from ckanext.cqgov.domain import template_reading
from ckanext.cqgov.domain.catalogue_problem import MESSAGES
from ckanext.cqgov.domain.catalogue_values import CONTROL
from ckanext.cqgov.domain.exchange import Entry, Fault
from ckanext.cqgov.domain.mapping import ListingMapping
from ckanext.cqgov.domain.text import Text
from ckanext.cqgov.exchange import mappings
from ckanext.cqgov.exchange.reading import Row, Table, opened
from ckanext.cqgov.exchange.terms import RulesTerms

TEMPLATE = "national-template"
REMOVE = Text("删去该字符后重新导入", "remove the character and import the row again")


@dataclass
class Source:
    """An opened file: how it is understood (``layout`` is the mapping's name or the template), and its entries."""

    layout: str
    title: str
    encoding: str
    entries: Iterator[Entry]
    done: Callable[[], float] = lambda: 0.0  # which part of the file has been read, 0 to 1
    unread: tuple[str, ...] = ()  # columns that the mapping neither reads nor knowingly ignores


@contextmanager
def entries_of(path: Path, mapping: str | None = None, kind: str | None = None) -> Iterator[Source]:
    """Open ``path`` and yield its entries; ``mapping`` names a shipped mapping or a YAML file, ``None`` recognises the layout.

    Raises ``Unreadable`` when the file, or the way to read it, is not known.
    """
    chosen = mappings.named(mapping) if mapping and mapping != TEMPLATE else None
    with opened(path, kind, chosen.records if chosen and chosen.records != "item" else None) as table:
        terms = RulesTerms()
        if chosen is None and table.template:
            entries = template_reading.read(_cells(table.rows), table.extension, terms)
            yield Source(TEMPLATE, "国家目录模板", table.encoding, entries, table.done)
            return
        if chosen is None:
            chosen = mappings.recognised(table.labels)
        unread = tuple(label for label in table.labels if label and label not in chosen.labels())
        yield Source(chosen.name, chosen.title.zh, table.encoding, _listed(chosen, table, terms), table.done, unread)


def _listed(chosen: ListingMapping, table: Table, terms: RulesTerms) -> Iterator[Entry]:
    for number, row in table.rows:
        cleaned, faults = _printable(row)
        entry = listing.apply(chosen, cleaned, number, terms.code)
        entry.faults.extend(faults)
        yield entry


def _printable(row: dict[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
    """Return a row without characters that no database can hold, and a fault for each cell that had one."""
    faults = []
    for label, cell in row.items():
        parts = cell if isinstance(cell, list) else [cell]
        if any(isinstance(part, str) and CONTROL.search(part) for part in parts):
            shown = [CONTROL.sub("\ufffd", part) if isinstance(part, str) else part for part in parts]
            row = {**row, label: shown if isinstance(cell, list) else shown[0]}
            faults.append(Fault(label, str(row[label])[:200], MESSAGES["control-character"], REMOVE))
    return row, faults


def _cells(rows: Iterable[Row]) -> Iterator[Row]:
    for number, row in rows:
        yield number, _printable(row)[0]
