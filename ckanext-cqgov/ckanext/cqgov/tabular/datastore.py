"""A table that was read, put into CKAN's DataStore."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.cqgov.tabular.kinds import Value
from ckanext.cqgov.tabular.reader import Column, Table

POSTGRES_TYPES = {"numeric": "numeric", "date": "date", "timestamp": "timestamp", "text": "text"}
IDENTIFIER_BYTES = 63  # PostgreSQL cuts longer names silently, and 22 Chinese characters are longer
PATH = str.maketrans(".[]", "___")
CHUNK = 5_000  # rows of one call
QUIET = {"force": True, "calculate_record_count": False}


def store(context: dict[str, Any], resource_id: str, table: Table) -> int:
    """Replace the resource's DataStore table with ``table`` and return the number of rows.

    ``context`` is an action context whose user may update the resource; raises what ``datastore_create`` raises. A
    column name that the DataStore can't hold or show is altered, and the name as it was is its label in the data
    dictionary.
    """
    described = fields(table.columns)
    names = [field["id"] for field in described]
    try:
        tk.get_action("datastore_delete")(dict(context), {"resource_id": resource_id, "force": True})
    except tk.ObjectNotFound:
        pass  # the first load
    chunks = _chunks(table.rows, names)
    # The first rows go in with the table, in one transaction: a table of up to 5,000 rows is there whole or not at all.
    tk.get_action("datastore_create")(
        dict(context),
        {"resource_id": resource_id, "fields": described, "records": next(chunks, []), **QUIET},
    )
    for records in chunks:
        insert = {"resource_id": resource_id, "method": "insert", "records": records, **QUIET}
        tk.get_action("datastore_upsert")(dict(context), insert)
    return len(table.rows)


def fields(columns: tuple[Column, ...]) -> list[dict[str, Any]]:
    """Return the columns as ``datastore_create`` takes them: names it can hold, the name as it was under ``info.label``."""
    taken: set[str] = set()
    found = []
    for column in columns:
        name, repeat = _identifier(column.name), 2
        while name in taken:
            suffix = f"_{repeat}"
            name, repeat = _cut(_identifier(column.name), IDENTIFIER_BYTES - len(suffix)) + suffix, repeat + 1
        taken.add(name)
        field: dict[str, Any] = {"id": name, "type": POSTGRES_TYPES[column.kind]}
        if name != column.name:
            field["info"] = {"label": column.name}
        found.append(field)
    return found


def _identifier(name: str) -> str:
    """A name the DataStore takes (no outer underscore or blank, no double quote, no control or format character) and
    the table view shows: it reads ``PM2.5``, ``a[b]`` and ``a()`` as paths into the row and leaves the column empty."""
    visible = "".join(character for character in name if character.isprintable() and character != '"')
    visible = visible.replace("()", "").translate(PATH)
    return _cut(visible.strip().lstrip("_").strip(), IDENTIFIER_BYTES) or "column"


def _cut(name: str, size: int) -> str:
    return name.encode()[:size].decode(errors="ignore").strip()


def _chunks(rows: tuple[tuple[Value, ...], ...], names: list[str]) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(rows), CHUNK):
        yield [dict(zip(names, map(_plain, row), strict=True)) for row in rows[start : start + CHUNK]]


def _plain(value: Value) -> str | int | None:
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value
