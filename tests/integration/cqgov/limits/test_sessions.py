"""Sessions end; passwords are good ones; cookies go where they should."""

from __future__ import annotations

import time
from datetime import timedelta

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
from flask import Flask
from werkzeug.test import create_environ

from ckanext.cqgov.limits import address, sessions

pytestmark = pytest.mark.usefixtures("non_clean_db", "with_plugins")

PASSWORD = "x7Kq-2mPz0vT"


@pytest.fixture
def clock(monkeypatch):
    now = [time.time()]
    monkeypatch.setattr(sessions, "now", lambda: now[0])
    return now


def signed_in(browser):
    return browser.get("/user/me", follow_redirects=False).headers.get("Location", "").endswith("/dashboard/") or (
        browser.get("/dashboard/datasets", follow_redirects=False).status_code == 200
    )


def test_a_session_ends_after_an_hour_without_a_request(app, log_in, person, clock):
    browser = log_in(person)
    for _ in range(3):
        clock[0] += 3000
        assert signed_in(browser)
    clock[0] += 3601
    assert not signed_in(browser)


def test_and_after_twelve_hours_in_any_case(app, log_in, person, clock):
    browser = log_in(person)
    for _ in range(12):
        clock[0] += 3590
        assert signed_in(browser)
    clock[0] += 200
    assert not signed_in(browser)


def test_logging_out_leaves_nothing_in_the_session(app, log_in, person):
    browser = log_in(person)
    browser.get("/user/_logout", follow_redirects=False)
    assert not signed_in(browser)
    with browser.session_transaction() as left:
        assert not {key for key in left if key.startswith(("_user", "cqgov_"))}


def test_a_new_password_ends_the_sessions_elsewhere_and_not_the_own(app, log_in, person):
    here, elsewhere = log_in(person), log_in(person)
    form = {
        "save": "save",
        "name": person["name"],
        "email": person["email"],
        "old_password": PASSWORD,
        "password1": "山高月小 water-9",
        "password2": "山高月小 water-9",
    }
    assert here.post("/user/edit", data=form, follow_redirects=False).status_code == 302
    assert signed_in(here) and not signed_in(elsewhere)


def test_the_cookie_goes_to_no_script_and_over_https_alone_where_the_portal_is_https(app, log_in, person, monkeypatch):
    browser = app.test_client()
    answer = browser.post("/user/login", data={"login": person["name"], "password": PASSWORD}, follow_redirects=False)
    cookie = next(each for each in answer.headers.getlist("Set-Cookie") if each.startswith("ckan="))
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Secure" not in cookie
    monkeypatch.setitem(tk.config, "ckan.site_url", "https://data.example.gov.cn")
    other = Flask("https")
    sessions.install(other)
    assert other.config["SESSION_COOKIE_SECURE"] is True
    assert other.permanent_session_lifetime == app.flask_app.permanent_session_lifetime == timedelta(hours=12)


def test_without_sessions_nobody_is_signed_in_and_reading_goes_on(app, log_in, person, monkeypatch):
    from redis.exceptions import ConnectionError as Gone

    browser = log_in(person)
    kept = app.flask_app.session_interface._kept

    def away(*_):
        raise Gone

    monkeypatch.setattr(kept, "open_session", away, raising=False)
    monkeypatch.setattr(kept, "save_session", away, raising=False)
    assert browser.get("/dataset/").status_code == 200
    assert not signed_in(browser)
    monkeypatch.undo()
    assert signed_in(browser)


@pytest.mark.parametrize(
    "proxies, claimed, seen",
    [
        (0, "198.51.100.1", "192.0.2.1"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "203.0.113.5, 198.51.100.1", "198.51.100.1"),
    ],
)
def test_the_address_is_the_connections_or_what_trusted_proxies_say(proxies, claimed, seen):
    found = {}
    application = address.behind(lambda environ, start: found.update(environ) or [], proxies)
    environ = create_environ(headers={"X-Forwarded-For": claimed})
    environ["REMOTE_ADDR"] = "192.0.2.1"
    application(environ, lambda *_: None)
    assert found["REMOTE_ADDR"] == seen
    assert "HTTP_X_FORWARDED_FOR" not in found


class TestPasswords:
    """The rule holds wherever a password is set."""

    @pytest.fixture(autouse=True)
    def rule(self, limit):
        limit("password.minimum_length", 10)
        limit("password.strength", 3)

    @pytest.mark.parametrize("password", ["short-1", "password123", "1234567890", "zhangsan-x7Kq"])
    def test_the_api_refuses_a_bad_one(self, password):
        with pytest.raises(tk.ValidationError) as refused:
            tk.get_action("user_create")(
                {"ignore_auth": True, "user": ""},
                {"name": "zhangsan", "email": "zhangsan@example.org", "password": password},
            )
        assert list(refused.value.error_dict) == ["password"]

    def test_the_stored_name_counts_when_only_the_password_is_sent(self, person):
        with pytest.raises(tk.ValidationError):
            tk.get_action("user_patch")(
                {"user": person["name"]}, {"id": person["id"], "password": f"x7Kq-{person['name']}-2mPz"}
            )

    def test_the_form_says_it_in_the_readers_language(self, app, log_in, person):
        form = {"name": person["name"], "email": person["email"], "old_password": PASSWORD, "save": "save"}
        form |= {"password1": "password123", "password2": "password123"}
        browser = log_in(person)
        assert "太容易被猜到" in browser.post("/user/edit", data=form).get_data(as_text=True)
        assert "too easy to guess" in browser.post("/en/user/edit", data=form).get_data(as_text=True)
        assert model.User.get(person["id"]).validate_password(PASSWORD)

    def test_an_invited_person_and_an_edit_without_a_password_are_asked_for_none(self, person):
        tk.get_action("user_patch")({"user": person["name"]}, {"id": person["id"], "about": "x"})
        assert model.User.get(person["id"]).about == "x"
