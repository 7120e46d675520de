"""What lies in the vault: which datasets, which values of a resource, and what a client's ``url`` means."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.cqgov.domain import access, vault
from ckanext.cqgov.domain.vault import Holding, echoed, is_open, is_page, page, restored, taken

OWN = "https://data.example.gov.cn/dataset/d1/resource/r1"
LINK = "https://x.example.org/a.csv"
HELD = Holding("r1", "d1", "link", LINK)
FILE = Holding("r1", "d1", "file", "20260101/k", original_name="线路.csv", size=3, facts={"url": "data.csv"})


@pytest.mark.parametrize(
    "state, private, opening",
    list(
        product(
            ("active", "draft", "deleted", None),
            (True, False, None),
            ("unconditional", "conditional", "closed", "other", None),
        )
    ),
)
def test_only_what_is_active_public_and_unconditional_is_open(state, private, opening):
    assert is_open(state, private, opening) == ((state, private, opening) == ("active", False, "unconditional"))


@pytest.mark.parametrize("opening", ["unconditional", "conditional", "closed", None])
@pytest.mark.parametrize("state", ["active", "draft", "deleted"])
@pytest.mark.parametrize("private", [True, False])
def test_what_everybody_may_have_is_exactly_what_is_not_hidden(opening, state, private):
    listed = state == "active" and not private and opening in ("conditional", "unconditional")
    dataset = access.Dataset("d", "o", None, state, listed, False, opening, "unconditional")
    everybody = access.access(access.ANONYMOUS, dataset)
    assert vault.hidden(dataset) == (everybody is not access.Level.DATA)


def test_a_page_is_below_the_portals_address():
    assert page("https://data.example.gov.cn/", "d1", "r1") == page("https://data.example.gov.cn", "d1", "r1") == OWN


@pytest.mark.parametrize(
    "url, same",
    [
        (OWN, True),
        (OWN + "/", True),
        (f" {OWN} ", True),
        (OWN.replace("https", "http"), True),
        (OWN.replace("/dataset", "/zh_Hans_CN/dataset"), True),
        (OWN.replace("/d1/", "/parking/"), True),
        (OWN + "/download/x.csv", True),
        (OWN + "?x=1", True),
        (OWN.replace("r1", "r2"), False),
        (OWN.replace("data.example", "other.example"), False),
        ("/dataset/d1/resource/r1", False),
        ("ftp://data.example.gov.cn/dataset/d1/resource/r1", False),
        ("https://data.example.gov.cn/r1", False),
        ("", False),
    ],
)
def test_a_page_is_known_in_every_form(url, same):
    assert is_page(url, OWN) is same


@pytest.mark.parametrize(
    "held, url, same",
    [
        (HELD, LINK, True),
        (HELD, LINK + "?v=2", False),
        (HELD, OWN, True),
        (FILE, "线路.csv", True),
        (FILE, "data.csv", True),
        (FILE, "other.csv", False),
        (FILE, "https://x.example.org/data.csv", False),
        (FILE, OWN + "/download/data.csv", True),
    ],
)
def test_what_the_providers_form_shows_means_unchanged(held, url, same):
    assert echoed(url, OWN, held) is same


def resource(**values):
    return {"id": "r1", "package_id": "d1", "name": "表", "format": "CSV", "url": LINK, **values}


def test_a_resource_says_its_page_and_nothing_else_of_its_content():
    secret = {"hash": "h", "size": 3, "mimetype": "text/csv", "cache_url": "https://c", "original_name": "n.csv"}
    found = taken(resource(**secret), OWN, None)
    assert found.resource["url"] == OWN and found.resource["url_type"] == "vault" and not found.kept
    assert {"name": "表", "format": "CSV"}.items() <= found.resource.items()
    assert not any(found.resource.get(key) for key in vault.WITHHELD)
    assert found.holding.address == LINK and found.holding.facts["hash"] == "h"


def test_what_is_kept_stays_and_new_facts_are_added():
    found = taken(resource(url=OWN, hash="new"), OWN, HELD)
    assert found.kept and found.holding == replace(HELD, format="CSV", facts={"hash": "new"})


def test_without_an_address_there_is_nothing_to_hold():
    found = taken(resource(url=""), OWN, HELD)
    assert found.holding is None and found.resource["url"] == "" and found.resource["url_type"] is None


def test_an_upload_is_held_under_its_name():
    found = taken(resource(url="data.csv", url_type="upload", original_name="线路.csv"), OWN, None)
    assert (found.holding.kind, found.holding.original_name, found.holding.facts["url"]) == (
        "file",
        "线路.csv",
        "data.csv",
    )


@given(
    url=st.one_of(st.just(LINK), st.just("data.csv")),
    hash=st.one_of(st.none(), st.text("abc", min_size=1)),
    size=st.one_of(st.none(), st.integers(1, 10**12)),
    cached=st.one_of(st.none(), st.just(datetime(2026, 1, 2, 3, 4, 5))),
    name=st.one_of(st.none(), st.just("线路.csv")),
)
def test_what_goes_in_comes_out_as_it_was(url, hash, size, cached, name):
    upload = url == "data.csv"
    before = resource(url=url, url_type="upload" if upload else None, hash=hash, size=size, cache_last_updated=cached)
    if upload and name:
        before["original_name"] = name
    out = restored(taken(before, OWN, None).holding)
    for key in ("url", "url_type", "hash", "size", "cache_last_updated"):
        assert out[key] == before[key], key
    if upload:
        assert out["original_name"] == (name or "data.csv")
