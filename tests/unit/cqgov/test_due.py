"""Due dates under the clocks of the rules file."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from ckanext.cqgov import rules
from ckanext.cqgov.domain import due, notice
from ckanext.cqgov.domain.calendar import CalendarError, WorkCalendar

FOLDER = Path(notice.__file__).parent.parent / "data" / "calendar"
CALENDAR = WorkCalendar(notice.read(json.loads(path.read_text("utf-8"))) for path in sorted(FOLDER.glob("20*.json")))
RULES = rules.load()


@pytest.mark.parametrize(
    ("rule", "receipt", "due_on", "extended"),
    [
        ("share_reply", date(2026, 2, 5), date(2026, 2, 26), None),
        ("correction_check", date(2026, 2, 5), date(2026, 2, 26), date(2026, 3, 18)),
        ("open_reply", date(2026, 2, 12), date(2026, 3, 11), date(2026, 4, 1)),
        ("open_reply", date(2026, 2, 14), date(2026, 3, 13), date(2026, 4, 3)),
        ("open_reply", date(2026, 4, 28), date(2026, 5, 21), date(2026, 6, 11)),
        ("open_reply", date(2026, 9, 24), date(2026, 10, 22), date(2026, 11, 12)),
        ("catalogue_update", date(2026, 2, 12), date(2026, 3, 11), None),
        ("catalogue_report", date(2026, 2, 5), date(2026, 2, 26), None),
        ("department_yearly_report", date(2026, 2, 5), date(2027, 1, 31), None),
        ("city_yearly_report", date(2028, 2, 5), date(2028, 2, 29), None),
    ],
)
def test_each_clock_gives_its_worked_date_and_extends_only_where_the_decree_says_so(rule, receipt, due_on, extended):
    found = due.answer(RULES, CALENDAR, receipt, rule)
    assert found.due_on == due_on
    assert (found.extended.due_on if found.extended else None) == extended


def test_the_answer_carries_the_article_and_both_languages():
    shown = due.as_dict(due.answer(RULES, CALENDAR, date(2026, 2, 12), "open_reply"), RULES)
    assert shown["rule"]["source"] == {
        "zh": "《重庆市政务信息资源共享开放管理办法》第二十四条",
        "en": "Decree 320, Art. 24",
    }
    assert shown["extension"]["approved_by"] == {"code": "head", "zh": "负责人", "en": "head"}
    assert "2026-03-11" in shown["explanation"]["zh"] and "2026-03-11" in shown["explanation"]["en"]
    assert json.loads(json.dumps(shown)) == shown


def test_a_clock_that_is_not_the_decrees_is_never_cited_as_the_decree(tmp_path):
    file = tmp_path / "city.yaml"
    text = (Path(rules.__file__).parent / "decree-320.yaml").read_text("utf-8")
    file.write_text(text.replace('days: 10, basis: decree, article: "19"', "days: 7, basis: operator"), "utf-8")
    other = rules.load(file)
    shown = due.as_dict(due.answer(other, CALENDAR, date(2026, 2, 5), "share_reply"), other)
    assert shown["days"] == 7 and shown["rule"]["article"] is None and "Decree" not in shown["rule"]["source"]["en"]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({}, "rule"),
        ({"rule": "open_reply", "days": 3}, "rule"),
        ({"rule": "no_such_rule"}, "rule"),
        ({"days": 0}, "days"),
        ({"days": 1001}, "days"),
    ],
)
def test_a_question_that_makes_no_sense_names_the_faulty_parameter(asked, field):
    with pytest.raises(CalendarError) as refused:
        due.answer(RULES, CALENDAR, date(2026, 2, 5), **asked)
    assert refused.value.field == field and refused.value.text.zh and refused.value.text.en


def test_a_yearly_rule_guards_the_date_like_the_others():
    with pytest.raises(CalendarError):
        due.answer(RULES, CALENDAR, date(1200, 1, 1), "city_yearly_report")


@pytest.mark.parametrize("written", ["", "2026-02-30", "12/02/2026", "yesterday", "2026-02-12T10:00", "9" * 5000])
def test_a_day_that_does_not_exist_is_refused(written):
    with pytest.raises(CalendarError):
        due.received_on(written)


@pytest.mark.parametrize("written", ["", "ten", "1.5", "1e3", "9" * 5000])
def test_a_number_that_is_none_is_refused(written):
    with pytest.raises(CalendarError):
        due.whole_days(written)


@pytest.mark.parametrize("days", [0, -1, 1001, 99999])
def test_days_outside_the_operators_bounds_are_refused_with_both_bounds(days):
    with pytest.raises(CalendarError) as refused:
        due.answer(RULES, CALENDAR, date(2026, 2, 12), days=days)
    assert refused.value.field == "days" and "from 1 to 1000" in refused.value.text.en
