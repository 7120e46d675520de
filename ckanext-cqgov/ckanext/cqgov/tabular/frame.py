"""Where the table sits in its sheet: lines above the header, rows, and notes below them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

NOTE_WORDS = "注|备注|说明|附注|资料来源|数据来源|来源|制表|填表|note|source"
NOTE = re.compile(rf"\s*[\"“（(\[【]?\s*({NOTE_WORDS}|\*|※)", re.IGNORECASE)

Row = Sequence[str]


@dataclass(frozen=True)
class Frame:
    """The parts of a sheet; ``above`` and ``below`` are lines of text without their empty cells."""

    above: tuple[str, ...]
    header: tuple[str, ...]
    body: tuple[tuple[str, ...], ...]
    below: tuple[str, ...]


def framed(rows: Sequence[Row]) -> Frame:
    """Split the rows of a sheet into the lines above the header, the header, the body and the notes below.

    The header is the first row as wide as most rows with at least half of its cells filled; the notes begin at the
    first short row at the end that starts like a note, or with single lone cells under a table of three columns or
    more. Rows of the body are padded to the widest; wholly empty rows are left out.
    """
    width = _usual_width(rows)
    top = next((number for number, row in enumerate(rows) if _heads(row, width)), 0)
    bottom = _notes_start(rows, top + 1, width)
    body = [row for row in rows[top + 1 : bottom] if _filled(row)]
    widest = max([len(rows[top]) if rows else 0, *(len(row) for row in body)], default=0)
    return Frame(
        above=tuple(_line(row) for row in rows[:top] if _filled(row)),
        header=_padded(rows[top], widest) if rows else (),
        body=tuple(_padded(row, widest) for row in body),
        below=tuple(_line(row) for row in rows[bottom:] if _filled(row)),
    )


def _filled(row: Row) -> int:
    return sum(1 for cell in row if cell.strip())


def _line(row: Row) -> str:
    return " ".join(cell.strip() for cell in row if cell.strip())


def _padded(row: Row, width: int) -> tuple[str, ...]:
    return (*row, *[""] * (width - len(row)))


def _usual_width(rows: Sequence[Row]) -> int:
    """The number of cells most rows have; a sheet of one column has width 1."""
    widths = Counter(len(row) for row in rows if len(row) > 1 and _filled(row))
    singles = sum(1 for row in rows if len(row) == 1)
    if not widths:
        return 1
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    # A list of lone values with a stray comma here and there is a list; two or three notes around rows are not.
    return 1 if singles > 3 and singles > 2 * sum(widths.values()) and count < singles else width


def _heads(row: Row, width: int) -> bool:
    filled = _filled(row)
    return len(row) >= width and filled >= (max(2, (width + 1) // 2) if width > 1 else 1)


def _short(row: Row, width: int) -> bool:
    filled = _filled(row)
    return filled <= 1 or len(row) < width or (filled == 2 and width > 3 and bool(NOTE.match(_line(row))))


def _notes_start(rows: Sequence[Row], first: int, width: int) -> int:
    """The index of the first row that is no data any more."""
    end = len(rows)
    if width == 1:  # nothing but the words tells a note from a value
        while end > first and (not _filled(rows[end - 1]) or NOTE.match(_line(rows[end - 1]))):
            end -= 1
        return end
    start = end
    while start > first and _short(rows[start - 1], width):
        start -= 1
    for number in range(start, end):
        row = rows[number]
        if NOTE.match(_line(row)):
            return number
        if width > 2 and len(row) == 1 and all(len(later) == 1 or not _filled(later) for later in rows[number:]):
            return number
    return end
