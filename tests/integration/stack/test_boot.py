"""CKAN starts with the three plugins, its database and its Solr core."""

from __future__ import annotations

import ckan.plugins as p
import pytest
from ckan.lib.search import clear_all
from ckan.tests import factories
from ckan.tests.helpers import call_action


@pytest.mark.usefixtures("with_plugins")
def test_the_three_plugins_load():
    assert all(p.plugin_loaded(name) for name in ("cqgov", "sharing", "review"))


@pytest.mark.usefixtures("with_plugins", "clean_db")
def test_the_home_page_answers_in_chinese(app):
    page = app.get("/")
    assert page.status_code == 200
    assert '<html lang="zh-Hans-CN"' in page.get_data(as_text=True)


@pytest.mark.usefixtures("with_plugins", "clean_db", "clean_index")
def test_the_schema_holds_a_bigram_field_for_chinese():
    from ckan.common import config
    from ckan.lib.search.common import make_connection

    solr, own = make_connection(), config["ckan.site_id"]
    solr.add([{"index_id": "1", "id": "1", "site_id": own, "title": "渝中区公共停车场分布信息"}], commit=True)
    found = solr.search("停车场", qf="title_zh", defType="edismax")
    clear_all()
    assert found.hits == 1
    assert solr.search("*:*").hits == 0


@pytest.mark.usefixtures("with_plugins", "clean_db")
def test_emptying_the_database_keeps_the_tables():
    user = factories.User()
    assert call_action("user_show", id=user["id"])["name"] == user["name"]
