"""Actions of the calendar."""

from __future__ import annotations

import json

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.cqgov import rules
from ckanext.cqgov.clock import today
from ckanext.cqgov.domain import due, notice
from ckanext.cqgov.domain.calendar import CalendarError, Year
from ckanext.cqgov.domain.text import Text
from ckanext.cqgov.language import pick
from ckanext.cqgov.logic import asking
from ckanext.cqgov.model import calendar, ledger, lock

__all__ = ["cqgov_calendar_import", "cqgov_calendar_show", "cqgov_due_date"]


@tk.side_effect_free
def cqgov_due_date(context, data_dict):
    """Explain by when something is due, open to everyone. The day of receipt is day 0 and make-up workdays count.

    :param rule: a clock of the rules file, e.g. ``open_reply``; either this or ``days``
    :type rule: string
    :param days: a number of working days
    :type days: integer
    :param received: the day of receipt as ``YYYY-MM-DD``; today in Asia/Shanghai when left out
    :type received: string
    :returns: ``due_on``; ``trace`` with each day after receipt (``counted``, ``number``, ``kind``, ``reason`` in both
        languages, ``paper`` = the notice behind it); ``calendar_version``; ``provisional`` when a year without an
        official notice was needed; ``extension`` with the date after a permitted extension, else null; ``rule`` with
        its article. ``ValidationError`` (HTTP 409) names the faulty parameter.
    :rtype: dictionary
    """
    tk.check_access("cqgov_due_date", context, data_dict)
    try:
        rule, days, received = (_given(data_dict, key) for key in ("rule", "days", "received"))
        found = due.answer(
            rules.current(),
            calendar.current(),
            due.received_on(received) if received else today(),
            rule,
            due.whole_days(days) if days else None,
        )
    except CalendarError as error:
        raise tk.ValidationError({error.field: [pick(error.text)]}) from error
    return due.as_dict(found, rules.current())


@tk.side_effect_free
def cqgov_calendar_show(context, data_dict):
    """Return the working-day calendars in force, open to everyone.

    :param year: only this year (optional)
    :type year: integer
    :returns: a list of years, each with ``year``, ``papers`` (the notices), ``days``, ``official``, ``version``,
        ``source`` (``packaged`` or ``imported``) and ``imported_at`` (null when packaged). Unknown year: ``NotFound``.
    :rtype: list of dictionaries
    """
    tk.check_access("cqgov_calendar_show", context, data_dict)
    rows = calendar.imported()
    years = calendar.calendar_of(rows).years
    try:
        wanted = _given(data_dict, "year")
        number = due.whole_days(wanted) if wanted else None
    except CalendarError as error:
        raise tk.ValidationError({"year": [tk._("The year must be a whole number")]}) from error
    if number is not None:
        if number not in years:
            raise tk.ObjectNotFound(tk._("No calendar is loaded for this year"))
        years = {number: years[number]}
    return [_shown(year, rows.get(year.year)) for year in years.values()]


def cqgov_calendar_import(context, data_dict):
    """Import the calendar of one year (a holiday-cn file); sysadmins and officers of the city's competent department.

    Importing what is already in force changes nothing. A year that rests on a notice is not replaced by one that does
    not, unless ``force`` is given.

    :param calendar: the parsed file ``{year, papers, days}``, or its text
    :type calendar: dictionary or string
    :param dry_run: only say what would change
    :type dry_run: boolean
    :param force: also replace an official year by one without a notice
    :type force: boolean
    :returns: ``year``, ``official``, ``version``, ``changed`` (whether anything differs), ``changes`` (sentences in
        both languages) and ``papers_changed``
    :rtype: dictionary
    """
    tk.check_access("cqgov_calendar_import", context, data_dict)
    year = _read(data_dict.get("calendar"))
    lock.hold(model.Session, lock.CALENDAR)
    before = calendar.current().years.get(year.year)
    if before and before.official and not year.official and not tk.asbool(data_dict.get("force", False)):
        text = Text(
            "{year} 年已有官方通知，不能用没有通知的日历替换（确需替换请用 force）",
            "{year} already rests on an official notice; a calendar without one replaces it only with force",
        )
        raise tk.ValidationError({"calendar": [pick(text.filled(year=year.year))]})
    changes = notice.changes(before, year)
    papers_changed = before is None or before.papers != year.papers
    changed = bool(changes) or papers_changed
    dry_run = tk.asbool(data_dict.get("dry_run", False))
    result = {
        "year": year.year,
        "official": year.official,
        "version": year.version,
        "changed": changed,
        "papers_changed": papers_changed,
        "changes": [vars(change.text) for change in changes],
    }
    if changed and not dry_run:
        actor = asking.actor(context)
        calendar.store(year, actor)
        detail = {
            "before": before.version if before else None,
            "after": year.version,
            "papers": list(year.papers),
            "changes": result["changes"],
        }
        ledger.record(model.Session, actor, "calendar.import", "calendar", str(year.year), detail)
    if not context.get("defer_commit"):
        model.repo.commit()  # also lets go of the lock when nothing changed
    return result


def _read(given) -> Year:
    """Return the year that was given as a dictionary or as JSON text."""
    if not given:
        raise tk.ValidationError({"calendar": [tk._("Missing value")]})
    try:
        return notice.read(json.loads(given) if isinstance(given, str | bytes) else given)
    except notice.NoticeError as error:
        raise tk.ValidationError({"calendar": [pick(problem) for problem in error.problems]}) from error
    except (ValueError, RecursionError) as error:
        text = Text("不是有效的 JSON：{error}", "not valid JSON: {error}").filled(error=error)
        raise tk.ValidationError({"calendar": [pick(text)]}) from error


def _given(data_dict, key: str) -> str | None:
    """Return a parameter as text without blanks around it; None when it is absent or empty."""
    value = data_dict.get(key)
    if value is None or isinstance(value, str | int | float):
        return (str(value).strip() or None) if value is not None else None
    raise CalendarError(key, Text("须为单个值", "must be a single value"))


def _shown(year: Year, row: calendar.CalendarYear | None) -> dict:
    shown = {**year.as_dict(), "official": year.official, "version": year.version}
    if row is None:
        return {**shown, "source": "packaged", "imported_at": None}
    return {**shown, "source": "imported", "imported_at": row.imported_at.isoformat()}
