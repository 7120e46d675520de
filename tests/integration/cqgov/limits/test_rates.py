"""Who asks too often is told calmly when to come back; the others notice nothing."""

from __future__ import annotations

import time

import pytest
from ckan.tests import factories

from ckanext.cqgov.limits import counting

pytestmark = pytest.mark.usefixtures("non_clean_db", "with_plugins")

SEARCH = "/api/3/action/package_search?rows=0"


def asked(app, path=SEARCH, address="192.0.2.1", token=None, **more):
    headers = {"Authorization": token} if token else {}
    return app.get(path, headers=headers, environ_overrides={"REMOTE_ADDR": address}, expect_errors=True, **more)


def test_a_search_too_many_is_refused_in_the_shape_of_the_api(app, limit):
    limit("rate.search", "2/hour")
    first, second, third = (asked(app) for _ in range(3))
    assert [answer.status_code for answer in (first, second, third)] == [200, 200, 429]
    assert first.headers["RateLimit-Limit"] == "2" and first.headers["RateLimit-Remaining"] == "1"
    assert 1 <= int(first.headers["RateLimit-Reset"]) <= 3600
    assert first.headers["RateLimit-Policy"] == "2;w=3600" and "Retry-After" not in first.headers
    assert third.json["success"] is False and third.json["error"]["__type"] == "Rate Limit Error"
    assert "访问过于频繁" in third.json["error"]["message"]
    assert 1 <= int(third.headers["Retry-After"]) <= 3600
    assert third.headers["RateLimit-Remaining"] == "0" and "no-store" in third.headers["Cache-Control"]


def test_a_person_gets_a_calm_page_in_both_languages_that_costs_nothing_to_make(app, limit):
    limit("rate.search", "1/hour")
    asked(app, "/dataset/?q=a")
    page = asked(app, "/dataset/?q=b")
    assert page.status_code == 429 and page.mimetype == "text/html"
    assert "请稍候" in page.body and "Please wait a moment" in page.body and "Nothing is wrong" in page.body
    assert len(page.body) < 2500


def test_another_address_and_another_kind_are_counted_by_themselves(app, limit):
    limit("rate.search", "1/hour")
    assert [asked(app).status_code for _ in range(2)] == [200, 429]
    assert asked(app, address="192.0.2.2").status_code == 200
    assert asked(app, "/api/3/action/status_show").status_code == 200


def test_all_addresses_of_one_ipv6_line_count_as_one(app, limit):
    limit("rate.search", "1/hour")
    assert asked(app, address="2001:db8:1:2::1").status_code == 200
    assert asked(app, address="2001:db8:1:2:9:9:9:9").status_code == 429
    assert asked(app, address="2001:db8:1:3::1").status_code == 200


def test_an_account_is_counted_over_all_its_tokens_and_addresses(app, limit):
    limit("rate.search_signed_in", "2/hour")
    limit("rate.search", "100/hour")
    user = factories.User()
    tokens = [factories.APIToken(user=user["id"])["token"] for _ in range(2)]
    codes = [asked(app, address=f"192.0.2.{n}", token=tokens[n % 2]).status_code for n in range(3)]
    assert codes == [200, 200, 429]
    assert asked(app, address="192.0.2.1").status_code == 200


def test_made_up_tokens_count_for_the_address(app, limit):
    limit("rate.search", "1/hour")
    assert [asked(app, token=f"made-up-{n}").status_code for n in range(2)] == [200, 429]


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_nobody_comes_from_elsewhere_by_saying_so(app, limit, header):
    limit("rate.search", "1/hour")
    codes = []
    for number in range(2):
        headers = {header: f"198.51.100.{number}"}
        answer = app.get(SEARCH, headers=headers, environ_overrides={"REMOTE_ADDR": "192.0.2.1"}, expect_errors=True)
        codes.append(answer.status_code)
    assert codes == [200, 429]


def test_whom_the_operator_exempts_is_not_counted(app, limit):
    limit("rate.search", "1/hour")
    limit("exempt", ["192.0.2.0/24"])
    assert [asked(app).status_code for _ in range(3)] == [200, 200, 200]
    assert [asked(app, address="203.0.113.1").status_code for _ in range(2)] == [200, 429]


def test_the_window_ends(app, limit, monkeypatch):
    limit("rate.search", "1/minute")
    counter, now = counting.counter(), [time.time()]
    monkeypatch.setattr(counter, "_clock", lambda: now[0])
    assert [asked(app).status_code for _ in range(2)] == [200, 429]
    now[0] += 60
    assert asked(app).status_code == 200


def test_files_that_everybody_gets_are_not_counted(app, limit):
    limit("rate.page", "1/hour")
    answers = [asked(app, "/cqgov/refused.css") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert "RateLimit-Limit" not in answers[0].headers


@pytest.fixture
def trips(monkeypatch):
    """Return the commands that the counts send to Redis."""
    found = []
    client = type(counting.counter()._storage.storage)
    plain = client.execute_command

    def noted(self, *words, **more):
        found.append(words[0])
        return plain(self, *words, **more)

    monkeypatch.setattr(client, "execute_command", noted)
    return found


def test_a_count_costs_one_round_trip_and_a_search_a_sixth_of_one(trips):
    counter, rate = counting.counter(), counting.Rate(120, 60)
    counter.hit("login", "somebody", rate)
    trips.clear()
    counter.hit("login", "somebody", rate)
    assert trips == ["EVALSHA"]
    trips.clear()
    for _ in range(120):
        standing = counter.hit("search", "somebody", rate, exact=False)
    assert trips == ["EVALSHA"] * 20 and standing.counted == 120 and not standing.refused


def test_who_is_refused_already_costs_no_round_trip(trips):
    counter, rate = counting.counter(), counting.Rate(40, 3600)
    for _ in range(42):
        counter.hit("search", "somebody", rate, exact=False)
    trips.clear()
    assert all(counter.hit("search", "somebody", rate, exact=False).refused for _ in range(50))
    assert trips == []


def test_processes_learn_of_each_other(monkeypatch):
    url, site = counting.tk.config["ckan.redis.url"], counting.tk.config["ckan.site_id"]
    rate = counting.Rate(100, 3600)
    processes = [counting.Counter(url, f"cqgov:limit:{site}") for _ in range(4)]
    passed = sum(not processes[n % 4].hit("search", "somebody", rate, exact=False).refused for n in range(400))
    assert 100 <= passed <= 100 + 4 * 5


def test_a_process_keeps_no_more_tallies_than_it_should(monkeypatch):
    monkeypatch.setattr(counting, "ASKERS", 10)
    counter = counting.counter()
    for number in range(50):
        counter.hit("search", f"asker {number}", counting.Rate(100, 60), exact=False)
    assert len(counter._tallies) == 10


def test_without_redis_reading_goes_on_and_applying_is_closed(app, limit, without_redis):
    limit("rate.search", "1/hour")
    without_redis()
    assert [asked(app).status_code for _ in range(3)] == [200] * 3
    assert [asked(app, "/dataset/").status_code for _ in range(2)] == [200] * 2
    refused = app.post("/api/3/action/sharing_application_submit", json={}, expect_errors=True)
    assert refused.status_code == 503 and refused.json["error"]["__type"] == "Service Unavailable Error"
    assert refused.headers["Retry-After"] == "5"


def test_a_value_that_is_no_rate_is_refused_at_the_start(limit):
    from ckan.plugins import toolkit as tk

    from ckanext.cqgov.limits import settings

    settings.check()
    for name, value in (("rate.search", "often"), ("login.attempts", "5 per"), ("exempt", ["10.0.0.0/99"])):
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(tk.config, f"ckanext.cqgov.limits.{name}", value)
            with pytest.raises(tk.ValidationError, match=name):
                settings.check()
