"""Which pages may be kept for everybody, and what caches on the way are told: pure tables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.cqgov.domain import page_cache
from ckanext.cqgov.domain.page_cache import Identity

HTML = ("Content-Type", "text/html; charset=utf-8")
ASKED = {
    "REQUEST_METHOD": "GET",
    "wsgi.url_scheme": "https",
    "HTTP_HOST": "data.example",
    "PATH_INFO": "/dataset/",
    "QUERY_STRING": "",
    "CKAN_LANG": "zh_Hans_CN",
    "CKAN_LANG_IS_DEFAULT": True,
}


@pytest.mark.parametrize(
    ("sent", "visitor"),
    [
        ({}, True),
        ({"HTTP_COOKIE": ""}, True),
        ({"HTTP_COOKIE": " ; "}, True),
        ({"HTTP_USER_AGENT": "curl", "HTTP_ACCEPT": "*/*", "REMOTE_ADDR": "192.0.2.1", "REMOTE_USER": ""}, True),
        ({"HTTP_COOKIE": "_ga=1; _ga_XY=2"}, True),
        ({"HTTP_COOKIE": "ckan=abc"}, False),
        ({"HTTP_COOKIE": "_ga=1;ckan=abc"}, False),
        ({"HTTP_COOKIE": "remember_token=abc"}, False),
        ({"HTTP_COOKIE": "_gas_session=abc"}, True),  # what the operator's pattern says
        ({"HTTP_COOKIE": "sso=abc"}, False),
        ({"HTTP_COOKIE": "nameless"}, False),
        ({"HTTP_COOKIE": '"_ga"=1'}, False),
        ({"HTTP_AUTHORIZATION": "token"}, False),
        ({"HTTP_X_CKAN_API_KEY": "token"}, False),
        ({"HTTP_X_OFFICE_CARD": "7"}, False),
        ({"REMOTE_USER": "clerk"}, False),
        ({"HTTP_X_FORWARDED_USER": "clerk"}, False),
        ({"SSL_CLIENT_S_DN": "CN=clerk"}, False),
    ],
)
def test_only_who_shows_nothing_that_could_tell_who_asks_is_a_visitor(sent, visitor):
    identity = Identity(("_ga*",), ("ckan", "remember_token"), ("X-Office-Card",))
    assert page_cache.is_visitor({**ASKED, **sent}, identity) is visitor


def test_a_session_cookie_counts_whatever_patterns_the_operator_wrote():
    everything = Identity(("*",), ("ckan", "remember_token"))
    assert page_cache.is_visitor({"HTTP_COOKIE": "a=1"}, everything)
    assert not page_cache.is_visitor({"HTTP_COOKIE": "a=1; ckan=2"}, everything)


@pytest.mark.parametrize(
    ("sent", "askable"),
    [
        ({}, True),
        ({"REQUEST_METHOD": "HEAD"}, True),
        ({"REQUEST_METHOD": "POST"}, False),
        ({"REQUEST_METHOD": "OPTIONS"}, False),
        ({"HTTP_ACCEPT": "text/html,application/xhtml+xml"}, True),
        ({"HTTP_ACCEPT": "*/*"}, True),
        ({"HTTP_ACCEPT": "application/rdf+xml"}, False),
        ({"HTTP_ORIGIN": "https://other.example"}, False),
        ({"QUERY_STRING": "q=" + "x" * 1900}, True),
        ({"QUERY_STRING": "q=" + "x" * 2000}, False),
    ],
)
def test_only_pages_read_in_the_common_way_are_answered_from_what_is_kept(sent, askable):
    assert page_cache.is_askable({**ASKED, **sent}) is askable


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("a=1&b=2", "b=2&a=1", True),
        ("q=%e6%b0%b4", "q=%E6%B0%B4", True),
        ("q=a+b", "q=a%20b", True),
        ("q=\xe6\xb0\xb4", "q=%E6%B0%B4", True),  # the same bytes, as a server hands them on
        ("q=\xe6", "q=%C3%A6", False),
        ("&&a=1&", "a=1", True),
        ("a=1&a=2", "a=2&a=1", False),
        ("a=1&b=2&a=3", "a=1&a=3&b=2", True),
        ("a=1", "a=2", False),
        ("a=b%26c%3Dd", "a=b&c=d", False),
        ("a", "b", False),
        ("q=%FF", "q=%FE", False),
        ("q=%", "q=%25", True),
        ("q=\ud800", "q=\ud801", False),
    ],
)
def test_addresses_share_a_page_just_when_they_ask_the_same(one, other, same):
    keys = {page_cache.key({**ASKED, "QUERY_STRING": query}) for query in (one, other)}
    assert (len(keys) == 1) is same


@pytest.mark.parametrize(
    "other",
    [
        {"PATH_INFO": "/dataset"},
        {"HTTP_HOST": "other.example"},
        {"wsgi.url_scheme": "http"},
        {"CKAN_LANG": "en"},
        {"CKAN_LANG_IS_DEFAULT": False},
        {"HTTP_HX_REQUEST": "true"},
        {"HTTP_HX_TARGET": "results"},
        {"HTTP_HX_BOOSTED": "true"},
        {"PATH_INFO": "/dataset/\xff"},
    ],
)
def test_another_address_language_host_or_part_of_a_page_is_another_page(other):
    assert page_cache.key({**ASKED, **other}) != page_cache.key(ASKED)


@pytest.mark.parametrize(
    ("sent", "common"),
    [
        ({}, True),
        ({"QUERY_STRING": "q=x"}, False),
        ({"HTTP_HX_REQUEST": "true"}, False),
        ({"HTTP_HX_TARGET": "made-up"}, False),
        ({"HTTP_HOST": "made-up.example"}, False),
    ],
)
def test_an_address_of_which_a_part_may_be_made_up_is_no_common_one(sent, common):
    assert page_cache.is_common({**ASKED, **sent}, "data.example") is common


def test_a_head_request_asks_for_the_page_that_get_asks_for():
    assert page_cache.key({**ASKED, "REQUEST_METHOD": "HEAD"}) == page_cache.key(ASKED)


@given(st.text(), st.text())
def test_any_query_string_has_a_key(path, query):
    assert len(page_cache.key({**ASKED, "PATH_INFO": path, "QUERY_STRING": query})) == 64


@pytest.mark.parametrize(
    ("status", "headers", "keepable"),
    [
        ("200 OK", [HTML], True),
        ("200 OK", [HTML, ("Vary", "Cookie, Accept-Encoding")], True),
        ("200 OK", [HTML, ("Cache-Control", "private")], True),  # CKAN says so of every page
        ("200 OK", [HTML, ("Set-Cookie", "ckan=1")], False),
        ("200 OK", [HTML, ("set-cookie", "x=1")], False),
        ("200 OK", [HTML, ("Cache-Control", "No-Store")], False),
        ("200 OK", [HTML, ("Vary", "Cookie, X-Office")], False),
        ("200 OK", [HTML, ("Vary", "*")], False),
        ("200 OK", [HTML, ("Content-Encoding", "br")], False),
        ("200 OK", [("Content-Type", "application/json")], False),
        ("200 OK", [("Content-Type", "text/csv")], False),
        ("200 OK", [], False),
        ("206 PARTIAL CONTENT", [HTML], False),
        ("302 FOUND", [HTML, ("Location", "/")], False),
        ("304 NOT MODIFIED", [HTML], False),
        ("404 NOT FOUND", [HTML], False),
        ("500 INTERNAL SERVER ERROR", [HTML], False),
    ],
)
def test_only_whole_pages_that_open_no_session_are_kept(status, headers, keepable):
    assert page_cache.is_keepable(status, headers) is keepable


def test_what_is_kept_with_a_page_says_nothing_of_one_answer():
    headers = [HTML, ("X-Frame-Options", "DENY"), ("Date", "x"), ("Content-Length", "1"), ("Vary", "Cookie")]
    assert page_cache.kept_headers([*headers, ("Cache-Control", "private"), ("Set-Cookie", "a")]) == headers[:2]


@pytest.mark.parametrize(
    ("visitor", "signed_in", "endpoint", "headers", "private"),
    [
        (True, False, "dataset.search", [HTML], False),
        (True, False, "user.login", [HTML, ("Set-Cookie", "ckan=1")], True),
        (True, True, "dataset.search", [HTML], True),
        (False, False, "dataset.search", [HTML], True),
        (False, True, "api.action", [], True),
        (False, True, "webassets.index", [], False),
        (False, True, "static", [], False),
        (True, False, "", [], False),
    ],
)
def test_what_is_made_for_one_person_is_private(visitor, signed_in, endpoint, headers, private):
    said = page_cache.is_private(visitor=visitor, signed_in=signed_in, endpoint=endpoint, headers=headers)
    assert said is private


def test_a_private_answer_says_so_once():
    found = page_cache.made_private([HTML, ("Cache-Control", "public, max-age=0"), ("Pragma", "x")])
    assert found == [HTML, ("Cache-Control", "private, no-store")]


@pytest.mark.parametrize(
    ("sent", "gzip"),
    [
        ("", False),
        ("gzip", True),
        ("br, GZip;q=0.5", True),
        ("*", True),
        ("identity", False),
        ("gzip;q=0", False),
        ("gzip; q=0.0, br", False),
        ("gzipped", False),
    ],
)
def test_gzip_is_sent_to_whom_it_may_be(sent, gzip):
    assert page_cache.accepts_gzip(sent) is gzip


@pytest.mark.parametrize(
    ("sent", "known"),
    [
        ("", False),
        ('"abc"', True),
        ('"abc-gzip"', True),
        ('W/"abc"', True),
        ('"x", W/"abc-gzip"', True),
        ("*", True),
        ('"abcd"', False),
        ("abc-gzip-gzip", False),
    ],
)
def test_a_reader_who_has_the_page_is_recognised(sent, known):
    assert page_cache.is_known_already(sent, "abc") is known


def test_the_tag_follows_content_and_type():
    tags = {
        page_cache.etag(b"a", [HTML]),
        page_cache.etag(b"b", [HTML]),
        page_cache.etag(b"a", [("Content-Type", "text/html")]),
    }
    assert len(tags) == 3
