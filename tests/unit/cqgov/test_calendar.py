"""The working-day calendar against worked dates, an independent oracle, and properties."""

from __future__ import annotations

import json
import math
import time
from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ckanext.cqgov import rules
from ckanext.cqgov.domain import notice
from ckanext.cqgov.domain.calendar import CalendarError, SpecialDay, WorkCalendar, Year, festival, yearly

FOLDER = Path(notice.__file__).parent.parent / "data" / "calendar"
YEARS = [notice.read(json.loads(path.read_text("utf-8"))) for path in sorted(FOLDER.glob("20*.json"))]
FIXED = {(entry.month, day): entry.text for entry in rules.load().fixed_holidays.values() for day in entry.days}
CALENDAR = WorkCalendar(YEARS, FIXED)
DAY = timedelta(days=1)
received = st.dates(date(2018, 1, 1), date(2029, 12, 31))
lengths = st.integers(1, 60)


@pytest.mark.parametrize(
    ("receipt", "days", "due", "extended"),
    [
        ("2026-02-05", 10, "2026-02-26", "2026-03-18"),
        ("2026-02-12", 15, "2026-03-11", "2026-04-01"),
        ("2026-02-14", 15, "2026-03-13", "2026-04-03"),
        ("2026-04-28", 15, "2026-05-21", "2026-06-11"),
        ("2026-09-24", 15, "2026-10-22", "2026-11-12"),
    ],
)
def test_worked_dates_and_their_extension_from_the_original_due_date(receipt, days, due, extended):
    found = CALENDAR.due(date.fromisoformat(receipt), days)
    assert found.due_on.isoformat() == due
    assert CALENDAR.due(found.due_on, 15).due_on.isoformat() == extended
    assert not found.provisional


def test_a_due_date_that_runs_into_a_year_without_a_notice_is_provisional():
    found = CALENDAR.due(date(2026, 12, 18), 10)
    assert (found.due_on, found.provisional) == (date(2027, 1, 4), True)
    assert [step.date for step in found.trace if step.provisional] == [date(2027, 1, day) for day in (1, 2, 3, 4)]
    assert "元旦" in found.trace[-4].reason.zh and "New Year" in found.trace[-4].reason.en
    assert found.version.endswith("2027:none")


def test_a_year_that_nobody_loaded_counts_weekends_and_fixed_holidays():
    found = CALENDAR.due(date(2031, 9, 30), 1)
    assert (found.due_on, found.provisional) == (date(2031, 10, 6), True)  # 1–3 October, then a weekend
    assert CALENDAR.due(date(2031, 4, 30), 1).due_on == date(2031, 5, 5)  # 1 and 2 May, then a weekend


def test_loading_the_notice_makes_the_date_final_and_changes_the_version():
    days = {date(2027, 1, 1): SpecialDay("元旦", True), date(2026, 12, 27): SpecialDay("元旦", False)}
    loaded = WorkCalendar([*YEARS[:-1], Year(2027, ("https://www.gov.cn/x",), days)], FIXED)
    before, after = CALENDAR.due(date(2026, 12, 18), 10), loaded.due(date(2026, 12, 18), 10)
    assert not after.provisional and after.version != before.version
    assert after.due_on == date(2026, 12, 31)  # the make-up Sunday in December now counts


def test_a_make_up_saturday_counts_as_a_working_day():
    found = CALENDAR.due(date(2026, 2, 13), 1)
    assert found.due_on == date(2026, 2, 14)
    assert found.trace[0].kind == "make-up"
    assert found.trace[0].reason.zh == "调休上班（春节）"
    assert found.trace[0].paper.startswith("https://www.gov.cn/")


def test_a_make_up_day_of_the_december_before_is_found_in_the_next_years_notice():
    assert CALENDAR.is_working(date(2018, 12, 29)) and not CALENDAR.is_working(date(2018, 12, 31))
    assert "2019:" in CALENDAR.due(date(2018, 12, 20), 3).version


def test_receipt_on_a_rest_day_is_simply_day_zero():
    assert CALENDAR.due(date(2026, 2, 15), 1).due_on == date(2026, 2, 24)


def test_the_trace_explains_every_day_after_receipt():
    found = CALENDAR.due(date(2026, 2, 12), 15)
    assert [step.date for step in found.trace] == [
        found.received + DAY * offset for offset in range(1, (found.due_on - found.received).days + 1)
    ]
    assert [step.number for step in found.trace if step.counted] == list(range(1, 16))
    assert {step.kind for step in found.trace} == {"working", "make-up", "weekend", "holiday"}
    assert all(step.reason.zh and step.reason.en for step in found.trace)
    assert all(step.paper for step in found.trace if step.kind in ("holiday", "make-up"))


@pytest.mark.parametrize("days", [10, 15])
def test_every_due_date_of_2018_to_2026_agrees_with_an_independent_calendar(days):
    began, day, checked = time.perf_counter(), date(2018, 1, 1), 0
    working = [
        day
        for day in (date(2018, 1, 1) + DAY * offset for offset in range(365 * 9 + 2))
        if chinese_calendar.is_workday(day)
    ]
    index = 0
    while True:
        while index < len(working) and working[index] <= day:
            index += 1
        if index + days > len(working):
            break
        assert CALENDAR.due(day, days).due_on == working[index + days - 1], day
        day, checked = day + DAY, checked + 1
    assert checked > 3200
    assert time.perf_counter() - began < 20


@given(received, lengths)
def test_a_due_date_is_always_a_working_day_after_receipt(day, days):
    found = CALENDAR.due(day, days)
    assert found.due_on > day and CALENDAR.is_working(found.due_on)
    assert sum(step.counted for step in found.trace) == days


@given(received, st.integers(0, 40), lengths, st.integers(0, 20))
def test_later_receipt_or_more_days_never_make_it_due_earlier(day, later, days, more):
    assert CALENDAR.due(day, days).due_on <= CALENDAR.due(day + DAY * later, days).due_on
    assert CALENDAR.due(day, days).due_on <= CALENDAR.due(day, days + more).due_on


@given(received, lengths, lengths)
def test_an_extension_adds_up_with_the_first_period(day, days, more):
    assert CALENDAR.due(CALENDAR.due(day, days).due_on, more).due_on == CALENDAR.due(day, days + more).due_on


@settings(deadline=None)
@given(st.dates(date(2018, 1, 1), date(2026, 10, 31)), st.integers(1, 30), st.integers(1, 60))
def test_adding_a_holiday_never_makes_it_earlier(day, days, offset):
    holiday = day + DAY * offset
    years = [
        Year(year.year, year.papers, {**year.days, holiday: SpecialDay("临时放假", True)})
        if year.year == holiday.year
        else year
        for year in YEARS
    ]
    assert WorkCalendar(years, FIXED).due(day, days).due_on >= CALENDAR.due(day, days).due_on


@pytest.mark.parametrize("days", [0, -1, 3661, 10**9, True, 1.5, math.nan])
def test_an_absurd_number_of_days_is_refused(days):
    with pytest.raises(CalendarError) as refused:
        CALENDAR.due(date(2026, 1, 5), days)
    assert refused.value.field == "days" and "3660" in refused.value.text.en


@pytest.mark.parametrize("day", [date(1, 1, 1), date(2017, 12, 31), date(2101, 1, 1), date(9999, 12, 31)])
def test_a_date_outside_the_calendars_is_refused(day):
    with pytest.raises(CalendarError) as refused:
        CALENDAR.due(day, 10)
    assert refused.value.field == "received" and "2018" in refused.value.text.zh


def test_a_due_date_beyond_the_last_year_is_refused():
    with pytest.raises(CalendarError):
        CALENDAR.due(date(2100, 12, 30), 15)


def test_yearly_dates_fall_at_the_end_of_january_and_of_february():
    assert yearly(date(2026, 1, 31), 1, 31) == date(2026, 1, 31)
    assert yearly(date(2026, 2, 1), 1, 31) == date(2027, 1, 31)
    assert yearly(date(2028, 1, 1), 2, 0) == date(2028, 2, 29)
    assert yearly(date(2026, 3, 1), 2, 0) == date(2027, 2, 28)


def test_two_festivals_in_one_are_named_in_both_languages():
    assert festival("国庆节、中秋节").en == "National Day, Mid-Autumn Festival"
    assert festival("抗战胜利纪念日").en == "抗战胜利纪念日"


def test_a_calendar_file_reads_back_what_it_wrote():
    assert all(notice.read(year.as_dict()) == year for year in YEARS)
    assert [year.year for year in YEARS if not year.official] == [2027]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ([], "object"),
        ({"year": 1999, "papers": [], "days": []}, "2007"),
        ({"year": "2027", "papers": [], "days": []}, "whole number"),
        ({"year": 2027, "papers": ["javascript:alert(1)"], "days": []}, "http"),
        ({"year": 2027, "papers": ["https://www.gov.cn/x"], "days": []}, "at least one day off"),
        ({"year": 2027, "papers": [], "days": [{"date": "2027-02-30", "name": "春节", "isOffDay": True}]}, "entry 1"),
        ({"year": 2027, "papers": [], "days": [{"date": "2027-02-03", "name": "春节", "isOffDay": "yes"}]}, "entry 1"),
        ({"year": 2027, "papers": [], "days": [{"date": "2026-11-30", "name": "元旦", "isOffDay": True}]}, "neither"),
        ({"year": 2027, "papers": [], "days": [{"date": "2027-01-01", "name": "元旦", "isOffDay": True}] * 2}, "twice"),
        ({"year": 2027, "papers": [], "days": None}, "list"),
    ],
)
def test_a_faulty_calendar_file_is_refused_with_what_is_wrong(raw, said):
    with pytest.raises(notice.NoticeError) as refused:
        notice.read(raw)
    assert any(said in problem.en for problem in refused.value.problems)


def test_the_difference_between_two_versions_of_a_year_is_listed_day_by_day():
    old = Year(2027, (), {date(2027, 1, 1): SpecialDay("元旦", True)})
    new = Year(2027, ("https://www.gov.cn/x",), {date(2027, 1, 2): SpecialDay("元旦", False)})
    assert [str(change.text) for change in notice.changes(old, new)] == [
        "2027-01-01：放假（元旦） → 按平日 / 2027-01-01: off (New Year's Day) → ordinary",
        "2027-01-02：按平日 → 上班（元旦） / 2027-01-02: ordinary → worked (New Year's Day)",
    ]
    assert notice.changes(new, new) == []
