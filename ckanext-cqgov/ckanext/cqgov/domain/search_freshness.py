"""Whether an entry was updated as often as its provider promised: judged on the day of asking, from the day that is due."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import date, timedelta

from ckanext.cqgov.domain.text import Text

FIELD = "cqgov_freshness"
DUE = "cqgov_due_on"

ON_TIME, OVERDUE, NO_CYCLE = "on-time", "overdue", "no-cycle"

FRESHNESS: Mapping[str, Text] = {
    ON_TIME: Text("按期更新", "updated as promised"),
    OVERDUE: Text("逾期未更新", "overdue"),
    NO_CYCLE: Text("无固定周期", "no fixed cycle"),
}
"""The values of the filter, in their order."""

DAYS = {"real-time": 1, "daily": 1, "weekly": 7}
MONTHS = {"monthly": 1, "quarterly": 3, "half-yearly": 6, "yearly": 12}


def due_on(cycle: str | None, updated: date | None) -> date | None:
    """Return the last day by which the next update has to come; ``None`` without a cycle that promises a day, or a date.

    >>> due_on("monthly", date(2024, 1, 31)), due_on("irregular", date(2024, 1, 31))
    (datetime.date(2024, 2, 29), None)
    """
    if updated is None:
        return None
    try:
        if cycle in DAYS:
            return updated + timedelta(days=DAYS[cycle])
        if cycle in MONTHS:
            return _months_later(updated, MONTHS[cycle])
    except (OverflowError, ValueError):  # the last days of the calendar
        return None
    return None


def _months_later(day: date, months: int) -> date:
    """Return the same day of a later month, or that month's last."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def condition(value: str, today: date) -> str | None:
    """Return the Solr query for entries of this freshness on the day ``today``; ``None`` for a value that is none."""
    begin = f"{today.isoformat()}T00:00:00Z"
    return {
        ON_TIME: f"{DUE}:[{begin} TO *]",
        OVERDUE: f"{DUE}:[* TO {begin}}}",
        NO_CYCLE: f"(*:* -{DUE}:[* TO *])",
    }.get(value)
