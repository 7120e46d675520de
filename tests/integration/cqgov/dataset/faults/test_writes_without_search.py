"""What is written while Solr is away: the database has it at once, the stricter state shows nowhere, the index hears of it later."""

from __future__ import annotations

from datetime import timedelta

import ckan.plugins.toolkit as tk
import pytest
from ckan.lib.search import SearchIndexError
from ckan.lib.search.common import make_connection

from ckanext.cqgov.catalogue import index_later, search_outage
from ckanext.cqgov.model import index_waiting

from .conftest import RESTRICTED, finished

pytestmark = pytest.mark.usefixtures("non_clean_db")


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Let nothing wait for its turn."""
    monkeypatch.setattr(index_later, "SETTLED", timedelta(0))


def back(reached):
    reached["solr"].mend()
    search_outage.forget()


def document(package_id):
    return make_connection().search(f'id:"{package_id}"', rows=1).docs


def visible(site, name):
    found = site.get(f"/api/3/action/package_search?fq=name:{name}").json["result"]
    return found["count"]


def test_a_dataset_that_is_closed_while_the_search_is_away_is_closed_at_once_and_for_good(site, fresh_tiers, reached):
    made = fresh_tiers.datasets["open"]
    path = f"/dataset/{made['name']}/resource/{made['resources'][0]['id']}/download"
    assert visible(site, made["name"]) == 1
    reached["solr"].cut()
    fresh_tiers.head.call("package_patch", id=made["id"], opening_type="closed", **RESTRICTED)
    assert site.get(f"/dataset/{made['name']}").status_code == 404
    assert site.get(path).status_code == 404
    assert site.get(f"/api/3/action/package_show?id={made['id']}").status_code == 404
    with pytest.raises(SearchIndexError):
        index_later.catch_up()
    assert made["id"] in index_waiting.oldest(1000, timedelta(0))
    back(reached)
    assert made["title"] in str(document(made["id"]))  # the index does not know yet …
    assert visible(site, made["name"]) == 0  # … and its list shows nothing of it
    assert index_later.catch_up() >= 1
    assert finished(reached, made["id"]) is True  # copies, files and index are proven to say nothing more
    assert made["id"] not in index_waiting.oldest(1000, timedelta(0))
    assert '"opening_type":"closed"' in document(made["id"])[0]["validated_data_dict"]


def test_a_new_dataset_is_found_once_the_search_is_back(site, fresh_tiers, reached, entry):
    reached["solr"].cut()
    made = fresh_tiers.head.call("package_create", **entry(title="检索中断时新建的目录", private=False))
    assert site.get(f"/dataset/{made['name']}").status_code == 200
    back(reached)
    assert visible(site, made["name"]) == 0
    index_later.catch_up()
    assert visible(site, made["name"]) == 1


def test_a_deleted_and_a_purged_dataset_leave_the_index_once_it_is_back(site, fresh_tiers, reached):
    deleted, purged = fresh_tiers.datasets["open"], fresh_tiers.datasets["conditional"]
    reached["solr"].cut()
    fresh_tiers.head.call("package_delete", id=deleted["id"])
    tk.get_action("dataset_purge")({"ignore_auth": True}, {"id": purged["id"]})
    back(reached)
    for each in (deleted, purged):
        assert visible(site, each["name"]) == 0
    index_later.catch_up()
    assert not document(purged["id"])
    assert all(each["state"] != "active" for each in document(deleted["id"]))


def test_what_the_index_refuses_is_still_an_error(site, fresh_tiers, monkeypatch):
    def refused(*_words, **_options):
        raise SearchIndexError("Solr returned an error: Solr responded with an error (HTTP 400): unknown field")

    monkeypatch.setattr("ckan.lib.search.index.PackageSearchIndex.index_package", refused)
    with pytest.raises(SearchIndexError):
        fresh_tiers.head.call("package_patch", id=fresh_tiers.datasets["open"]["id"], notes="改")
