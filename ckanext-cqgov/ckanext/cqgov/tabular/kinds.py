"""What kind of values a column holds, decided on all of its values: a column that fails once is text."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal

Value = str | int | Decimal | date | datetime | None

NULLS = frozenset({"", "nan", "null", "none", "n/a", "#n/a", "#value!", "#div/0!", "#ref!"})
DASHES = frozenset({"-", "--", "—", "——", "–", "…", "……", "/", "*"})  # mean "no value" only between numbers and dates
NUMBER = re.compile(r"[-+]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?(?:[eE][-+]?\d{1,3})?")
PADDED = re.compile(r"[-+]?0\d")  # 08, 0023: a code, not a number; its zero would be lost
LONG = 15  # digits; longer runs are codes, and spreadsheets round them
CODE_NAME = re.compile(r"(代码|编码|编号|号码|电话|区号|证号|邮编|序列号|code|id|no\.?|phone|tel)$", re.IGNORECASE)
DATE_NAME = re.compile(r"(日期|时间|date|day|日)$", re.IGNORECASE)
DATES = (
    re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})"),
    re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})"),
    re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日"),
    re.compile(r"(\d{4})\.(\d{1,2})\.(\d{1,2})"),
)
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?")


def is_null(cell: str) -> bool:
    """Return whether a cell's text only says that there is no value (empty, NaN, NULL, N/A, a spreadsheet error)."""
    return cell.strip().lower() in NULLS


def typed(name: str, cells: Sequence[str]) -> tuple[str, list[Value]]:
    """Return ``(kind, values)`` of a column from its name and the text of its cells.

    ``kind`` is ``numeric``, ``date``, ``timestamp`` or ``text``. Empty marks become ``None`` in every kind. Codes stay
    text: a name such as 行政区划代码, a leading zero or more than 15 digits tells.
    """
    present = [cell for cell in cells if not is_null(cell)]
    for kind, parse in _candidates(name):
        real = [cell for cell in present if cell.strip() not in DASHES]
        if real and all(parse(cell.strip()) is not None for cell in real):
            return kind, [None if is_null(cell) or cell.strip() in DASHES else parse(cell.strip()) for cell in cells]
    return "text", [None if is_null(cell) else cell for cell in cells]


def _candidates(name: str) -> list[tuple[str, Callable[[str], Value]]]:
    trimmed = name.strip()
    dated: list[tuple[str, Callable[[str], Value]]] = [("date", _date), ("timestamp", _timestamp)]
    if DATE_NAME.search(trimmed):
        dated.insert(1, ("date", _compact_date))
    return dated if CODE_NAME.search(trimmed) else [*dated, ("numeric", _number)]


def _number(cell: str) -> Value:
    if not NUMBER.fullmatch(cell) or PADDED.match(cell):
        return None
    plain = cell.replace(",", "")
    if sum(character.isdigit() for character in plain) > LONG:
        return None
    return int(plain) if plain.lstrip("+-").isdigit() else Decimal(plain)


def _date(cell: str) -> Value:
    return next((_day(*found.groups()) for shape in DATES if (found := shape.fullmatch(cell))), None)


def _compact_date(cell: str) -> Value:
    found = COMPACT.fullmatch(cell)
    return _day(*found.groups()) if found else None


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _timestamp(cell: str) -> Value:
    """A day with or without a clock time; only whole columns of days alone are ``date``."""
    day_text, _, clock_text = cell.replace("T", " ").partition(" ")
    day = _date(day_text)
    if not isinstance(day, date):
        return None
    if not clock_text.strip():
        return datetime(day.year, day.month, day.day)
    clock = CLOCK.fullmatch(clock_text.strip())
    if clock is None:
        return None
    hour, minute, second = (int(part or 0) for part in clock.groups())
    try:
        return datetime(day.year, day.month, day.day, hour, minute, second)
    except ValueError:
        return None
