"""An API token does what its scope says until its end, and nothing else."""

from __future__ import annotations

from datetime import datetime, timedelta

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
from ckan.logic import _actions
from ckan.tests import factories

from ckanext.cqgov.domain import limits_tokens as domain
from ckanext.cqgov.limits import tokens

pytestmark = pytest.mark.usefixtures("non_clean_db", "with_plugins")


def token_of(user, **more):
    return tk.get_action("api_token_create")({"user": user["name"]}, {"user": user["name"], "name": "t", **more})


def call(app, token, action, data=None):
    answer = app.post(f"/api/3/action/{action}", json=data or {}, headers={"Authorization": token}, expect_errors=True)
    return answer.status_code, answer.json


def test_a_token_tells_its_scope_and_its_end(person):
    made = token_of(person, scope="read", expires_in=7)
    ends = datetime.fromisoformat(made["expires_at"]) - datetime.utcnow()
    assert made["scope"] == "read" and timedelta(days=6.9) < ends < timedelta(days=7.1)
    shown = tk.get_action("api_token_list")({"user": person["name"]}, {"user_id": person["name"]})[0]
    assert (shown["scope"], shown["expires_at"], shown["expired"]) == ("read", made["expires_at"], False)
    assert shown["last_access"] is None


def test_without_a_wish_it_is_as_ckans_and_ends_after_the_usual_time(person):
    made = token_of(person)
    ends = datetime.fromisoformat(made["expires_at"]) - datetime.utcnow()
    assert made["scope"] == "full" and timedelta(days=89) < ends <= timedelta(days=90)


@pytest.mark.parametrize(
    "wish, key", [({"scope": "all"}, "scope"), ({"expires_in": 0}, "expires_in"), ({"expires_in": 367}, "expires_in")]
)
def test_what_is_not_permitted_is_refused_at_its_field(person, wish, key):
    with pytest.raises(tk.ValidationError) as refused:
        token_of(person, **wish)
    assert list(refused.value.error_dict) == [key]


@pytest.mark.parametrize("days", ["x", "1.5", "９９", "1e3", True, [3]])
def test_days_that_are_no_number_are_refused(person, days):
    with pytest.raises(tk.ValidationError):
        token_of(person, expires_in=days) if days != "９９" else token_of(person, expires_in="９９９９")


def test_a_token_to_read_reads_and_changes_nothing(app, person):
    token = token_of(person, scope="read")["token"]
    assert call(app, token, "package_search", {"rows": 0})[0] == 200
    assert call(app, token, "user_show", {"id": person["id"]})[0] == 200
    code, answer = call(app, token, "user_patch", {"id": person["id"], "about": "changed"})
    assert code == 403 and answer["error"]["__type"] == "Authorization Error" and "只读" in answer["error"]["message"]
    assert model.User.get(person["id"]).about != "changed"
    assert app.post("/dataset/new", data={}, headers={"Authorization": token}, expect_errors=True).status_code == 403
    assert app.get("/dataset/", headers={"Authorization": token}).status_code == 200
    assert call(app, token, "cqgov_download_link", {"id": "none"})[0] == 404  # it downloads, where there is something


def test_a_token_to_write_writes_and_administers_nothing(app):
    boss = factories.Sysadmin()
    organization = factories.Organization(user=boss)
    token = token_of(boss, scope="write")["token"]
    entry = {"title": "停车场", "owner_org": organization["id"]}
    assert call(app, token, "package_create", entry)[0] == 200
    for action, data in (
        ("user_create", {"name": "x", "email": "x@example.org", "password": "x7Kq-2mPz0vT"}),
        ("organization_create", {"name": "y-y"}),
        ("api_token_create", {"user": boss["name"], "name": "wider", "scope": "full"}),
        ("config_option_update", {"ckan.site_title": "x"}),
    ):
        assert call(app, token, action, data)[0] == 403, action
    assert app.post("/user/edit", data={}, headers={"Authorization": token}, expect_errors=True).status_code == 403


def test_a_token_with_everything_does_everything(app, person):
    token = token_of(person, scope="full")["token"]
    assert call(app, token, "user_patch", {"id": person["id"], "about": "changed"})[0] == 200
    assert call(app, token, "api_token_create", {"user": person["name"], "name": "another"})[0] == 200


def test_a_token_that_has_ended_opens_nothing(app, person, monkeypatch):
    token = token_of(person, expires_in=1)["token"]
    assert call(app, token, "user_show", {"id": person["id"]})[1]["result"].get("email")
    monkeypatch.setattr(tokens, "now", lambda: datetime.utcnow() + timedelta(days=2))
    assert call(app, token, "api_token_list", {"user": person["name"]})[0] == 403
    shown = tk.get_action("api_token_list")({"user": person["name"]}, {"user_id": person["name"]})[0]
    assert shown["expired"] is True


def test_one_from_before_there_was_a_rule_does_what_it_did_and_ends_after_the_longest_time(app, person, limit):
    made = token_of(person)
    stored = model.ApiToken.get(made["id"])
    stored.plugin_extras = None
    model.Session.commit()
    assert call(app, made["token"], "user_patch", {"id": person["id"], "about": "x"})[0] == 200
    stored = model.ApiToken.get(made["id"])
    stored.created_at = datetime.utcnow() - timedelta(days=400)
    model.Session.commit()
    assert call(app, made["token"], "api_token_list", {"user": person["name"]})[0] == 403


def test_a_session_is_held_by_no_scope(log_in, person):
    browser = log_in(person)
    assert browser.get(f"/user/{person['name']}/api-tokens").status_code == 200


def test_every_action_that_a_token_to_write_may_ask_for_is_meant(with_plugins):
    tk.get_action("package_show")
    administering = (
        "user",
        "organization",
        "group",
        "member",
        "config",
        "job",
        "token",
        "purge",
        "duty",
        "grant",
        "vocabulary",
    )
    writing = [name for name, action in _actions.items() if not getattr(action, "side_effect_free", False)]
    allowed = {name for name in writing if domain.allows_action("write", name, reads=False)}
    left = {name for name in allowed if any(word in name.split("_") for word in administering)}
    assert left == {"follow_user", "follow_group", "unfollow_user", "unfollow_group"}
    assert {"package_create", "resource_update", "datastore_upsert", "package_delete"} <= allowed


def test_the_form_offers_scopes_and_days_and_the_list_shows_them(log_in, person):
    browser = log_in(person)
    path = f"/user/{person['name']}/api-tokens"
    page = browser.get(path).get_data(as_text=True)
    assert 'name="scope"' in page and 'name="expires_in"' in page and "只读" in page
    browser.post(path, data={"name": "停车", "scope": "read", "expires_in": "30"})
    page = browser.get(path).get_data(as_text=True)
    assert "停车" in page
    row = page[page.index('id="api-tokens-table"') :]
    assert "只读" in row
    refused = browser.post(path, data={"name": "停车", "scope": "read", "expires_in": "9999"}).get_data(as_text=True)
    assert "有效期为 1 到 366 天" in refused
