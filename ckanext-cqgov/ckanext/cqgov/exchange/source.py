"""A file as a stream of entries: the template's reader or a mapping, whichever fits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ckanext.cqgov.domain import mapping as listing
from ckanext.cqgov.domain import template_reading
from ckanext.cqgov.domain.exchange import Entry
from ckanext.cqgov.domain.mapping import ListingMapping
from ckanext.cqgov.exchange import mappings
from ckanext.cqgov.exchange.reading import Table, opened
from ckanext.cqgov.exchange.terms import RulesTerms

TEMPLATE = "national-template"


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
            entries = template_reading.read(table.rows, table.extension, terms)
            yield Source(TEMPLATE, "国家目录模板", table.encoding, entries, table.done)
            return
        if chosen is None:
            chosen = mappings.recognised(table.labels)
        unread = tuple(label for label in table.labels if label and label not in chosen.labels())
        yield Source(chosen.name, chosen.title.zh, table.encoding, _listed(chosen, table, terms), table.done, unread)


def _listed(chosen: ListingMapping, table: Table, terms: RulesTerms) -> Iterator[Entry]:
    for number, row in table.rows:
        yield listing.apply(chosen, row, number, terms.code)
