"""Guessing of passwords is slowed down for who guesses, and for nobody else; nobody learns who has an account."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import ckan.model as model
import pytest
import time_machine
from ckan.lib import mailer
from ckan.tests import factories
from passlib.hash import pbkdf2_sha512

from ckanext.cqgov.limits import devices, reset

pytestmark = pytest.mark.usefixtures("non_clean_db", "with_plugins")

RIGHT, WRONG = "x7Kq-2mPz0vT", "x7Kq-2mPz0vU"
HERE, THERE = "192.0.2.1", "203.0.113.9"


@pytest.fixture
def attempts(limit):
    limit("login.attempts", "3/hour")


@pytest.fixture
def in_browser(app):
    """Return a function that logs an account in and returns its browser."""
    return lambda user: log_in(app, user["name"], RIGHT)[2]


def log_in(app, name, password, address=HERE, **more):
    client = app.test_client()
    data = {"login": name, "password": password, **more}
    answer = client.post("/user/login", data=data, environ_overrides={"REMOTE_ADDR": address}, follow_redirects=False)
    return answer.status_code, answer, client


def test_after_some_wrong_passwords_this_address_waits_and_no_other_does(app, person, attempts):
    assert [log_in(app, person["name"], WRONG)[0] for _ in range(4)] == [200, 200, 200, 429]
    code, answer, _client = log_in(app, person["name"], RIGHT)
    assert code == 429 and int(answer.headers["Retry-After"]) >= 1
    assert "请稍候" in answer.get_data(as_text=True)
    assert log_in(app, person["name"], RIGHT, THERE)[0] == 302


def test_the_other_accounts_of_this_address_go_on(app, person, attempts):
    for _ in range(4):
        log_in(app, person["name"], WRONG)
    assert log_in(app, factories.User(password=RIGHT)["name"], RIGHT)[0] == 302


def again(client, name, password, **more):
    """Log in once more in a browser, from the same address."""
    client.get("/user/_logout")
    form = {"login": name, "password": password}
    return client.post("/user/login", data=form, environ_overrides={"REMOTE_ADDR": HERE}, **more).status_code


def test_nobody_behind_the_same_address_locks_out_who_has_logged_in_with_this_browser(app, person, attempts, limit):
    limit("rate.login", "3/hour")
    browser = log_in(app, person["name"], RIGHT)[2]
    for _ in range(4):
        log_in(app, person["name"], WRONG)
    assert log_in(app, person["name"], RIGHT)[0] == 429
    assert again(browser, person["name"], RIGHT, follow_redirects=False) == 302
    assert again(browser, person["email"], RIGHT, follow_redirects=False) == 302


def test_a_known_browser_guesses_no_more_than_another_and_at_its_own_accounts(app, person, attempts):
    browser = log_in(app, person["name"], RIGHT)[2]
    assert [again(browser, person["name"], WRONG) for _ in range(4)] == [200, 200, 200, 429]
    other = factories.User(password=RIGHT)
    for _ in range(4):
        log_in(app, other["name"], WRONG)
    assert again(browser, other["name"], RIGHT) == 429


def test_a_browser_is_known_by_what_the_portal_signed_and_for_a_time(app, person, attempts, monkeypatch):
    _code, answer, browser = log_in(app, person["name"], RIGHT)
    (cookie,) = [each for each in answer.headers.getlist("Set-Cookie") if each.startswith(devices.COOKIE)]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and person["id"] not in cookie
    for _ in range(4):
        log_in(app, person["name"], WRONG)
    forger = app.test_client()
    forger.set_cookie(devices.COOKIE, "WyJ4IixbXV0.aaaa.bbbb")
    assert again(forger, person["name"], RIGHT) == 429
    monkeypatch.setattr(devices, "KEPT", -1)
    assert again(browser, person["name"], RIGHT) == 429


def test_name_and_email_are_one_account(app, person, attempts):
    names = [person["name"], person["email"], person["name"], person["email"]]
    assert [log_in(app, name, WRONG)[0] for name in names][-1] == 429


def test_the_right_password_begins_anew(app, person, attempts):
    codes = [log_in(app, person["name"], password)[0] for password in (WRONG, WRONG, RIGHT, WRONG, WRONG, RIGHT)]
    assert codes == [200, 200, 302, 200, 200, 302]


def test_an_account_that_does_not_exist_answers_the_same(app, person, attempts):
    for name in (person["name"], "nobody-of-this-name"):
        answers = [log_in(app, name, WRONG) for _ in range(4)]
        assert [code for code, _answer, _client in answers] == [200, 200, 200, 429]
    known, unknown = (plain(log_in(app, name, WRONG, THERE)[1]) for name in (person["name"], "nobody-else"))
    assert known == unknown


def plain(answer):
    """Return a page without its form token."""
    return re.sub(r'(name="_csrf_token"[^>]*|content=")"[^"]*"', "", answer.get_data(as_text=True))


def test_an_account_that_does_not_exist_costs_as_much_computing(app, person, monkeypatch):
    computed = []
    plain = pbkdf2_sha512._calc_checksum

    def counted(self, secret):
        computed.append(self.rounds)
        return plain(self, secret)

    deleted = factories.User(password=RIGHT)
    model.User.get(deleted["id"]).delete()
    model.Session.commit()
    monkeypatch.setattr(pbkdf2_sha512, "_calc_checksum", counted)
    names = (person["name"], person["email"], deleted["name"], "nobody-of-this-name", "")
    for password, times in ((WRONG, 1), ("", 0), ("x" * 5000, 0)):
        spent = []
        for name in names:
            computed.clear()
            log_in(app, name, password)
            spent.append(list(computed))
        assert spent == [spent[0]] * 5 and len(spent[0]) == times, password


@pytest.mark.parametrize("form", [{}, {"login": "x"}, {"password": "x"}, {"login": "a\x00b", "password": "x"}])
def test_an_attempt_without_account_or_with_one_that_can_not_be_is_answered(app, form):
    answer = app.post("/user/login", data=form, expect_errors=True)
    assert answer.status_code == (400 if "\x00" in form.get("login", "") else 200)


def test_a_password_longer_than_can_be_hashed_is_a_wrong_one(app, person, attempts):
    assert [log_in(app, person["name"], "x" * 5000)[0] for _ in range(4)] == [200, 200, 200, 429]


def test_a_stolen_session_can_not_guess_the_password(app, person, in_browser, limit):
    limit("login.attempts", "3/hour")
    browser = in_browser(person)
    form = {"name": person["name"], "email": "other@example.org", "fullname": "x"}
    path = f"/user/edit/{person['name']}"
    codes = [browser.post(path, data={**form, "old_password": WRONG}).status_code for _ in range(4)]
    assert codes == [200, 200, 200, 429]
    assert browser.post(path, data={**form, "old_password": "x" * 5000}).status_code == 200  # a wrong one
    assert browser.post(path, data=form).status_code == 200
    assert model.User.get(person["id"]).email == person["email"]


def test_who_guesses_at_many_accounts_waits_and_who_logs_in_there_daily_does_not(app, person, limit):
    limit("rate.login", "3/hour")
    assert log_in(app, person["name"], RIGHT)[0] == 302
    stranger = factories.User(password=RIGHT)
    for number in range(3):
        log_in(app, f"guess-{number}", WRONG)
    assert log_in(app, stranger["name"], RIGHT)[0] == 429
    assert log_in(app, person["name"], RIGHT)[0] == 302
    assert log_in(app, stranger["name"], RIGHT, THERE)[0] == 302


def test_without_redis_nobody_logs_in_and_is_told_why(app, person, without_redis):
    without_redis()
    code, answer, _client = log_in(app, person["name"], RIGHT)
    assert code == 503 and "暂时无法登录" in answer.get_data(as_text=True)


@pytest.mark.parametrize("remember", ["63072000", "letters", "-1"])
def test_nobody_is_remembered_beyond_the_session(app, person, remember):
    code, answer, _client = log_in(app, person["name"], RIGHT, remember=remember)
    assert code == 302
    assert not any("remember_token" in cookie for cookie in answer.headers.getlist("Set-Cookie"))


def test_the_form_offers_no_remembering(app):
    assert 'name="remember"' not in app.get("/user/login").body


class TestReset:
    """A lost password."""

    @pytest.fixture
    def jobs(self, monkeypatch):
        queued = []
        monkeypatch.setattr(reset.tk, "enqueue_job", lambda job, words, **more: queued.append((job, words)))
        return queued

    @pytest.fixture
    def mails(self, monkeypatch):
        sent = []
        monkeypatch.setattr(mailer, "send_reset_link", lambda user: sent.append(user.name))
        return sent

    def test_the_answer_is_the_same_whether_there_is_an_account(self, app, person, jobs, mails):
        pages = []
        for wanted in (person["name"], person["email"], "nobody-of-this-name", "nobody@example.org"):
            answer = app.post("/user/reset", data={"user": wanted}, follow_redirects=False)
            assert answer.status_code == 302
            pages.append((answer.headers["Location"], answer.get_data(as_text=True)))
        assert len(set(pages)) == 1
        assert mails == [] and len(jobs) == 4
        for job, words in jobs:
            job(*words)
        assert mails == [person["name"]] * 2

    def test_a_deleted_account_gets_no_mail(self, person, mails):
        model.User.get(person["id"]).delete()
        model.Session.commit()
        reset.send(person["name"])
        assert mails == []

    def test_a_wrong_key_is_answered_the_same_whether_there_is_an_account(self, app, person):
        answers = [
            app.get(f"/user/reset/{name}?key=wrong", expect_errors=True) for name in (person["name"], "nobody-here")
        ]
        assert [answer.status_code for answer in answers] == [403, 403]
        assert plain(answers[0]).replace(person["name"], "") == plain(answers[1]).replace("nobody-here", "")

    def test_an_account_that_can_not_be_is_a_bad_request(self, app):
        assert app.get("/user/reset/a%00b?key=wrong", expect_errors=True).status_code == 400

    def test_the_right_key_opens_the_form(self, app, person):
        user = model.User.get(person["id"])
        mailer.create_reset_key(user)
        key = model.User.get(person["id"]).reset_key
        assert "password1" in app.get(f"/user/reset/{person['id']}?key={key}").body

    @pytest.fixture
    def sent(self, person, monkeypatch):
        """Return a function that sends the link (no mail leaves) and returns its key."""
        monkeypatch.setattr(mailer, "mail_user", lambda *_, **__: None)

        def key():
            reset.send(person["name"])
            return model.User.get(person["id"]).reset_key

        return key

    def test_a_link_is_good_for_some_hours_by_page_and_api(self, app, person, sent):
        path = f"/user/reset/{person['id']}?key={sent()}"
        data = {"id": person["id"], "email": person["email"], "password": "n3w-x7Kq-2mPz", "reset_key": path[-32:]}
        with time_machine.travel(datetime.now(UTC) + timedelta(hours=23)):
            assert app.get(path).status_code == 200
        with time_machine.travel(datetime.now(UTC) + timedelta(hours=25)):
            assert app.get(path, expect_errors=True).status_code == 403
            assert app.post("/api/3/action/user_update", json=data, expect_errors=True).status_code == 403
        assert app.post("/api/3/action/user_update", json=data, expect_errors=True).status_code == 200

    def test_an_invitation_waits(self, app, person, sent):
        sent()
        mailer.create_reset_key(model.User.get(person["id"]))  # as an invitation does
        key = model.User.get(person["id"]).reset_key
        with time_machine.travel(datetime.now(UTC) + timedelta(days=20)):
            assert app.get(f"/user/reset/{person['id']}?key={key}").status_code == 200

    def test_no_mailbox_is_filled(self, sent):
        first = sent()
        assert sent() == first
        with time_machine.travel(datetime.now(UTC) + timedelta(minutes=6)):
            assert sent() != first

    @pytest.mark.parametrize("key", ["wrong", None, 5, ["x"]])
    def test_the_api_takes_no_other_key(self, app, person, sent, key):
        sent()
        data = {"id": person["id"], "email": person["email"], "password": "n3w-x7Kq-2mPz", "reset_key": key}
        assert app.post("/api/3/action/user_update", json=data, expect_errors=True).status_code in (403, 409)

    def test_keys_can_not_be_tried_without_end(self, app, person, limit):
        limit("rate.reset", "2/hour")
        path = f"/user/reset/{person['name']}?key=wrong"
        assert [app.get(path, expect_errors=True).status_code for _ in range(3)] == [403, 403, 429]
