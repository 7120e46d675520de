"""While Solr does not answer: pages say so calmly, programs get a reason, suggestions are quiet, the rest goes on."""

from __future__ import annotations

import uuid

import ckan.plugins.toolkit as tk
import pytest
from ckan.tests import factories

pytestmark = pytest.mark.usefixtures("non_clean_db", "with_plugins")


@pytest.fixture(params=["http://127.0.0.1:9/solr/ckan", "no core"])
def outage(request, monkeypatch):
    """Have nothing listen where Solr was; or a Solr without our core."""
    solr = tk.config["solr_url"].rpartition("/")[0] + "/nosuchcore" if request.param == "no core" else request.param

    def begin():
        monkeypatch.setitem(tk.config, "solr_url", solr)

    return begin


@pytest.mark.parametrize("language", ["", "/en"])
def test_lists_say_that_the_search_is_not_available(app, outage, language):
    outage()
    for path in ("/dataset/?q=停车&tags=x", "/dataset/"):
        answer = app.get(language + path, expect_errors=True)
        assert answer.status_code == 503, path
        assert answer.headers["Retry-After"]
        assert "SOLR" not in answer.body and "Traceback" not in answer.body and "127.0.0.1" not in answer.body
        if language:
            assert "The search does not answer" in answer.body


def test_organisations_and_groups_are_shown_without_their_lists(app, outage):
    organization, group = factories.Organization(), factories.Group()
    outage()
    for path in (f"/organization/{organization['name']}", f"/group/{group['name']}"):
        answer = app.get("/en" + path)
        assert answer.status_code == 200 and "The search does not answer" in answer.body, path


def test_the_rest_of_the_portal_goes_on(app, outage):
    outage()
    for path in ("/search-help", "/about", "/suggest?q=停", "/organizations/tree", "/user/login"):
        assert app.get(path).status_code == 200, path


def test_pages_with_numbers_of_datasets_are_calm_too(app, outage):
    outage()
    for path in ("/", "/organization/", "/group/"):
        answer = app.get("/en" + path)
        assert answer.status_code == 200 and "The search does not answer" in answer.body, path
    assert "The search does not answer" in app.get("/en/request-data", expect_errors=True).body


@pytest.mark.parametrize("kind", ["organization", "group"])
def test_organisations_and_groups_are_listed_with_their_numbers(app, outage, kind):
    names = [getattr(factories, kind.capitalize())(name=f"listed-{mark}-{uuid.uuid4().hex}")["name"] for mark in "ab"]
    args = {f"{kind}s": names, "all_fields": True, "sort": "name desc", "include_extras": True}
    before = app.post(f"/api/3/action/{kind}_list", json=args).json["result"]
    outage()
    listed = app.post(f"/api/3/action/{kind}_list", json=args).json["result"]
    assert [each["name"] for each in listed] == names[::-1]
    assert listed == before
    assert app.post(f"/api/3/action/{kind}_list", json={**args, "limit": 1}).json["result"] == before[:1]


def test_programs_are_told_why(app, outage):
    outage()
    for action in ("package_search", "cqgov_suggest"):
        answer = app.post(f"/api/3/action/{action}", json={"q": "停车"}, expect_errors=True)
        assert answer.json["success"] is False and answer.json["error"]["__type"].startswith("Search"), action
        assert "Internal" not in answer.body
