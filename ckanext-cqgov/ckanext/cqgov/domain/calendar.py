"""The working-day calendar: which days count, and by when something is due, explained day by day.

The day of receipt is day 0 (Civil Code Art. 201); make-up workdays (调休) count; a year without an official notice
counts weekends and the holidays on fixed dates, and makes the result provisional. Legal days are dates in Asia/Shanghai
and today is always a parameter.
"""

from __future__ import annotations

import calendar as gregorian
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from ckanext.cqgov.domain.text import Text

ONE_DAY = timedelta(days=1)
LAST_YEAR = 2100
MOST_DAYS = 3660

FESTIVALS = {
    "元旦": "New Year's Day",
    "春节": "Spring Festival",
    "清明节": "Tomb-Sweeping Day",
    "劳动节": "Labour Day",
    "端午节": "Dragon Boat Festival",
    "中秋节": "Mid-Autumn Festival",
    "国庆节": "National Day",
}


class CalendarError(ValueError):
    """A due date was asked for that can't be given; ``field`` is ``days`` or ``received``."""

    def __init__(self, field: str, text: Text) -> None:
        super().__init__(str(text))
        self.field, self.text = field, text


@dataclass(frozen=True)
class SpecialDay:
    """A day that a notice names: off, or (``off`` False) worked to make up for a holiday."""

    name: str
    off: bool


@dataclass(frozen=True)
class Year:
    """The calendar of one year; ``official`` when it rests on at least one notice (``papers`` are their addresses).

    ``days`` may hold days of the December before, which a New Year's notice moves.
    """

    year: int
    papers: tuple[str, ...] = ()
    days: Mapping[date, SpecialDay] = field(default_factory=dict)

    @property
    def official(self) -> bool:
        """Whether a notice stands behind it."""
        return bool(self.papers)

    @cached_property
    def version(self) -> str:
        """Eight hex digits that change whenever a day or a notice changes."""
        return hashlib.sha256(json.dumps(self.as_dict(), sort_keys=True).encode()).hexdigest()[:8]

    def as_dict(self) -> dict[str, Any]:
        """Return the year in the form of the holiday-cn files."""
        days = [
            {"name": special.name, "date": day.isoformat(), "isOffDay": special.off}
            for day, special in sorted(self.days.items())
        ]
        return {"year": self.year, "papers": list(self.papers), "days": days}


@dataclass(frozen=True)
class Step:
    """One day after receipt: whether it counted, as which working day (``number``, 0 when skipped), and why.

    ``kind`` is ``working``, ``make-up``, ``weekend`` or ``holiday``; ``paper`` is the address of the notice behind it.
    """

    date: date
    counted: bool
    number: int
    kind: str
    reason: Text
    paper: str | None
    provisional: bool


@dataclass(frozen=True)
class Due:
    """A due date with its explanation; ``version`` names the calendars of the years it used."""

    received: date
    days: int
    due_on: date
    trace: tuple[Step, ...]
    version: str
    provisional: bool


class WorkCalendar:
    """Working days by the years that are loaded; immutable."""

    def __init__(self, years: Iterable[Year], fixed: Mapping[tuple[int, int], Text] | None = None) -> None:
        """Take the years and ``fixed`` holidays, ``{(month, day): name}``, which stand in where there is no notice."""
        self.years = {year.year: year for year in sorted(years, key=lambda each: each.year)}
        self.fixed = dict(fixed or {})
        self._special: dict[date, tuple[SpecialDay, Year]] = {}
        for year in self.years.values():  # ascending: the later notice wins where two name the same December day
            self._special.update({day: (special, year) for day, special in year.days.items()})

    def official(self, year: int) -> bool:
        """Whether a notice for ``year`` is loaded."""
        return year in self.years and self.years[year].official

    def is_working(self, day: date) -> bool:
        """Whether ``day`` counts."""
        return self._kind(day) in ("working", "make-up")

    def due(self, received: date, days: int) -> Due:
        """Return by when something received on ``received`` is due after ``days`` working days.

        Raises ``CalendarError`` for a number of days outside 1..3660 and for dates before the first loaded year or
        after 2100. A received day that is itself a rest day is simply day 0.
        """
        self._guard(received, days)
        trace: list[Step] = []
        day, number = received, 0
        while number < days:
            day += ONE_DAY
            if day.year > LAST_YEAR:
                raise CalendarError("days", Text("期限超出 2100 年", "the due date lies beyond the year 2100"))
            step = self.step(day, number)
            number += step.counted
            trace.append(step)
        return Due(
            received, days, day, tuple(trace), self.version(received, day), any(step.provisional for step in trace)
        )

    def step(self, day: date, counted_before: int = 0) -> Step:
        """Return how ``day`` is treated when ``counted_before`` working days were counted before it."""
        kind = self._kind(day)
        counted = kind in ("working", "make-up")
        special, year = self._special.get(day, (None, None))
        return Step(
            day,
            counted,
            counted_before + 1 if counted else 0,
            kind,
            self._reason(day, kind, special),
            year.papers[0] if year and year.papers else None,
            not self.official(day.year),
        )

    def version(self, first: date, last: date) -> str:
        """Name the calendars used between two days, e.g. ``2026:1a2b3c4d 2027:none``."""
        used = range(first.year, last.year + 1 + (last.month == 12 and last.year + 1 in self.years))
        return " ".join(
            f"{number}:{self.years[number].version if self.official(number) else 'none'}" for number in used
        )

    def _guard(self, received: date, days: int) -> None:
        if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= MOST_DAYS:
            raise CalendarError(
                "days",
                Text("工作日数须为 1 至 {most} 的整数", "working days must be a whole number from 1 to {most}").filled(
                    most=MOST_DAYS
                ),
            )
        first = min(self.years, default=LAST_YEAR + 1)
        if not first <= received.year <= LAST_YEAR:
            raise CalendarError(
                "received",
                Text(
                    "收到日期须在 {first} 年至 {last} 年之间（工作日历自 {first} 年起）",
                    "the day of receipt must lie between {first} and {last} (the calendars begin in {first})",
                ).filled(first=first, last=LAST_YEAR),
            )

    def _kind(self, day: date) -> str:
        special, _ = self._special.get(day, (None, None))
        if special and special.off:
            return "holiday"
        weekend = day.weekday() >= 5
        if special:
            return "make-up" if weekend else "working"
        if not self.official(day.year) and (day.month, day.day) in self.fixed:
            return "holiday"
        return "weekend" if weekend else "working"

    def _reason(self, day: date, kind: str, special: SpecialDay | None) -> Text:
        if kind == "make-up":
            return Text("调休上班（{name}）", "make-up workday ({name})").filled(name=festival(special.name))
        if kind == "holiday" and special:
            return Text("节假日：{name}", "holiday: {name}").filled(name=festival(special.name))
        if kind == "holiday":
            return Text(
                "节假日：{name}（法定固定日期，当年放假通知尚未发布）",
                "holiday: {name} (fixed by law; this year's notice is not published yet)",
            ).filled(name=self.fixed[day.month, day.day])
        return Text("周末", "weekend") if kind == "weekend" else Text("工作日", "working day")


def festival(name: str) -> Text:
    """Return a festival's name in both languages; ``国庆节、中秋节`` is two of them."""
    return Text(name, ", ".join(FESTIVALS.get(part, part) for part in name.split("、")))


def yearly(received: date, month: int, day: int) -> date:
    """Return the first yearly date (``day`` 0 = the month's last day) on or after ``received``.

    Such dates stand in the text itself (Art. 37: by the end of January, by the end of February), so they are not moved
    by rest days.
    """
    for year in (received.year, received.year + 1):
        last = gregorian.monthrange(year, month)[1]
        due = date(year, month, min(day, last) if day else last)
        if due >= received:
            return due
    raise AssertionError("a yearly date exists in every year")  # pragma: no cover
