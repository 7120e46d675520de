"""How often anybody may ask: kinds of requests, windows, addresses, headers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.cqgov.domain import limits
from ckanext.cqgov.domain.limits import Rate, Standing, is_within, kind_of, place_of, wait, window


@pytest.mark.parametrize(
    "endpoint, method, action, kind",
    [
        ("dataset.search", "GET", None, "search"),
        ("organization.read", "GET", None, "search"),
        ("feeds.general", "GET", None, "search"),
        ("api.action", "GET", "package_search", "search"),
        ("api.action", "POST", "datastore_search_sql", "search"),
        ("api.action", "POST", "cqgov_data_search", "search"),
        ("api.action", "GET", "package_show", "api"),
        ("api.action", "POST", "no_such_action", "api"),
        ("api.get_api", "GET", None, "api"),
        ("cqgov_suggestion.titles", "GET", None, "api"),
        ("cqgov_granted_data.show", "GET", None, "search"),
        ("dataset_resource.download", "GET", None, "download"),
        ("file.download", "GET", None, "download"),
        ("datastore.dump", "GET", None, "download"),
        ("user.login", "POST", None, "login"),
        ("user.login", "GET", None, "page"),
        ("user.request_reset", "POST", None, "reset"),
        ("user.perform_reset", "GET", None, "reset"),
        ("sharing_application.new", "POST", None, "application"),
        ("sharing_application.new", "GET", None, "page"),
        ("api.action", "POST", "sharing_application_submit", "application"),
        ("api.action", "GET", "sharing_application_show", "api"),
        ("dataset.read", "GET", None, "page"),
        ("", "GET", None, "page"),
        ("static", "GET", None, None),
        ("webassets.index", "GET", None, None),
    ],
)
def test_every_request_is_of_a_kind(endpoint, method, action, kind):
    assert kind_of(endpoint, method, action) == kind


def test_guessing_and_flooding_are_what_is_closed_while_nobody_can_count():
    assert set(limits.CLOSED) == {"application", "login", "reset"}


@given(st.floats(0, 4e9), st.integers(1, 86400), st.text())
def test_a_window_ends_within_its_length_and_another_one_begins_then(now, seconds, asker):
    number, ends_in = window(now, seconds, asker)
    assert 1 <= ends_in <= seconds
    assert window(now + ends_in, seconds, asker)[0] == number + 1


def test_windows_of_different_askers_end_at_different_moments():
    assert len({window(1_000_000, 60, f"asker {number}")[1] for number in range(50)}) > 10


def test_the_last_permitted_request_passes_and_the_next_one_does_not():
    rate = Rate(3, 60)
    assert [Standing(rate, counted, 9).refused for counted in (1, 2, 3, 4)] == [False, False, False, True]


def test_the_headers_tell_how_many_are_left_and_when_to_come_back():
    assert Standing(Rate(3, 60), 2, 9).headers() == {
        "RateLimit-Limit": "3",
        "RateLimit-Remaining": "1",
        "RateLimit-Reset": "9",
        "RateLimit-Policy": "3;w=60",
    }
    refused = Standing(Rate(3, 60), 7, 9).headers()
    assert (refused["RateLimit-Remaining"], refused["Retry-After"]) == ("0", "9")


@pytest.mark.parametrize(
    "address, place",
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("[2001:db8:1:3::1]", "2001:db8:1:3::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("not an address", "unknown"),
        ("", "unknown"),
    ],
)
def test_an_ipv6_line_counts_as_one_address(address, place):
    assert place_of(address) == place


def test_networks_hold_addresses_of_either_version():
    networks = ["10.0.0.0/8", "2001:db8::/32", "192.0.2.7"]
    assert all(is_within(address, networks) for address in ("10.1.2.3", "2001:db8::9", "192.0.2.7", "::ffff:10.0.0.1"))
    assert not any(is_within(address, networks) for address in ("11.1.2.3", "2001:db9::9", "192.0.2.8", "nobody"))


@pytest.mark.parametrize(
    "seconds, said", [(1, "1 秒"), (89, "89 秒"), (90, "2 分钟"), (3600, "60 分钟"), (86400, "24 小时")]
)
def test_a_time_to_wait_is_said_in_whole_units(seconds, said):
    assert wait(seconds).zh == said


@pytest.mark.parametrize("amount, by", [(1, 1), (39, 1), (40, 2), (120, 6), (1200, 60)])
def test_a_process_tells_of_a_twentieth_of_the_rate_at_once(amount, by):
    assert limits.step(Rate(amount, 60)) == by
