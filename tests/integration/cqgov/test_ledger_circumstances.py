"""What an entry of the ledger tells besides the act: duties, outcome, request, address; refusals and reads (Art. 27-29, 33)."""

from __future__ import annotations

import re
from uuid import uuid4

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan.common import config
from ckan.tests import factories
from ckan.tests.helpers import call_action
from flask import g

from ckanext.cqgov import circumstances, keyring
from ckanext.cqgov.ledger import read, recording, refused
from ckanext.cqgov.model import ledger

ROWS = [
    {"title": "重庆市", "name": "city", "kind": "city-government"},
    {"title": "市发展改革委", "name": "ndrc", "kind": "city-department", "parent": "city", "authority": True},
    {"title": "东区", "name": "east", "kind": "district-government", "parent": "city"},
    {"title": "东区城管局", "name": "east-parks", "kind": "district-department", "parent": "east"},
]


@pytest.fixture(autouse=True)
def tree(with_plugins, clean_db):
    """A city with a district."""
    call_action("cqgov_organization_import", organizations=ROWS)


def user_with(*duties, place="east-parks"):
    mark = uuid4().hex
    made = factories.User(name=f"u{mark}", email=f"{mark}@example.com")
    for duty in duties:
        call_action("cqgov_duty_assign", user_id=made["name"], organization_id=place, duty=duty)
    return made


def asking(user):
    return {"user": user["name"] if user else "", "ignore_auth": False}


def of(actor, **wanted):
    model.Session.rollback()
    return ledger.listing(model.Session, actor=actor, **wanted)


def test_an_entry_tells_the_duties_that_the_actor_held_that_day_and_whose_thing_it_was():
    user, place = user_with("handler"), model.Group.get("east-parks").id
    call_action("cqgov_duty_assign", user_id=user["name"], organization_id=place, duty="head", acting=True)
    call_action("cqgov_duty_assign", user_id=user_with()["name"], organization_id="city", duty="handler")
    ledger.record(model.Session, user["id"], "tested", "organization", place, {})
    model.Session.commit()
    entry = of(user["id"])[0]
    assert entry["duties"] == [
        {"duty": "handler", "organization_id": place},
        {"duty": "head", "organization_id": place, "acting": True},
    ]
    assert (entry["outcome"], entry["organization_id"], entry["version"]) == ("done", place, 2)


def test_a_duty_that_is_over_or_not_yet_begun_is_not_told():
    user = user_with()
    for days in ({"valid_from": "2020-01-01", "valid_to": "2020-12-31"}, {"valid_from": "2090-01-01"}):
        call_action("cqgov_duty_assign", user_id=user["name"], organization_id="east-parks", duty="head", **days)
    ledger.record(model.Session, user["id"], "tested", "test", "x", {})
    model.Session.commit()
    assert of(user["id"])[0]["duties"] == []


def test_a_sysadmin_s_standing_is_told():
    sysadmin = factories.Sysadmin()
    ledger.record(model.Session, sysadmin["id"], "tested", "test", "x", {})
    model.Session.commit()
    assert of(sysadmin["id"])[0]["duties"] == [{"duty": "sysadmin"}]


def test_a_refused_assignment_is_recorded_with_who_what_where_and_as_what():
    user, other = user_with("handler"), user_with()
    with pytest.raises(tk.NotAuthorized):
        call_action(
            "cqgov_duty_assign",
            asking(user),
            user_id=other["name"],
            organization_id="east-parks",
            duty="head",
        )
    (entry,) = of(user["id"])
    place = model.Group.get("east-parks").id
    assert (entry["verb"], entry["outcome"]) == ("duty.assign", "refused")
    assert (entry["subject_type"], entry["subject_id"], entry["organization_id"]) == ("organization", place, place)
    assert [held["duty"] for held in entry["duties"]] == ["handler"]


def test_a_refusal_outlives_the_rollback_of_the_transaction_it_happened_in():
    user = user_with()
    model.Session.execute(sa.text("SELECT 1"))
    refused(asking(user), "data.read", "dataset", "d1", {"why": "no grant"})
    model.Session.rollback()
    assert [(one["verb"], one["detail"]) for one in of(user["id"])] == [("data.read", {"why": "no grant"})]


def test_a_refusal_inside_a_broken_transaction_is_recorded_too():
    user = user_with()
    with pytest.raises(sa.exc.ProgrammingError):
        model.Session.execute(sa.text("SELECT * FROM nowhere"))
    with pytest.raises(tk.NotAuthorized):
        _refusing(asking(user))
    assert [one["verb"] for one in of(user["id"])] == ["thing.change"]


def _refusing(context):
    from ckanext.cqgov.logic.refusals import recorded

    def cqgov_thing_change(context, data_dict):
        raise tk.NotAuthorized("no")

    context["auth_user_obj"] = model.User(id=ledger_actor(context["user"]), name=context["user"])
    recorded({"cqgov_thing_change": cqgov_thing_change})["cqgov_thing_change"](context, {"id": "x"})


def ledger_actor(name):
    with model.meta.engine.connect() as connection:
        return connection.execute(sa.select(model.User.id).where(model.User.name == name)).scalar_one()


def test_the_same_refusal_is_recorded_once_a_minute_however_often_it_is_tried():
    user = user_with()
    for _ in range(50):
        refused(asking(user), "data.read", "dataset", "d1")
    assert 1 <= len(of(user["id"])) <= 2  # two when the minute changed meanwhile


def test_many_different_refusals_are_bounded_and_it_is_told_that_there_were_more():
    user = user_with()
    for number in range(3 * recording.AT_MOST):
        refused(asking(user), "data.read", "dataset", f"d{number}")
    found = of(user["id"], limit=1000)
    assert len(found) <= recording.AT_MOST + 2
    assert found[0]["verb"] == recording.MANY and found[0]["subject_id"] == user["id"]


def test_a_ledger_that_can_not_be_written_changes_nothing_in_the_refusal(monkeypatch, caplog):
    def broken(*_):
        raise sa.exc.OperationalError("x", {}, Exception("the disk is full"))

    monkeypatch.setattr(ledger, "record_once", broken)
    assert refused(asking(user_with()), "data.read", "dataset", "d1") is None
    assert "could not be recorded" in caplog.text


def test_a_visitor_who_tries_to_write_is_anonymous():
    call_action("cqgov_rules_show")
    name = f"d{uuid4().hex}"
    with pytest.raises(tk.NotAuthorized):
        call_action("cqgov_search_term_delete", asking(None), id=name)
    (entry,) = ledger.listing(model.Session, subject_id=name)
    assert (entry["actor"], entry["verb"], entry["outcome"]) == ("anonymous", "search-term.delete", "refused")


def test_actions_of_ckan_that_write_tell_their_refusals_as_well_and_once():
    user, place = user_with(), model.Group.get("east-parks")
    dataset = factories.Dataset(owner_org=place.id)
    for action, data in (
        ("package_patch", {"id": dataset["name"], "title": "x"}),
        ("package_delete", {"id": dataset["id"]}),
        ("resource_create", {"package_id": dataset["id"], "url": "http://example.com"}),
        ("organization_patch", {"id": "east-parks", "title": "x"}),
    ):
        with pytest.raises((tk.NotAuthorized, tk.ObjectNotFound)):
            call_action(action, asking(user), **data)
    found = {(one["verb"], one["organization_id"]) for one in of(user["id"])}
    assert {("dataset.update", place.id), ("dataset.delete", place.id), ("organization.update", place.id)} <= found
    assert len(of(user["id"], verb="dataset.update")) == 1


def test_recording_that_a_hidden_dataset_was_asked_for_takes_the_queries_of_one_that_is_not_there():
    user, place = user_with(), model.Group.get("east-parks").id
    hidden = factories.Dataset(owner_org=place)["name"]
    asked = []
    for name in (hidden, f"x{uuid4().hex}"):
        statements, context = [], asking(user)
        note = lambda *args: statements.append(args[2])  # noqa: E731, B023
        sa.event.listen(model.meta.engine, "before_cursor_execute", note)
        try:
            with pytest.raises(tk.ObjectNotFound):
                call_action("package_delete", context, id=name)
        finally:
            sa.event.remove(model.meta.engine, "before_cursor_execute", note)
        asked.append(statements)
    assert len(asked[0]) == len(asked[1]) and any("INSERT INTO cqgov_ledger" in one for one in asked[0])
    told = of(user["id"], verb="dataset.delete")
    assert [one["detail"]["reason"] for one in told] == ["not-found", "not-found"]
    assert [bool(one["subject_id"]) for one in told] == [False, True]


def test_what_is_allowed_and_what_is_only_wrong_is_no_refusal():
    user = user_with()
    with pytest.raises(tk.ValidationError):
        call_action("cqgov_duty_assign", user_id=user["name"], organization_id="east-parks", duty="nothing")
    call_action("cqgov_duty_list", asking(user), user_id=user["name"])
    assert of(user["id"], outcome="refused") == []


def test_a_read_of_data_is_committed_at_once_with_the_dataset_and_its_organisation():
    user, place = user_with(), model.Group.get("east-parks").id
    dataset = factories.Dataset(owner_org=place)
    read(asking(user), dataset["id"], "r1", {"bytes": 3})
    (entry,) = of(user["id"])
    assert (entry["verb"], entry["subject_id"], entry["organization_id"]) == ("data.read", dataset["id"], place)
    assert entry["detail"] == {"bytes": 3, "resource_id": "r1"}


def test_a_read_that_can_not_be_recorded_is_an_error_so_that_nothing_is_given_out(monkeypatch):
    monkeypatch.setattr(ledger, "INSERT", "INSERT INTO nowhere VALUES (:rows, :actors, :day, :request_id, :address) ")
    with pytest.raises(sa.exc.ProgrammingError):
        read(asking(user_with()), "d1")


def test_looking_at_what_is_open_writes_nothing(app):
    dataset = factories.Dataset(owner_org=model.Group.get("east-parks").id)
    model.Session.commit()
    before = model.Session.execute(sa.select(sa.func.count()).select_from(ledger.entries)).scalar()
    for address in ("/", "/dataset/", f"/dataset/{dataset['name']}", "/api/3/action/package_search"):
        app.get(address)
    assert model.Session.execute(sa.select(sa.func.count()).select_from(ledger.entries)).scalar() == before


def test_every_answer_names_its_request_by_an_id_of_our_own(app):
    names = set()
    for address in ("/", "/nowhere", "/api/3/action/status_show", "/api/3/action/nothing", "/base/css/main.css"):
        answer = app.get(address, headers={"X-Request-ID": "forged"})
        (name,) = answer.headers.getlist("X-Request-ID")
        assert re.fullmatch("[0-9a-f]{32}", name)
        names.add(name)
    assert len(names) == 5


@pytest.fixture
def address_key(tmp_path, monkeypatch):
    """A key for addresses."""
    path = tmp_path / "address.key"
    keyring.make_address_key(path)
    monkeypatch.setitem(config, "ckanext.cqgov.ledger.address_key", str(path))
    return path


def test_an_entry_tells_the_request_and_keeps_the_address_encrypted(app, address_key):
    with app.flask_app.test_request_context("/", environ_base={"REMOTE_ADDR": "203.0.113.9"}):
        circumstances.note()
        user = user_with()
        ledger.record(model.Session, user["id"], "tested", "test", "x", {})
        model.Session.commit()
        entry, name = of(user["id"])[0], g.cqgov_request_id
    assert entry["request_id"] == name
    assert "203.0.113.9" not in str(entry)
    assert keyring.decrypted(address_key, entry["address"]) == "203.0.113.9"


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP"])
def test_what_a_proxy_claims_is_kept_beside_the_address_though_nobody_believes_it(app, address_key, header):
    user = user_with()
    token = {"Authorization": factories.APIToken(user=user["id"])["token"], header: "198.51.100.7"}
    place = {"REMOTE_ADDR": "203.0.113.9"}
    url = "/api/3/action/cqgov_duty_end"
    app.post(url, json={"id": "x"}, headers=token, environ_overrides=place, expect_errors=True)
    entry = of(user["id"])[0]
    assert keyring.decrypted(address_key, entry["address"]) == "203.0.113.9 (198.51.100.7)"


def test_without_a_key_the_address_is_left_out_and_with_a_lost_one_it_is_logged(app, address_key, caplog):
    address_key.unlink()
    with app.flask_app.test_request_context("/", environ_base={"REMOTE_ADDR": "203.0.113.9"}):
        assert circumstances.now().address is None
    assert "records no address" in caplog.text


def test_after_a_new_key_for_addresses_the_old_ones_are_still_read(address_key):
    old = keyring.encrypted(address_key, "203.0.113.9")
    assert not keyring.make_address_key(address_key)
    assert keyring.make_address_key(address_key, another=True)
    new = keyring.encrypted(address_key, "203.0.113.9")
    assert keyring.decrypted(address_key, old) == keyring.decrypted(address_key, new) == "203.0.113.9"
    keyring.make_address_key(other := address_key.with_name("other"))
    assert keyring.decrypted(other, old) is None


@pytest.mark.ckan_config("ckanext.cqgov.page_cache.enabled", True)
@pytest.mark.usefixtures("ckan_config", "clean_index")
def test_a_kept_page_names_each_request_by_an_id_of_its_own(app):
    from ckanext.cqgov.page_cache import installation

    installation.store().clear()
    answers = [app.get("/about") for _ in range(3)]
    installation.store().clear()
    assert answers[-1].headers["Cache-Status"] == "cqgov; hit"
    assert len({name for answer in answers for name in answer.headers.getlist("X-Request-ID")}) == 3
