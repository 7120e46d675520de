"""Due dates, calendars and rules through CKAN: actions, API, page and command line."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan.cli.cli import ckan as ckan_command
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.cqgov.clock import today
from ckanext.cqgov.model import ledger
from ckanext.cqgov.model.calendar import CalendarYear
from ckanext.cqgov.model.duty import Duty
from ckanext.cqgov.model.organization import Organization

pytestmark = pytest.mark.usefixtures("with_plugins", "only_packaged_years")

PAPER = "https://www.gov.cn/zhengce/2027.htm"
NOTICE = {
    "year": 2027,
    "papers": [PAPER],
    "days": [
        {"name": "元旦", "date": "2026-12-27", "isOffDay": False},
        {"name": "元旦", "date": "2027-01-01", "isOffDay": True},
    ],
}


@pytest.fixture
def only_packaged_years(with_plugins):
    """Forget every imported year; far quicker than emptying the whole database before each test."""
    model.Session.execute(sa.delete(CalendarYear))
    model.Session.commit()


def ask(app, **params):
    return app.get("/api/3/action/cqgov_due_date", query_string=params)


def imports() -> list[dict]:
    return ledger.listing(model.Session, verb="calendar.import")


def officer(level: str, duty: str = "authority-officer", authority: bool = True) -> dict:
    user, organization = factories.User(), factories.Organization()
    model.Session.merge(Organization(group_id=organization["id"], level=level, authority=authority))
    model.Session.add(
        Duty(
            user_id=user["id"],
            organization_id=organization["id"],
            duty=duty,
            valid_from=date(2020, 1, 1),
            assigned_by="test",
        )
    )
    model.Session.commit()
    return {"user": user["name"], "ignore_auth": False}


def test_an_anonymous_client_asks_for_a_due_date(app):
    found = ask(app, rule="open_reply", received="2026-02-12").json["result"]
    assert (found["due_on"], found["extension"]["due_on"]) == ("2026-03-11", "2026-04-01")
    assert found["rule"]["source"]["en"] == "Decree 320, Art. 24"
    assert ask(app, rule="share_reply", received="2026-02-05").json["result"]["extension"] is None
    assert ask(app, days=10, received="2026-12-18").json["result"]["provisional"] is True


def test_receipt_is_today_in_chongqing_when_left_out(app):
    assert ask(app, days=1).json["result"]["received"] == today().isoformat()


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({}, "rule"),
        ({"rule": "open_reply", "days": "3"}, "rule"),
        ({"rule": "nonsense"}, "rule"),
        ({"days": "many"}, "days"),
        ({"days": "0"}, "days"),
        ({"days": "-5"}, "days"),
        ({"days": "999999999"}, "days"),
        ({"days": "5", "received": "2026-02-30"}, "received"),
        ({"days": "5", "received": "0001-01-01"}, "received"),
        ({"days": "5", "received": "9999-12-31"}, "received"),
    ],
)
def test_a_bad_question_is_a_409_at_the_parameter_and_a_400_page(app, asked, field):
    answer = ask(app, **asked)
    assert answer.status_code == 409 and answer.json["error"][field]
    if asked:
        page = app.get("/due-date", query_string=asked)
        assert page.status_code == 400
        assert f'id="error-{field}"' in page.body and f'href="#field-{field}"' in page.body


def test_structured_values_are_refused_too(app):
    answer = app.post("/api/3/action/cqgov_due_date", json={"days": [1], "received": {"a": 1}})
    assert answer.status_code == 409


def test_everybody_reads_the_rules_with_their_basis(app):
    shown = app.get("/api/3/action/cqgov_rules_show").json["result"]
    assert shown["clocks"]["share_reply"]["days"] == 10 and shown["clocks"]["share_reply"]["article"] == "19"
    assert shown["guide"]["update_cycles"]["daily"]["zh"] == "每日"
    assert {entry["basis"] for entry in shown["violations"].values()} == {"decree"}


def test_everybody_reads_the_calendars(app):
    years = app.get("/api/3/action/cqgov_calendar_show").json["result"]
    assert [year["year"] for year in years] == list(range(2018, 2028))
    assert [year["year"] for year in years if not year["official"]] == [2027]
    assert app.get("/api/3/action/cqgov_calendar_show?year=1900").status_code == 404
    assert app.get("/api/3/action/cqgov_calendar_show?year=x").status_code == 409


def test_an_import_makes_provisional_dates_final_and_is_one_ledger_row():
    before = len(imports())
    assert call_action("cqgov_calendar_import", calendar=NOTICE, dry_run=True)["changed"]
    assert model.Session.scalar(sa.select(sa.func.count()).select_from(CalendarYear)) == 0
    done = call_action("cqgov_calendar_import", calendar=json.dumps(NOTICE))
    assert done["changed"] and done["official"] and len(done["changes"]) == 2
    found = call_action("cqgov_due_date", days=10, received="2026-12-18")
    assert (found["due_on"], found["provisional"]) == ("2026-12-31", False)
    assert not call_action("cqgov_calendar_import", calendar=NOTICE)["changed"]
    assert len(imports()) == before + 1
    assert imports()[0]["detail"]["papers"] == [PAPER]
    assert call_action("cqgov_calendar_show", year=2027)[0]["source"] == "imported"


def test_a_corrected_notice_replaces_the_year():
    call_action("cqgov_calendar_import", calendar=NOTICE)
    second = {**NOTICE, "days": [*NOTICE["days"], {"name": "元旦", "date": "2027-01-04", "isOffDay": True}]}
    done = call_action("cqgov_calendar_import", calendar=second)
    assert [change["en"] for change in done["changes"]] == ["2027-01-04: ordinary → off (New Year's Day)"]
    assert call_action("cqgov_due_date", days=1, received="2027-01-03")["due_on"] == "2027-01-05"


def test_an_official_year_is_not_replaced_by_one_without_a_notice():
    empty = {"year": 2026, "papers": [], "days": []}
    with pytest.raises(tk.ValidationError):
        call_action("cqgov_calendar_import", calendar=empty)
    assert call_action("cqgov_calendar_import", calendar=empty, force=True)["changed"]
    assert call_action("cqgov_due_date", days=15, received="2026-02-12")["provisional"]


@pytest.mark.parametrize("calendar", [None, "", "{", "[]", {"year": 2027}, {**NOTICE, "papers": ["javascript:x"]}, 7])
def test_a_faulty_calendar_is_a_validation_error(calendar):
    with pytest.raises(tk.ValidationError) as refused:
        call_action("cqgov_calendar_import", calendar=calendar)
    assert refused.value.error_dict["calendar"]


def test_only_officers_of_the_citys_competent_department_import_a_calendar():
    for context in (
        {"user": "", "ignore_auth": False},
        {"user": factories.User()["name"], "ignore_auth": False},
        officer("district"),
        officer("city", "handler"),
        officer("city", authority=False),
    ):
        with pytest.raises(tk.NotAuthorized):
            call_action("cqgov_calendar_import", context, calendar=NOTICE)
    assert call_action("cqgov_calendar_import", officer("city"), calendar=NOTICE)["changed"]


@pytest.mark.parametrize(("path", "title"), [("/due-date", 'lang="zh'), ("/en/due-date", "By when is it due?")])
def test_the_page_stands_in_both_languages_without_a_question(app, path, title):
    page = app.get(path)
    assert page.status_code == 200 and title in page.body
    assert "<script" not in re.search(r"<article class=\"module cq-due\".*?</article>", page.body, re.S).group()


def test_the_page_explains_a_date_day_by_day(app):
    page = app.get("/due-date?rule=open_reply&received=2026-02-12").body
    assert "2026-03-11" in page and "2026-04-01" in page and "第二十四条" in page
    assert "调休上班（春节）" in page and "节假日：春节" in page and "content_7047091" in page
    assert 'class="cq-cal-working cq-cal-due"' in page
    english = app.get("/en/due-date?rule=open_reply&received=2026-02-12").body
    assert "make-up workday (Spring Festival)" in english and "Decree 320, Art. 24" in english


def test_the_page_says_that_a_date_is_provisional(app):
    assert 'class="cq-due-provisional"' in app.get("/due-date?days=10&received=2026-12-18").body
    assert 'class="cq-due-provisional"' not in app.get("/due-date?days=10&received=2026-02-05").body


def test_the_page_answers_a_yearly_rule_without_a_day_table(app):
    page = app.get("/due-date?rule=city_yearly_report&received=2028-02-01").body
    assert "2028-02-29" in page and "cq-due-days" not in page


def test_what_a_visitor_types_is_escaped(app):
    page = app.get("/due-date", query_string={"days": '"><script>x</script>', "received": '"><script>y</script>'}).body
    assert "<script>x" not in page and "<script>y" not in page


def test_the_command_line_imports_lists_and_repeats_nothing(cli, tmp_path):
    file = tmp_path / "2027.json"
    file.write_text(json.dumps(NOTICE, ensure_ascii=False), "utf-8-sig")
    shown = cli.invoke(ckan_command, ["cqgov", "calendar", "import", str(file), "--dry-run"])
    assert not shown.exit_code and "2027-01-01" in shown.output and "未写入" in shown.output
    done = cli.invoke(ckan_command, ["cqgov", "calendar", "import", str(file)])
    assert not done.exit_code and "已导入" in done.output
    assert "没有变化" in cli.invoke(ckan_command, ["cqgov", "calendar", "import", str(file)]).output
    listed = cli.invoke(ckan_command, ["cqgov", "calendar", "list"])
    assert not listed.exit_code and PAPER in listed.output and listed.output.count("packaged") == 9


def test_the_command_line_refuses_a_bad_file_in_one_message(cli, tmp_path):
    file = tmp_path / "bad.json"
    for content in (b"{", b"\xff\xfe", b'{"year": 2027}'):
        file.write_bytes(content)
        refused = cli.invoke(ckan_command, ["cqgov", "calendar", "import", str(file)])
        assert refused.exit_code == 1 and "bad.json" in refused.output and "Traceback" not in refused.output


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        ("2026-03-02T17:30:00+00:00", "2026-03-03 01:30"),
        ("2026-03-02T17:30:00", "2026-03-03 01:30"),
        (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), "2027-01-01 00:00"),
        (None, ""),
    ],
)
def test_pages_write_a_moment_as_it_is_in_shanghai(moment, written):
    from ckanext.cqgov.helpers.calendar import cqgov_minute

    assert cqgov_minute(moment) == written
