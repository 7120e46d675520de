"""The ledger as a file: JSON lines that can be verified without the database, and CSV for a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import UTC
from itertools import islice
from typing import Any

import ckan.model as model
import sqlalchemy as sa

from ckanext.cqgov.clock import LEGAL_ZONE
from ckanext.cqgov.domain import ledger_verbs
from ckanext.cqgov.domain.ledger import Entry
from ckanext.cqgov.model import ledger

FORMATS = ("jsonl", "csv")
COLUMNS = (*(field.name for field in fields(Entry)), "position", "prev_hash", "hash")
"""What an entry and its seal are made of; what comes behind it in a file is there for the reader and not sealed."""
EXTRA = ("actor_name", "verb_title", "legal_time")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a formula of a spreadsheet begins with; East Asian ones take the full-width signs, too."""
NAMED = 1_000
"""Entries whose actors' names are asked for at once."""


def lines(
    connection: Any, wanted: ledger.Wanted, form: str, address: Callable[[str], str | None] | None = None
) -> Iterator[str]:
    """Yield the lines of an export (``form`` of ``FORMATS``) in the order of the chain, in constant memory.

    ``address`` shows an encrypted address in place of what is stored; without it it stays encrypted.
    """
    rows = _rows(connection, wanted, address)
    return _csv(rows) if form == "csv" else (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def names(connection: Any, actors: Iterable[str]) -> dict[str, str]:
    """Return the user names of those actors that are accounts; one query."""
    query = sa.select(model.User.id, model.User.name).where(model.User.id.in_(set(actors)))
    return dict(connection.execute(query).tuples().all())


def _rows(
    connection: Any, wanted: ledger.Wanted, address: Callable[[str], str | None] | None
) -> Iterator[dict[str, Any]]:
    source = ledger.stream(connection, wanted)
    while batch := list(islice(source, NAMED)):
        known = names(connection, (row["actor"] for row in batch))
        for row in batch:
            told = {name: row[name] for name in COLUMNS}
            told["at"] = row["at"].astimezone(UTC).isoformat(timespec="microseconds")
            if address is not None:
                told["client_address"] = address(row["address"]) if row["address"] else None
            title = ledger_verbs.verb(row["verb"])
            legal = row["at"].astimezone(LEGAL_ZONE).isoformat(timespec="seconds")
            yield {**told, "actor_name": known.get(row["actor"]), "verb_title": title.zh, "legal_time": legal}


def _csv(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield CSV with a header and a mark for spreadsheets (BOM); no cell is taken for a formula."""
    source, head = iter(rows), True
    while batch := list(islice(source, 200)):
        out = io.StringIO()
        writer = csv.writer(out)
        if head:
            out.write("\ufeff")
            writer.writerow(batch[0])
        writer.writerows([_cell(value) for value in row.values()] for row in batch)
        head = False
        yield out.getvalue()
    if head:
        yield "\ufeff" + ",".join((*COLUMNS, *EXTRA)) + "\r\n"


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
