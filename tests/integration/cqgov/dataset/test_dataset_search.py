"""What stands in the index, and that a Chinese word in the middle of a title is found."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
import pytest

pytestmark = pytest.mark.usefixtures("clean_index", "non_clean_db", "with_plugins")


@pytest.fixture
def found(provider):
    """Return a search as a visitor: query -> titles in order."""

    def search(q, **parameters):
        answer = tk.get_action("package_search")({"user": "", "ignore_auth": False}, {"q": q, **parameters})
        return [result["title"] for result in answer["results"]]

    return search


@pytest.fixture
def published(provider, entry):
    """Publish some entries with titles like those of real portals."""
    for title, notes in (
        ("2018年度静安区停车场库信息", "停车场库的名称和地址"),
        ("清镇市公交路线信息", "全市公交线路和首末班时间"),
        ("企业信用信息公示", "企业登记和年报"),
        ("信用卡业务企业名录（2019）", "开展业务的企业"),
    ):
        provider.head.call("package_create", **entry(title=title, notes=notes, private=False, tags=[]))


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("停车场", "2018年度静安区停车场库信息"),
        ("停车", "2018年度静安区停车场库信息"),
        ("公交", "清镇市公交路线信息"),
        ("公交（路线）", "清镇市公交路线信息"),
        ("渝中区停车场", "2018年度静安区停车场库信息"),
        ("企业信用", "企业信用信息公示"),
        ("首末班", "清镇市公交路线信息"),
        ("泊位数", None),
        ("库", "2018年度静安区停车场库信息"),
    ],
)
def test_a_word_from_the_middle_is_found(published, found, query, first):
    titles = found(query)
    assert titles and (first is None or titles[0] == first)


def test_what_nobody_wrote_is_not_found(published, found):
    assert found("地铁") == [] and found("航空货运") == []


def test_an_entry_that_only_has_the_characters_apart_is_not_found(published, found, provider, entry):
    provider.head.call(
        "package_create", **entry(title="公共资源交易目录", notes="交易公告和公共服务", private=False, tags=[])
    )
    assert found("公交") == ["清镇市公交路线信息"]


def test_queries_of_advanced_clients_pass_as_they_are(published, found):
    assert len(found("*:*")) == 4
    assert found('title:"清镇市公交路线信息"') == ["清镇市公交路线信息"]
    assert found("", fq="opening_type:unconditional cqgov_update_cycle:monthly", rows=1)
    assert found("停车场", defType="dismax", qf="title_zh") == ["2018年度静安区停车场库信息"]


def test_closed_and_private_entries_are_not_found(published, found, provider, entry):
    provider.head.call("package_create", **entry(title="内部停车场台账"))
    assert "内部停车场台账" not in found("停车场台账")


def test_filters_count_the_codes(published, provider):
    answer = tk.get_action("package_search")(
        {"user": "", "ignore_auth": False},
        {"q": "", "facet.field": ["cqgov_opening_type", "cqgov_region", "opening_type", "cqgov_origin"]},
    )
    counts = {
        key: {item["name"]: item["count"] for item in facet["items"]} for key, facet in answer["search_facets"].items()
    }
    assert counts == {
        "cqgov_opening_type": {"unconditional": 4},
        "opening_type": {"unconditional": 4},
        "cqgov_region": {"500112": 4},
        "cqgov_origin": {"compiled": 4},
    }


def test_results_have_typed_fields(published):
    answer = tk.get_action("package_search")({"user": "", "ignore_auth": False}, {"q": "公交"})
    result = answer["results"][0]
    assert result["region"] == ["500112"] and result["items"][0]["name"] == "停车场名称" and result["complete"] is True


def test_a_table_of_two_thousand_items_is_indexed_and_its_last_item_found(provider, entry, found):
    items = [{"name": f"信息项{number:04d}号登记内容说明", "type": "C", "length": 200} for number in range(1999)]
    items.append({"name": "桥梁荷载", "type": "N"})
    provider.head.call("package_create", **entry(title="很长的表", items=items, private=False))
    assert found("桥梁荷载") == ["很长的表"]


def test_a_word_of_json_is_not_found(published, found):
    assert found("primary_key") == [] and found("base_item") == []
