"""From the bytes of a file to named columns and typed rows."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import PurePath
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from ckanext.cqgov.tabular.encoding import decoded
from ckanext.cqgov.tabular.errors import BROKEN, EMPTY, UnreadableTable
from ckanext.cqgov.tabular.frame import framed
from ckanext.cqgov.tabular.kinds import Value, typed

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # XLSX and ODS; XLS
DELIMITERS = ",\t;|"
SAMPLE_LINES = 200


@dataclass(frozen=True)
class Column:
    """A column: its name as in the file (made unique), and ``numeric``, ``date``, ``timestamp`` or ``text``."""

    name: str
    kind: str


@dataclass(frozen=True)
class Table:
    """A table that was read; ``rows`` hold ``None``, ``str``, ``int``, ``Decimal``, ``date`` or ``datetime``."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    encoding: str
    skipped_preamble: tuple[str, ...]
    footer: tuple[str, ...]


def read_table(content: bytes, name: str = "") -> Table:
    """Return the table in a file's bytes.

    ``name`` is the file's name; its ending only helps where the bytes leave a choice (``.tsv``). Of a workbook the
    first sheet that holds anything is read, and ``encoding`` is ``workbook``. Raises ``UnreadableTable`` for empty,
    binary, undecodable or unparsable content.
    """
    if not content.strip():
        raise UnreadableTable(EMPTY)
    if content.startswith((ZIP, OLE)):
        rows, encoding = _sheet(content), "workbook"
    else:
        text, encoding = decoded(content)
        rows = _lines(text, name)
    frame = framed(rows)
    if not any(cell.strip() for cell in frame.header):
        raise UnreadableTable(EMPTY)
    names = _names(frame.header)
    kinds: list[Column] = []
    values: list[list[Value]] = []
    for position, title in enumerate(names):
        kind, cells = typed(title, [row[position] for row in frame.body])
        kinds.append(Column(title, kind))
        values.append(cells)
    body = tuple(zip(*values, strict=True)) if frame.body else ()
    return Table(tuple(kinds), body, encoding, frame.above, frame.below)


def _names(header: Sequence[str]) -> list[str]:
    """Column names without outer blanks and line breaks; nameless ones are numbered, repeated ones get a suffix."""
    taken: set[str] = set()
    names = []
    for position, cell in enumerate(header, start=1):
        wanted = " ".join(cell.split()) or f"列{position}"
        name, repeat = wanted, 2
        while name in taken:
            name, repeat = f"{wanted}_{repeat}", repeat + 1
        taken.add(name)
        names.append(name)
    return names


def _lines(text: str, name: str) -> list[list[str]]:
    delimiter = _delimiter(text, name)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise UnreadableTable(BROKEN.filled(reason=error)) from error


def _delimiter(text: str, name: str) -> str:
    """The delimiter that cuts most of the first lines into the same number of cells."""
    ending = PurePath(name).suffix.lower()
    preferred = "\t" if ending in (".tsv", ".tab") else ","
    sample = io.StringIO(text, newline="")
    lines = [line for _, line in zip(range(SAMPLE_LINES), sample, strict=False)]

    def agreement(delimiter: str) -> tuple[int, bool, int]:
        try:
            widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter) if len(row) > 1)
        except csv.Error:
            return 0, False, 0
        width, count = max(widths.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
        return count, delimiter == preferred, width

    best = max(DELIMITERS, key=agreement)
    return best if agreement(best)[0] else preferred


def _sheet(content: bytes) -> list[list[str]]:
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for title in workbook.sheet_names:
            rows = workbook.get_sheet_by_name(title).to_python(skip_empty_area=True)
            if rows:
                return [[_written(cell) for cell in row] for row in rows]
    except (CalamineError, OSError, ValueError) as error:
        raise UnreadableTable(BROKEN.filled(reason=error)) from error
    raise UnreadableTable(EMPTY)


def _written(cell: Any) -> str:
    """A workbook's cell as text: whole numbers without ``.0``, midnight without a clock time."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, date | time | timedelta):
        return str(cell)
    return "" if cell is None else str(cell)
