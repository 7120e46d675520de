"""What reaches Solr: without a plan nothing but what CKAN's query sends; a plan can be made by no client."""

from __future__ import annotations

import copy
import socket

import ckan.plugins.toolkit as tk
import pysolr
import pytest
from ckan.lib.search import query_for
from ckan.lib.search.common import SearchError, SearchQueryError, SolrConnectionError
from ckan.lib.search.query import PackageSearchQuery

from ckanext.cqgov.catalogue import query as catalogue_query
from ckanext.cqgov.catalogue import solr
from ckanext.cqgov.catalogue.query import CataloguePackageQuery, Plan

pytestmark = pytest.mark.usefixtures("clean_index", "non_clean_db", "with_plugins")

LABELS = ["public"]


@pytest.fixture
def published(provider, entry):
    """Publish three entries in two languages."""
    for title, notes, tags in (
        ("City buses 2021", "Routes of the buses: line, stop and first bus.", ["buses"]),
        ("Bus stops", "Every stop with its name", ["stops", "buses"]),
        ("清镇市公交路线信息", "全市公交线路", ["公交"]),
    ):
        tags = [{"name": tag} for tag in tags]
        provider.head.call("package_create", **entry(title=title, notes=notes, private=False, tags=tags))


def outcome(query_class, params, labels=LABELS):
    """Return results, count and facets of a query of that class, or the kind and words of its error."""
    query = query_class()
    try:
        answer = query.run(copy.deepcopy(params), permission_labels=labels)
    except (SearchError, SolrConnectionError) as error:
        return type(error), str(error)[:60]
    return answer["results"], answer["count"], query.facets


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"q": "*:*"},
        {"q": '""'},
        {"q": "buses"},
        {"q": '"first bus"'},
        {"q": "bus -stops"},
        {"q": "bus +stop"},
        {"q": "title:bus"},
        {"q": "tags:buses AND -title:stops"},
        {"q": "bus~1 sto*"},
        {"q": "公交"},
        {"q": "bus", "fq": "tags:stops", "facet.field": ["tags", "res_format", "cqgov_opening_type"]},
        {"q": "*:*", "fq_list": ["+tags:buses", "+capacity:public"], "facet.field": ["tags"], "facet.limit": 1},
        {"q": "*:*", "sort": "title_string asc", "rows": 1, "start": 1, "fl": "name title_string metadata_created"},
        {"q": "*:*", "sort": "name desc", "fl": "name", "rows": 0},
        {"q": "*:*", "sort": "name desc", "fl": "id"},
        {"q": "*:*", "sort": "nowhere"},
        {"q": "*:*", "sort": "nowhere desc"},
        {"q": "bus", "fl": "name extras_region"},
        {"q": "bus", "facet": "false"},
        {"q": "bus", "defType": "edismax", "qf": "title^3 notes", "mm": "1", "bf": "", "tie": "0.3"},
        {"q": "bus", "boost": "recip(ms(NOW,metadata_modified),3.16e-11,1,1)", "defType": "edismax"},
        {"q": "a" * 12_000},
        {"q": '"unbalanced'},
        {"q": "title:(bus"},
        {"q": "title:[* TO"},
        {"q": "{!lucene}title:bus"},
        {"q": '_query_:"title:bus"'},
        {"q": "x AND _val_:1"},
        {"q": "*:*", "fq": "{!frange l=0}1"},
        {"q": "*:*", "nonsense": "1"},
        {"q": "*:*", "pf": "title"},
    ],
    ids=lambda params: " ".join(f"{key}={value}" for key, value in params.items())[:60] or "nothing",
)
def test_without_a_plan_the_answer_is_that_of_ckan(published, params):
    assert outcome(CataloguePackageQuery, params) == outcome(PackageSearchQuery, params)


def test_datasets_are_searched_by_our_query():
    assert isinstance(query_for("package"), CataloguePackageQuery)


def test_who_may_see_nothing_finds_nothing(published):
    params = {"q": "公交", "cqgov": Plan({"q": "*:*", "defType": "lucene"})}
    assert outcome(CataloguePackageQuery, params)[1] == 3
    assert outcome(CataloguePackageQuery, params, labels=["nobody"])[:2] == ([], 0)


def test_a_plan_is_followed_and_told_what_solr_answered(published):
    plan = Plan({"q": "nothing OR bus OR city", "defType": "edismax", "qf": "title", "mm": "1"})
    params = {"q": "stays", "fl": "name title", "cqgov": plan}
    query = CataloguePackageQuery()
    query.run(params)
    assert params["cqgov"] is plan and params["q"] == "stays" and query.count == 2
    assert {found["title"] for found in plan.answer["response"]["docs"]} == {"City buses 2021", "Bus stops"}


@pytest.mark.parametrize("forged", [{"instead": {"q": "*:*"}}, "plan", [1], None])
def test_a_client_cannot_send_a_plan(published, forged):
    with pytest.raises(SearchQueryError):
        CataloguePackageQuery().run({"q": "bus", "cqgov": forged})
    with pytest.raises((SearchQueryError, tk.ValidationError)):
        tk.get_action("package_search")({"user": "", "ignore_auth": False}, {"q": "bus", "cqgov": forged})


def test_a_query_of_ten_kilobytes_is_answered(published):
    plan = Plan({"q": "bus city " * 1_200, "q.op": "OR", "defType": "edismax", "qf": "title", "mm": "1"})
    assert outcome(CataloguePackageQuery, {"q": "bus", "cqgov": plan})[1] == 2


def test_the_connection_is_kept(published):
    assert solr.connection() is solr.connection()


def test_a_socket_that_solr_closed_is_opened_again(published, monkeypatch):
    kept = solr.KeptSolr(solr.connection().url, 5)
    before = kept.search("*:*", rows=0).hits
    used = kept._pool._get_conn()
    used.sock.shutdown(socket.SHUT_RDWR)
    kept._pool._put_conn(used)
    assert kept.search("*:*", rows=0).hits == before


def test_no_solr_is_said_as_ckan_says_it(published, monkeypatch):
    unreachable = solr.KeptSolr("http://127.0.0.1:9/solr/none", 1)
    with pytest.raises(pysolr.SolrError, match="^Failed to connect to server at http://127.0.0.1:9/"):
        unreachable.search("*:*")
    monkeypatch.setattr(catalogue_query, "connection", lambda: unreachable)
    with pytest.raises(SolrConnectionError):
        CataloguePackageQuery().run({"q": "bus"})
