"""Working-day calendars: the years that ship with the package, and those that the operator imported over them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ckanext.cqgov import rules
from ckanext.cqgov.domain import notice
from ckanext.cqgov.domain.calendar import WorkCalendar, Year

FOLDER = Path(__file__).parent.parent / "data" / "calendar"


class CalendarYear(tk.BaseModel):
    """A year that was imported; it stands in for the packaged one of the same number."""

    __tablename__ = "cqgov_calendar_year"

    year: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=False)
    papers: Mapped[list[str]] = mapped_column(JSONB)
    days: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    official: Mapped[bool] = mapped_column(sa.Boolean)
    version: Mapped[str] = mapped_column(sa.Text)
    imported_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True), server_default=sa.func.now())
    imported_by: Mapped[str] = mapped_column(sa.Text)


@cache
def packaged() -> Mapping[int, Year]:
    """Return the years that ship with the package; they change only with an upgrade."""
    return {
        year.year: year
        for year in (notice.read(json.loads(path.read_text("utf-8"))) for path in sorted(FOLDER.glob("20*.json")))
    }


def imported() -> dict[int, CalendarYear]:
    """Return the imported rows by year."""
    return {row.year: row for row in model.Session.execute(sa.select(CalendarYear)).scalars()}


def current() -> WorkCalendar:
    """Return the calendar in force: imported years over packaged ones, with the rules file's holidays on fixed dates.

    It is read anew on each call (a few small rows), so that every process follows an import at once.
    """
    return calendar_of(imported())


def calendar_of(rows: Mapping[int, CalendarYear]) -> WorkCalendar:
    """Return the calendar that these imported rows and the packaged years make."""
    years = {**packaged(), **{number: _year(row) for number, row in rows.items()}}
    fixed = {(entry.month, day): entry.text for entry in rules.current().fixed_holidays.values() for day in entry.days}
    return WorkCalendar(years.values(), fixed)


def store(year: Year, imported_by: str) -> None:
    """Write an imported year in the caller's transaction; the row of the same year is replaced."""
    values = {
        **year.as_dict(),
        "official": year.official,
        "version": year.version,
        "imported_by": imported_by,
        "imported_at": sa.func.now(),
    }
    statement = sa.dialects.postgresql.insert(CalendarYear).values(values)
    model.Session.execute(
        statement.on_conflict_do_update(
            index_elements=["year"], set_={key: value for key, value in values.items() if key != "year"}
        )
    )
    model.Session.expire_all()


def _year(row: CalendarYear) -> Year:
    return notice.read({"year": row.year, "papers": row.papers, "days": row.days})
