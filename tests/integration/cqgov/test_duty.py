"""Duties through CKAN's actions, the page and the commands (Art. 4-6)."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
import time_machine
from ckan.cli.cli import ckan
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.cqgov.clock import today
from ckanext.cqgov.model import duty, ledger, organization

ROWS = [
    {"title": "重庆市", "name": "city", "kind": "city-government"},
    {"title": "市发展改革委", "name": "ndrc", "kind": "city-department", "parent": "city", "authority": True},
    {"title": "东区", "name": "east", "kind": "district-government", "parent": "city"},
    {"title": "东区城管局", "name": "east-parks", "kind": "district-department", "parent": "east"},
    {"title": "西区", "name": "west", "kind": "district-government", "parent": "city"},
]


@pytest.fixture(autouse=True)
def tree(with_plugins, clean_db):
    """A city with two districts."""
    call_action("cqgov_organization_import", organizations=ROWS)


def assign(user, place="east-parks", code="handler", by=None, **more):
    context = {"user": by["name"], "ignore_auth": False} if by else {}
    return call_action("cqgov_duty_assign", context, user_id=user["name"], organization_id=place, duty=code, **more)


def end(one, by=None, **more):
    return call_action("cqgov_duty_end", {"user": by["name"], "ignore_auth": False} if by else {}, id=one["id"], **more)


def capacity(user, place="east-parks"):
    member = model.Session.query(model.Member).filter_by(
        table_name="user", table_id=user["id"], group_id=model.Group.get(place).id, state="active"
    )
    return [one.capacity for one in member]


def holds(user, code="handler", place="east-parks", on=None):
    return duty.holds(user["id"], model.Group.get(place).id, code, on or today())


def test_a_duty_is_held_from_its_first_to_its_last_day():
    user = factories.User()
    assign(user, valid_from="2026-03-02", valid_to="2026-03-31")
    held = [
        day for day in (date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 31), date(2026, 4, 1)) if holds(user, on=day)
    ]
    assert held == [date(2026, 3, 2), date(2026, 3, 31)]
    assert not holds(user, code="head", on=date(2026, 3, 2)) and not holds(user, place="west", on=date(2026, 3, 2))


@time_machine.travel("2026-03-01T16:30:00+00:00", tick=False)
def test_the_day_is_the_day_in_chongqing_and_not_in_greenwich():
    user = factories.User()
    assert assign(user)["valid_from"] == "2026-03-02"
    assert holds(user, on=date(2026, 3, 2)) and not holds(user, on=date(2026, 3, 1))


def test_assigning_gives_the_membership_and_ending_takes_it_back():
    user = factories.User()
    first, second = assign(user), assign(user, code="confidentiality-reviewer")
    assert capacity(user) == ["editor"]
    assert not end(first)["current"] and not holds(user)
    assert capacity(user) == ["member"]
    end(second)
    assert capacity(user) == []


def test_a_membership_that_others_gave_stays_when_the_duty_ends():
    user = factories.User()
    member = {"id": "east-parks", "username": user["name"], "role": "admin"}
    call_action("organization_member_create", {"user": factories.Sysadmin()["name"]}, **member)
    one = assign(user)
    assert capacity(user) == ["admin"]
    end(one)
    assert capacity(user) == ["admin"]


def test_a_weaker_membership_is_raised_for_the_duty_and_restored_after_it():
    user = factories.User()
    member = {"id": "east-parks", "username": user["name"], "role": "member"}
    call_action("organization_member_create", {"user": factories.Sysadmin()["name"]}, **member)
    one = assign(user)
    assert capacity(user) == ["editor"]
    end(one)
    assert capacity(user) == ["member"]


def test_the_same_duty_twice_at_once_is_refused_and_one_after_the_other_is_not():
    user = factories.User()
    assign(user, valid_from="2026-01-01", valid_to="2026-06-30")
    with pytest.raises(tk.ValidationError) as refused:
        assign(user, valid_from="2026-06-30")
    assert "valid_from" in refused.value.error_dict
    assign(user, valid_from="2026-07-01")


def test_the_database_itself_refuses_an_overlap():
    import sqlalchemy as sa

    user = factories.User()
    one = assign(user)
    with pytest.raises(sa.exc.IntegrityError):
        model.Session.execute(
            sa.text(
                "INSERT INTO cqgov_duty (id, user_id, organization_id, duty, valid_from, assigned_by) "
                "SELECT 'other', user_id, organization_id, duty, valid_from + 10, 'x' FROM cqgov_duty WHERE id = :id"
            ),
            {"id": one["id"]},
        )
    model.Session.rollback()


def test_two_that_assign_the_same_at_the_same_moment_make_one_duty_and_one_message():
    user, outcomes = factories.User(), []
    model.Session.remove()
    gate = threading.Barrier(2)

    def one():
        gate.wait()
        try:
            assign(user)
            outcomes.append("assigned")
        except tk.ValidationError:
            outcomes.append("refused")
        finally:
            model.Session.remove()

    threads = [threading.Thread(target=one) for _ in range(2)]
    [thread.start() for thread in threads]
    [thread.join(30) for thread in threads]
    assert sorted(outcomes) == ["assigned", "refused"]


def test_a_duty_of_the_future_gives_nothing_yet_and_cancelling_it_leaves_no_trace_but_its_row():
    user = factories.User()
    later = assign(user, valid_from=(today() + timedelta(days=30)).isoformat())
    assert capacity(user) == [] and not holds(user)
    assert end(later)["cancelled"]
    assert not holds(user, on=today() + timedelta(days=40))
    assign(user, valid_from=(today() + timedelta(days=30)).isoformat())
    with pytest.raises(tk.ValidationError):
        end(later)


def test_memberships_follow_the_days_when_the_refresh_runs(cli):
    user = factories.User()
    tomorrow = today() + timedelta(days=1)
    assign(user, valid_from=tomorrow.isoformat(), valid_to=tomorrow.isoformat())
    for days, expected in ((1, ["editor"]), (1, ["editor"]), (2, [])):
        with time_machine.travel(f"{today() + timedelta(days=days)}T12:00:00+08:00", tick=False):
            done = cli.invoke(ckan, ["cqgov", "duty", "refresh"])
            assert done.exit_code == 0, done.output
            assert capacity(user) == expected


def test_each_assignment_and_each_end_is_one_ledger_row_of_the_same_transaction():
    user, boss = factories.User(), factories.Sysadmin()
    one = assign(user, by=boss, acting=True, reason="代理")
    end(one, by=boss)
    newest = ledger.listing(model.Session, subject_id=one["id"])
    assert [(row["verb"], row["actor"]) for row in newest] == [
        ("duty.end", boss["id"]),
        ("duty.assign", boss["id"]),
    ]
    assert newest[1]["detail"]["membership"] == [None, "editor"] and newest[1]["detail"]["reason"] == "代理"
    call_action("cqgov_duty_assign", {"defer_commit": True}, user_id=user["id"], organization_id="west", duty="head")
    model.Session.rollback()
    assert duty.listing(user_id=user["id"], org_id=model.Group.get("west").id) == []
    assert len([row for row in ledger.listing(model.Session) if row["detail"].get("user_id") == user["id"]]) == 2


def test_heads_and_authorities_assign_in_their_scope_and_nobody_to_themselves():
    city, head, clerk = factories.User(), factories.User(), factories.User()
    assign(city, "ndrc", "authority-officer")
    assign(head, code="head", by=city)
    assign(clerk, by=head)
    for by, user, place, code in [
        (head, head, "east-parks", "handler"),
        (city, city, "west", "head"),
        (head, clerk, "east-parks", "head"),
        (head, clerk, "west", "handler"),
        (clerk, head, "east-parks", "catalogue-officer"),
    ]:
        with pytest.raises(tk.NotAuthorized):
            assign(user, place, code, by=by)
    own = duty.duties_of(head["id"], today())[0]
    with pytest.raises(tk.NotAuthorized):
        end({"id": own.id}, by=head)
    end({"id": own.id}, by=city)
    with pytest.raises(tk.NotAuthorized):
        assign(clerk, code="catalogue-officer", by=head)


def test_the_duties_of_an_account_that_is_closed_are_held_no_more():
    user = factories.User()
    assign(user)
    call_action("user_delete", {"user": factories.Sysadmin()["name"]}, id=user["id"])
    assert not holds(user)
    with pytest.raises(tk.ValidationError):
        assign(user, code="head")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"user_id": "nobody"}, "user_id"),
        ({"user_id": ["x"]}, "user_id"),
        ({"organization_id": "nowhere"}, "organization_id"),
        ({"duty": "king"}, "duty"),
        ({"duty": None}, "duty"),
        ({"duty": "authority-officer"}, "duty"),
        ({"valid_from": "soon"}, "valid_from"),
        ({"valid_to": "2020-01-01"}, "valid_to"),
        ({"acting": "perhaps"}, "acting"),
        ({"reason": "x" * 1001}, "reason"),
    ],
)
def test_bad_input_is_a_message_beside_its_field(change, field):
    data = {"user_id": factories.User()["name"], "organization_id": "east-parks", "duty": "handler", **change}
    with pytest.raises(tk.ValidationError) as refused:
        call_action("cqgov_duty_assign", **data)
    assert list(refused.value.error_dict) == [field]


def test_who_is_on_duty_is_read_by_those_on_duty_and_by_oneself():
    clerk, other, stranger = factories.User(), factories.User(), factories.User()
    assign(clerk)
    assign(other, "west")

    def listed(by, **data):
        return call_action("cqgov_duty_list", {"user": by["name"], "ignore_auth": False}, **data)

    (row,) = listed(clerk, organization_id="east-parks")
    assert (row["user_name"], row["duty"], row["current"], row["organization_title"]) == (
        clerk["name"],
        "handler",
        True,
        "东区城管局",
    )
    assert len(listed(stranger, user_id=stranger["id"])) == 0
    for by, data in [(stranger, {"organization_id": "east-parks"}), (clerk, {"organization_id": "west"}), (clerk, {})]:
        with pytest.raises(tk.NotAuthorized):
            listed(by, **data)


def test_the_page_lists_assigns_and_ends(app):
    head, clerk = factories.UserWithToken(), factories.User()
    assign(head, code="head")
    headers = {"Authorization": head["token"]}
    page = app.get("/organization/east-parks/duties", headers=headers)
    assert f"/user/{head['name']}" in page.body and 'name="duty"' in page.body
    form = {
        "user_id": clerk["name"],
        "duty": "handler",
        "valid_from": today().isoformat(),
        "valid_to": "",
        "reason": "",
    }
    done = app.post("/organization/east-parks/duties", headers=headers, data=form, follow_redirects=False)
    assert done.status_code == 302 and holds(clerk)
    again = app.post("/organization/east-parks/duties", headers=headers, data=form)
    assert again.status_code == 400 and clerk["name"] in again.body
    empty = app.post("/organization/east-parks/duties", headers=headers, data={})
    assert empty.status_code == 400
    one = next(row for row in duty.listing(user_id=clerk["id"]))
    ended = app.post(f"/organization/east-parks/duties/{one.id}/end", headers=headers, data={}, follow_redirects=False)
    assert ended.status_code == 302 and not holds(clerk)


def test_the_page_is_closed_to_strangers_and_missing_where_there_is_nothing(app):
    stranger = factories.UserWithToken()
    headers = {"Authorization": stranger["token"]}
    assert app.get("/organization/east-parks/duties", headers=headers).status_code == 403
    assert app.get("/organization/nowhere/duties", headers=headers).status_code == 404
    assert app.get("/organization/east-parks/duties", follow_redirects=False).status_code in (302, 403)
    refused = app.post("/organization/east-parks/duties", headers=headers, data={"user_id": stranger["name"]})
    assert refused.status_code == 403
    assert "/organization/east-parks/duties" not in app.get("/organization/east-parks", headers=headers).body


def test_the_commands_assign_list_and_end(cli):
    user = factories.User()
    done = cli.invoke(ckan, ["cqgov", "duty", "assign", user["name"], "east-parks", "handler", "--acting"])
    assert done.exit_code == 0, done.output
    key = duty.listing(user_id=user["id"])[0].id
    assert key in cli.invoke(ckan, ["cqgov", "duty", "list", "--user", user["name"]]).output
    wrong = cli.invoke(ckan, ["cqgov", "duty", "assign", user["name"], "east-parks", "king"])
    assert wrong.exit_code == 1 and "duty:" in wrong.output and "Traceback" not in wrong.output
    assert cli.invoke(ckan, ["cqgov", "duty", "end", key]).exit_code == 0
    assert not holds(user)
    assert cli.invoke(ckan, ["cqgov", "duty", "end", "nothing"]).exit_code == 1


def test_purging_an_organisation_or_reading_holders_works_with_duties():
    user = factories.User()
    assign(user, code="head")
    place = organization.resolve("东区城管局")
    assert duty.holders(place, "head", today()) == [user["id"]]
    assert duty.holds_any(user["id"], place, ["handler", "head"], today())
    call_action("organization_purge", {"user": factories.Sysadmin()["name"]}, id=place)
    assert duty.duties_of(user["id"], today()) == []
