"""While Solr is away: what is read without it goes on and says so, what needs it says that it is away, nothing is opened."""

from __future__ import annotations

import pysolr
import pytest
import urllib3

from .conftest import CONTENT

pytestmark = pytest.mark.usefixtures("non_clean_db")

SAID = "The search does not answer"

PAGES = (
    "/dataset/{name}",
    "/dataset/{name}/resource/{resource}",
    "/dataset/activity/{name}",
    "/organization/{organization}",
    "/organization/about/{organization}",
)
ALSO = ("/organizations/tree", "/search-help", "/about", "/user/login")
LISTS = ("/dataset/", "/dataset/?q=停车", "/dataset/?res_format=CSV&page=2")
API = ("package_show?id={name}", "resource_show?id={resource}", "organization_show?id={organization}")
ASKING = ("package_search?q=停车", "cqgov_suggest?q=停")


@pytest.fixture(params=["stopped", "silent"])
def away(request, tiers, reached, monkeypatch):
    """Have Solr stopped, or hanging."""
    import ckan.plugins.toolkit as tk

    monkeypatch.setitem(tk.config, "solr_timeout", 1)
    (reached["solr"].cut if request.param == "stopped" else reached["solr"].silence)()
    return tiers


def named(path, tiers, tier="open"):
    return path.format(
        name=tiers.datasets[tier]["name"], resource=tiers.resources[tier]["id"], organization=tiers.organization
    )


@pytest.mark.parametrize("path", PAGES)
def test_pages_live_on_with_a_notice(site, away, path):
    answer = site.get("/en" + named(path, away))
    assert answer.status_code == 200, answer.body[:1000]
    assert SAID in answer.body


def test_pages_that_need_no_search_go_on(site, away):
    for path in ALSO:
        assert site.get(path).status_code == 200, path


@pytest.mark.parametrize("path", LISTS)
def test_lists_say_that_the_search_is_away(site, away, path):
    answer = site.get("/en" + path)
    assert answer.status_code == 503 and SAID in answer.body
    assert "Traceback" not in answer.body and "127.0.0.1" not in answer.body


@pytest.mark.parametrize("path", API)
def test_programs_read_on(site, away, path):
    answer = site.get("/api/3/action/" + named(path, away))
    assert answer.status_code == 200 and answer.json["success"], answer.body[:1000]


@pytest.mark.parametrize("path", ASKING)
def test_programs_that_search_are_told(site, away, path):
    answer = site.get("/api/3/action/" + path)
    assert answer.json["error"]["__type"].startswith("Search") and "127.0.0.1" not in answer.body
    assert answer.status_code in (409, 503)


def test_downloads_go_on(site, away):
    path = "/dataset/{name}/resource/{resource}/download"
    assert site.get(named(path, away)).data == CONTENT["open"]
    holder = {"Authorization": away.handler["token"]}
    assert site.get(named(path, away, "conditional"), headers=holder).data == CONTENT["conditional"]


def test_a_query_that_takes_too_long_does_not_close_the_search_for_others(reached, tiers, monkeypatch):
    from ckanext.cqgov.catalogue import search_outage, solr

    kept = solr.connection()
    asked = kept._pool.urlopen

    def slow(method, url, *words, **options):
        if method != "HEAD":
            raise urllib3.exceptions.ReadTimeoutError(kept._pool, url, "Read timed out.")
        return asked(method, url, *words, **options)

    with monkeypatch.context() as patched:
        patched.setattr(kept._pool, "urlopen", slow)
        with pytest.raises(pysolr.SolrError):
            kept.search("*:*")
    assert not search_outage.rests()
    assert kept.search("*:*", rows=0).hits >= 0


def test_what_solr_says_of_a_query_is_no_outage(reached, tiers):
    from ckanext.cqgov.catalogue import search_outage, solr

    with pytest.raises(pysolr.SolrError):
        solr.connection().search("{!nosuchparser}x")
    assert not search_outage.rests()
