"""Template helpers of the calendar pages."""

from __future__ import annotations

import calendar as gregorian
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.cqgov import rules
from ckanext.cqgov.clock import LEGAL_ZONE
from ckanext.cqgov.domain.rules import Clock
from ckanext.cqgov.domain.text import Text
from ckanext.cqgov.language import pick

__all__ = [
    "cqgov_calendar_clock",
    "cqgov_calendar_months",
    "cqgov_calendar_said",
    "cqgov_calendar_weekday",
    "cqgov_minute",
]


def cqgov_minute(moment: str | datetime | None) -> str:
    """Return a moment as ``2026-03-02 17:05`` in Shanghai's time, which is how both languages of the portal write it.

    ``moment`` is aware, or ISO text; one without a zone is UTC, as CKAN stores it. Nothing gives an empty text.
    """
    if not moment:
        return ""
    read = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(LEGAL_ZONE).strftime("%Y-%m-%d %H:%M")


def cqgov_calendar_said(text: Mapping[str, str]) -> str:
    """Return ``{zh, en}`` of an action's result in the language of the page."""
    return pick(Text(text["zh"], text["en"]))


def cqgov_calendar_clock(clock: Clock) -> str:
    """Return a clock as one line of a list: its name, how long, and on what it rests."""
    if clock.days is not None:
        length = Text("{days} 个工作日", "{days} working days").filled(days=clock.days)
    elif clock.day:
        length = Text("每年 {month} 月 {day} 日", "every year by {month}-{day}").filled(
            month=f"{clock.month:02d}", day=f"{clock.day:02d}"
        )
    else:
        length = Text("每年 {month} 月底", "every year by the end of month {month}").filled(month=clock.month)
    source = Text(f"第 {clock.article} 条", f"Art. {clock.article}") if clock.article else rules.current().source(clock)
    return pick(
        Text("{name}：{length}（{source}）", "{name}: {length} ({source})").filled(
            name=clock.text, length=length, source=source
        )
    )


def cqgov_calendar_weekday(day: str) -> str:
    """Return the weekday of a date ``YYYY-MM-DD`` in the language of the page."""
    return _weekdays()[date.fromisoformat(day).weekday()]


def cqgov_calendar_months(result: Mapping[str, Any], extended: bool = False) -> list[dict[str, Any]]:
    """Return the months of a result as a grid: ``{title, weekdays, weeks}``; a week is seven cells, blanks ``None``.

    A cell has ``date``, ``day``, ``kind`` (``received``, ``working``, ``make-up``, ``weekend``, ``holiday``, or empty
    outside the period), ``mark`` (the short visible text), ``said`` (the reason) and ``due``. ``extended`` draws the extension.
    """
    period = result["extension"] if extended else result
    first = date.fromisoformat(result["due_on"] if extended else result["received"])
    last = date.fromisoformat(period["due_on"])
    steps = {step["date"]: step for step in period["trace"]}
    months = []
    for index in range((last.year - first.year) * 12 + last.month - first.month + 1):
        year, month = first.year + (first.month - 1 + index) // 12, (first.month - 1 + index) % 12 + 1
        weeks = [
            [_cell(date(year, month, day), first, last, steps) if day else None for day in week]
            for week in gregorian.Calendar().monthdayscalendar(year, month)
        ]
        title = pick(Text(f"{year} 年 {month} 月", f"{year}-{month:02d}"))
        months.append({"title": title, "weekdays": _weekdays(), "weeks": weeks})
    return months


def _cell(day: date, first: date, last: date, steps: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    cell = {"date": day.isoformat(), "day": day.day, "kind": "", "mark": "", "said": "", "due": day == last}
    if day == first:
        return {**cell, "kind": "received", "mark": "0", "said": tk._("Day 0, not counted")}
    step = steps.get(day.isoformat())
    if step is None:
        return cell
    mark = str(step["number"]) if step["counted"] else pick(Text("休", "off"))
    return {**cell, "kind": step["kind"], "mark": mark, "said": cqgov_calendar_said(step["reason"])}


def _weekdays() -> list[str]:
    return pick(Text("周一 周二 周三 周四 周五 周六 周日", "Mon Tue Wed Thu Fri Sat Sun")).split()
