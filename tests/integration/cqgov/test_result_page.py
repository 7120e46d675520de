"""The list of results: its filters and their counts, what is marked, what it says when little or nothing is found."""

from __future__ import annotations

import re
import uuid
from datetime import date
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
from bs4 import BeautifulSoup
from ckan.tests import factories

from ckanext.cqgov.model.duty import Duty
from ckanext.cqgov.model.organization import Organization
from tests.entry import published

pytestmark = pytest.mark.usefixtures("with_plugins")

CLOSED = {
    "opening_type": "closed",
    "opening_condition": "涉密",
    "opening_basis_kind": "law",
    "opening_basis": "某法第一条",
}
CONDITIONAL = {"opening_type": "conditional", "opening_condition": "仅供研究使用，不得转售。"}
ENTRIES = (
    {
        "owner_org": "traffic",
        "resources": [{"name": "主城区泊位表.csv", "url": "http://example.com/a.csv", "format": "CSV"}],
    },
    {"owner_org": "traffic", "title": "停車場收費標準", "update_cycle": "yearly", "region": ["500103", "500112"]},
    {"owner_org": "traffic", "title": "公交线路站点信息", "notes": "全市公交线路和首末班时间。", **CONDITIONAL},
    {
        "owner_org": "traffic",
        "title": "道路运输企业名录",
        "notes": "道路运输企业的名称和地址。",
        "items": [
            {"name": "企业名称", "type": "C", "length": 100},
            {"name": "统一社会信用代码", "type": "C", "length": 18},
        ],
        "update_cycle": "quarterly",
    },
    {"owner_org": "parking", "title": "路内停车泊位", "notes": "路内停车泊位，含停车场出入口。", "region": ["500106"]},
    {"owner_org": "parking", "title": "立体停车场清单", "notes": "说明。" * 80 + "机械式立体停车场。", **CONDITIONAL},
    {
        "owner_org": "parking",
        "title": "脚本<script>alert(1)</script>停车",
        "notes": "脚本 <img src=x onerror=alert(1)> 与 &lt;b&gt;粗体&lt;/b&gt;。",
        "region": ["500152"],
    },
    {
        "owner_org": "health",
        "title": "医院名录",
        "notes": "医院的名称和等级。",
        "opening_theme": "卫生健康",
        "published_on": "2018-05-05",
        "updated_on": "2019-05-05",
    },
    {
        "owner_org": "health",
        "title": "预防接种单位",
        "update_cycle": "irregular",
        "notes": "接种门诊。",
        "opening_theme": "卫生健康",
        "sharing_type": "conditional",
        "sharing_condition": "仅限本市部门",
        "sharing_basis_kind": "law",
        "sharing_basis": "某法第二条",
    },
    *(
        {
            "owner_org": "health",
            "title": f"{year}年度医疗机构统计年报",
            "notes": "机构数。",
            "opening_theme": "卫生健康",
        }
        for year in (2018, 2019, 2021, 2023)
    ),
    {
        "owner_org": "health",
        "title": "传染病个案",
        "notes": "不开放。",
        "opening_theme": "卫生健康",
        "private": True,
        **CLOSED,
    },
)


def serial() -> str:
    """Return digits that no other test has used."""
    return str(uuid.uuid4().int % 10**12)


@pytest.fixture(scope="module")
def catalogue(filled):
    """A small city: a government with two departments, one of them with an office, and their entries."""
    return filled(populated)


def populated() -> dict[str, Any]:
    """Make the organisations, the people and the entries."""
    boss = factories.SysadminWithToken()
    clerk = factories.UserWithToken()
    stranger = factories.UserWithToken()
    tree = {}
    for name, title, parent in (
        ("gov", "重庆市人民政府", None),
        ("traffic", "市交通局", "gov"),
        ("parking", "市停车管理处", "traffic"),
        ("health", "市卫生健康委", "gov"),
        ("gardens", "市园林绿化处", "gov"),
    ):
        users = [{"name": clerk["name"], "capacity": "editor"}] if name == "health" else []
        made = factories.Organization(
            name=name, title=title, user={"name": boss["name"], "capacity": "admin"}, users=users
        )
        model.Session.merge(
            Organization(
                group_id=made["id"],
                level="city",
                parent_id=tree[parent]["id"] if parent else None,
                authority=name == "gov",
            )
        )
        model.Session.commit()
        tree[name] = made
    model.Session.add(
        Duty(
            user_id=clerk["id"],
            organization_id=tree["health"]["id"],
            duty="head",
            valid_from=date(2018, 5, 5),
            assigned_by=boss["id"],
        )
    )
    model.Session.commit()
    for changes in ENTRIES:
        owner = tree[changes["owner_org"]]["id"]
        entry = published(**{"catalog_code": f"307001/{serial()}", **changes, "owner_org": owner})
        tk.get_action("package_create")({"user": boss["name"]}, entry)
    return {"boss": boss, "clerk": clerk, "stranger": stranger, **tree}


def page_of(app, address: str = "", who: dict[str, Any] | None = None, **headers: str) -> BeautifulSoup:
    """Return the English list of datasets at ``?address``, or another page, as somebody sees it."""
    headers = {**headers, **({"Authorization": who["token"]} if who else {})}
    answer = app.get(address if address.startswith("/") else f"/en/dataset/?{address}", headers=headers, status=200)
    return BeautifulSoup(answer.get_data(as_text=True), "html.parser")


def words(element) -> str:
    """Return the text of an element with single blanks."""
    return " ".join(element.get_text(" ").split()) if element else ""


def titles(page) -> list[str]:
    """Return the titles of the results, in order."""
    return [words(title).replace(" ", "") for title in page.select(".dataset-item .cq-card-title")]


def number(page) -> int:
    """Return how many datasets the page says there are."""
    found = re.search(r"(\d[\d,]*) datasets?", words(page.h1))
    return int(found.group(1).replace(",", "")) if found else 0


def facet(page, name: str) -> dict[str, Any]:
    """Return the links of one facet by their labels."""
    links = page.select(f"section[aria-labelledby=facet-{name}] .cq-facet-items a")
    return {words(link.select_one(".item-label")): link for link in links}


def count(link) -> int | None:
    """Return the number at a link of a facet."""
    shown = link.select_one(".item-count")
    return int(words(shown)) if shown else None


# --- filters


def test_filters_come_in_the_order_of_their_use(app, catalogue):
    heads = [words(head) for head in page_of(app).select(".cq-facet-title")]
    assert heads == [
        "Opening type",
        "Theme",
        "Provider",
        "Region",
        "File format",
        "Update cycle",
        "Freshness",
    ]


@pytest.mark.parametrize(("who", "shown"), [("clerk", True), ("boss", True), ("stranger", False), (None, False)])
def test_the_sharing_type_is_a_filter_for_staff(app, catalogue, who, shown):
    page = page_of(app, who=catalogue.get(who))
    assert bool(facet(page, "cqgov_sharing_type")) is shown


@pytest.mark.parametrize("who", [None, "clerk", "boss"])
@pytest.mark.parametrize(
    "address",
    [
        "",
        "q=停车场",
        "q=医疗机构",
        "cqgov_opening_type=unconditional",
        "q=停车&cqgov_region=500103",
        "cqgov_provider=traffic",
    ],
)
def test_every_count_is_what_a_click_finds(app, catalogue, who, address):
    page = page_of(app, address, catalogue.get(who))
    checked = 0
    for link in page.select(".cq-facet-items a:not([aria-current])"):
        shown = count(link)
        if shown is None:
            continue
        clicked = page_of(app, link["href"], catalogue.get(who))
        assert number(clicked) == shown, f"{words(link)} at {address}"
        checked += 1
    assert checked > 5


def test_the_count_of_a_provider_includes_all_below_it(app, catalogue):
    found = facet(page_of(app), "cqgov_provider")
    assert {label: count(link) for label, link in found.items()} == {
        "重庆市人民政府": 13,
        "市交通局": 7,
        "市停车管理处": 3,
        "市卫生健康委": 6,
    }


def test_a_branch_below_another_stands_inside_it_and_the_way_to_the_selected_one_is_open(app, catalogue):
    page = page_of(app, "cqgov_provider=parking")
    links = facet(page, "cqgov_provider")
    assert count(links["重庆市人民政府"]) is None and count(links["市停车管理处"]) == 3
    assert links["市停车管理处"]["aria-current"] == "true"
    around = [each for each in links["市停车管理处"].parents if each.name == "details"]
    assert len(around) == 2 and all(each.has_attr("open") for each in around)
    assert links["市交通局"]["href"] == "/en/dataset/?cqgov_provider=traffic"
    assert links["市停车管理处"]["href"] == "/en/dataset/"


def test_filters_add_up_and_each_can_be_taken_away(app, catalogue):
    page = page_of(app, "q=停车&cqgov_provider=traffic&cqgov_opening_type=unconditional&sort=title_string+asc")
    chips = {words(chip): chip.a["href"] for chip in page.select(".cq-chips li")}
    assert [chip.split(" ×")[0] for chip in chips] == ["Provider: 市交通局", "Opening type: Open unconditionally"]
    assert list(chips.values()) == [
        "/en/dataset/?q=%E5%81%9C%E8%BD%A6&cqgov_opening_type=unconditional&sort=title_string+asc",
        "/en/dataset/?q=%E5%81%9C%E8%BD%A6&cqgov_provider=traffic&sort=title_string+asc",
    ]


def test_the_form_keeps_the_filters_and_the_words(app, catalogue):
    form = page_of(app, "q=停车&cqgov_theme=交通运输&_cqgov_region_limit=0").select_one("#dataset-search-form")
    hidden = [(field["name"], field["value"]) for field in form.select("input[type=hidden]")]
    assert hidden == [("cqgov_theme", "交通运输"), ("_cqgov_region_limit", "0")]
    assert form.select_one("input[name=q]")["value"] == "停车"


def test_what_messengers_append_to_a_link_is_no_filter(app, catalogue):
    page = page_of(app, "q=停车场&utm_source=mail&from=singlemessage&isappinstalled=0")
    assert number(page) == number(page_of(app, "q=停车场")) > 0
    assert not page.select(".cq-chips")
    assert "utm_source" not in str(page.select(".cq-facets"))


def test_regions_are_named_and_more_than_ten_values_are_behind_a_link(app, catalogue):
    page = page_of(app)
    assert "渝中区" in facet(page, "cqgov_region")
    few = page_of(app, "_cqgov_region_limit=1")
    assert len(facet(few, "cqgov_region")) == 1
    more = few.select_one("section[aria-labelledby=facet-cqgov_region] .cq-facet-more a")
    assert len(facet(page_of(app, more["href"]), "cqgov_region")) == len(facet(page, "cqgov_region")) > 1


def test_what_is_overdue_and_what_is_not_is_a_filter(app, catalogue):
    found = facet(page_of(app), "cqgov_freshness")
    assert {"Overdue", "No fixed cycle"} <= set(found) <= {"Updated as promised", "Overdue", "No fixed cycle"}
    assert sum(count(link) for link in found.values()) == 13 and count(found["No fixed cycle"]) == 1
    assert titles(page_of(app, found["No fixed cycle"]["href"])) == ["预防接种单位"]


def test_values_read_in_the_language_of_the_page(app, catalogue):
    assert "Monthly" in facet(page_of(app), "cqgov_update_cycle")
    page = page_of(app, "/dataset/?cqgov_opening_type=unconditional")
    assert "无条件开放" in words(page.select_one(".cq-chips li")) and "每月" in facet(page, "cqgov_update_cycle")


def test_a_scripted_page_gets_the_results_and_the_filters_alone(app, catalogue):
    page = page_of(app, "q=停车场&cqgov_provider=traffic", **{"HX-Request": "true", "HX-Boosted": "true"})
    assert not page.select("header") and page.select_one("#search-results") and page.select_one("#search-facets")
    assert page.select_one(".cq-chips") and page.select("mark")


def test_an_organisations_page_has_the_same_list_without_the_provider(app, catalogue):
    page = page_of(app, "/en/organization/traffic?q=停车场&cqgov_opening_type=unconditional")
    assert not facet(page, "cqgov_provider") and facet(page, "cqgov_theme")
    assert page.select("mark")
    assert page.select_one(".cq-chips a")["href"] == "/en/organization/traffic?q=%E5%81%9C%E8%BD%A6%E5%9C%BA"


# --- what is marked


def test_words_are_marked_in_title_and_abstract(app, catalogue):
    page = page_of(app, "q=停车场")
    first = page.select_one(".dataset-item")
    assert words(first.select_one(".cq-card-title mark")) in ("停车场", "停車場")
    assert {words(mark) for mark in page.select(".cq-card-title mark")} >= {"停车场", "停車場"}
    assert "停车场" in {words(mark) for mark in page.select(".cq-card-notes mark")}


def test_markup_in_an_entry_stays_text(app, catalogue):
    page = page_of(app, "q=脚本")
    item = page.select_one(".dataset-item")
    assert "<script>alert(1)</script>" in item.select_one(".cq-card-title").get_text()
    assert not item.select("script, img, b") and item.select("mark")


def test_markup_in_a_query_stays_text(app, catalogue):
    for query in ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "' onmouseover=alert(1) '"):
        answer = app.get("/dataset/", query_string={"q": query, "cqgov_theme": query}).get_data(as_text=True)
        assert "<script>alert" not in answer and "<img src=x" not in answer


def test_an_entry_found_by_an_information_item_says_so(app, catalogue):
    page = page_of(app, "q=统一社会信用代码")
    assert words(page.select_one(".cq-card-telling")) == "Has Information items: 统一社会信用代码"


# --- entries that are alike


def test_a_series_is_one_entry_with_a_link_to_the_others(app, catalogue):
    page = page_of(app, "q=医疗机构统计&cqgov_provider=health")
    assert number(page) == 4 and len(titles(page)) == 1
    assert words(page.h1) == "“医疗机构统计”: 4 datasets, similar ones folded into 1"
    link = page.select_one(".cq-card-similar a")
    assert words(link).startswith("3 more like it (2018–2023)")
    others = page_of(app, link["href"])
    assert number(others) == len(titles(others)) == 4
    assert "folded" not in words(others.h1)
    chips = {words(chip).split(":")[0]: chip.a["href"] for chip in others.select(".cq-chips li")}
    assert set(chips) == {"Provider", "Similar datasets"}
    assert "cqgov_alike" not in chips["Similar datasets"] and "ext_similar" not in chips["Similar datasets"]


def test_pages_count_what_they_show(app, catalogue):
    folded, unfolded = page_of(app, "q=机构"), page_of(app, "q=机构&ext_similar=all")
    assert number(folded) == number(unfolded) == len(titles(unfolded))
    assert len(titles(folded)) == len(titles(unfolded)) - 3
    assert not folded.select(".pagination")


def test_programs_get_every_entry(app, catalogue):
    found = app.get("/api/3/action/package_search?q=医疗机构统计").json["result"]
    assert found["count"] == len(found["results"]) == 4


# --- other readings


@pytest.mark.parametrize(
    "address",
    (
        "/en/dataset/?q=停车&cqgov_opening_type=unconditional&sort=title_string+asc",
        "/en/dataset/?cqgov_provider=traffic",
        "/en/organization/traffic?q=公交",
    ),
)
def test_the_same_search_as_data_finds_what_the_page_shows(app, catalogue, address):
    page = page_of(app, address)
    found = app.get(page.select_one(".cq-apinote a[href*=package_search]")["href"]).json["result"]
    assert found["count"] == number(page) > 0
    assert found["results"][0]["title"] == titles(page)[0]


def test_letters_are_read_as_pinyin_and_the_page_says_so(app, catalogue):
    page = page_of(app, "q=tcc")
    assert titles(page)
    assert words(page.select_one(".cq-notices")).startswith("“tcc” was read as pinyin.")


def test_a_slip_of_the_keyboard_is_answered_with_what_was_meant(app, catalogue):
    meant = page_of(app, "q=亭车场&cqgov_provider=traffic").select_one(".cq-didyoumean a")
    assert words(meant) == "停车场"
    assert meant["href"].endswith("cqgov_provider=traffic")
    assert titles(page_of(app, meant["href"]))


def test_what_comes_closest_is_shown_as_such(app, catalogue):
    page = page_of(app, "q=霄壤之别停车场")
    assert titles(page)
    if "completely" in words(page.select_one(".cq-notices")):
        assert page.select_one(".cq-waysout a[href*=request-data]")


# --- when nothing is found


def test_filters_that_leave_nothing_can_be_dropped_one_by_one(app, catalogue):
    page = page_of(app, "q=停车场&cqgov_provider=health&cqgov_theme=交通运输")
    ways = {words(way.a): (way.a["href"], words(way.select_one(".cq-count"))) for way in page.select(".cq-ways li")}
    assert list(ways) == ["Without Provider: 市卫生健康委"]
    assert count(facet(page, "cqgov_theme")["交通运输"]) == 0  # what is chosen can be taken away beside the list too
    href, shown = ways["Without Provider: 市卫生健康委"]
    assert number(page_of(app, href)) == int(shown.split()[0]) > 0


def test_a_page_without_results_leads_on(app, catalogue):
    page = page_of(app, "q=qwrtzp")
    assert titles(page) == [] and number(page) == 0
    assert page.select(".cq-waysout .cq-themes a")
    link = page.select_one(".cq-waysout a[href*=request-data]")
    letter = page_of(app, link["href"]).select_one("textarea")
    assert "qwrtzp" in letter.text


@pytest.mark.parametrize("query", ["园林绿化处", "yllhc"])
def test_an_organisation_of_that_name_is_offered_where_it_has_no_datasets(app, catalogue, query):
    page = page_of(app, f"q={query}")
    assert titles(page) == []
    (link,) = page.select(".cq-waysout a[href*='/organization/']")
    assert words(link) == "市园林绿化处"
    assert words(page_of(app, link["href"]).h1)


# --- whatever is typed


@pytest.mark.parametrize(
    "query",
    [
        '"停车场',
        "停车场 AND",
        "((停车场",
        "停车场)",
        "{!lucene}title:停车场",
        '_query_:"停车场"',
        "title:[停车场 TO",
        "停车场 \\",
        "停车场 ^ ~ *",
        "+-停车场",
        "state:(停车场",
        "停车场' OR 1=1; DROP TABLE package;--",
        "停车场😀",
        pytest.param("停车场" + "！" * 900, id="long"),
    ],
)
def test_a_query_that_cannot_be_read_is_read_as_words(app, catalogue, query):
    answer = app.get("/en/dataset/", query_string={"q": query})
    page = BeautifulSoup(answer.get_data(as_text=True), "html.parser")
    assert number(page) > 0 and titles(page)


@pytest.mark.parametrize("query", ["((((", '""', "😀", "AND", "*", "{!}", "-", " ", "：：", "\\"])
def test_a_query_without_words_gets_a_calm_page(app, catalogue, query):
    page = BeautifulSoup(app.get("/en/dataset/", query_string={"q": query}).get_data(as_text=True), "html.parser")
    assert page.h1 and page.select_one("#search-results")


def test_what_was_searched_instead_is_said(app, catalogue):
    page = page_of(app, "q=title:(停车场")
    assert "title 停车场" in words(page.select_one(".cq-notices"))


@pytest.mark.parametrize(
    "address",
    [
        'cqgov_theme="',
        "cqgov_theme=a\\",
        'cqgov_theme=x" OR state:deleted OR "',
        "cqgov_theme={!lucene}x",
        "tags=_query_:x",
        "sort=nowhere",
        "sort=score desc, nowhere asc",
        "sort=title asc",
        "page=99999999999999999999",
        "page=7",
        "_cqgov_theme_limit=x",
        "_res_format_limit=-1",
        "ext_similar=x",
        "cqgov_freshness=x",
        "cqgov_freshness=x:y",
        "nowhere:x=1",
        "a b=1",
        "%7B!x%7D=1",
        "organization=gov&organization=traffic",
    ],
)
def test_an_address_that_means_nothing_gets_a_calm_page(app, catalogue, address):
    page = page_of(app, address)
    assert page.h1 and page.select_one("#search-results")


def test_a_filter_finds_nothing_but_its_own_value(app, catalogue):
    assert number(page_of(app, 'cqgov_theme=x" OR cqgov_theme:"交通运输')) == 0


def test_a_page_after_the_end_leads_to_the_first(app, catalogue):
    page = page_of(app, "q=停车场&page=9")
    assert titles(page) == [] and not page.select(".cq-waysout")
    notice = page.select_one(".cq-notices .cq-notice")
    assert words(notice).startswith("There is no such page: the list ends with page 1.")
    assert [link["href"] for link in notice.select("a")] == ["/en/dataset/?q=%E5%81%9C%E8%BD%A6%E5%9C%BA"]


def test_a_page_after_the_end_of_a_long_list_leads_to_the_last_as_well(app, catalogue, ckan_config, monkeypatch):
    monkeypatch.setitem(ckan_config, "ckan.datasets_per_page", 1)
    links = page_of(app, "q=停车场&cqgov_provider=gov&page=99").select(".cq-notices .cq-notice a")
    assert [words(link) for link in links] == ["To the first page", "To the last page"]
    last = page_of(app, links[1]["href"])
    assert len(titles(last)) == 1 and "cqgov_provider=gov" in links[1]["href"]


# --- pages around the search


def test_the_order_is_explained_beside_the_menu(app, catalogue):
    link = page_of(app, "q=停车场").select_one(".control-order-by a")
    assert words(page_of(app, link["href"]).h1) == "How results are ordered"


def test_who_may_be_asked_for_other_data_is_said_as_it_is_today(app, catalogue):
    page = page_of(app, "/en/request-data?q=充电桩")
    assert "重庆市人民政府" in words(page.select_one(".cq-request-whom"))
    assert "registered in this portal yet" in words(page.select_one("#whom-heading").parent)
    assert "充电桩" in page.select_one("textarea").text
    assert page.select_one("input[name=q][value=充电桩]")


def test_the_contact_of_the_authoritys_own_page_is_shown(app, catalogue):
    extras = [{"key": "contact_phone", "value": "023-87654321"}, {"key": "contact_address", "value": "渝中区某路 1 号"}]
    boss = {"user": catalogue["boss"]["name"]}
    tk.get_action("organization_patch")(dict(boss), {"id": catalogue["gov"]["id"], "extras": extras})
    whom = page_of(app, "/en/request-data").select_one(".cq-request-whom")
    assert whom.select_one("a[href='tel:023-87654321']") and "某路 1 号" in words(whom)
    tk.get_action("organization_patch")(dict(boss), {"id": catalogue["gov"]["id"], "extras": []})


@pytest.mark.ckan_config("ckanext.cqgov.request_data.contact", "市大数据中心，023-12345678 <i>")
@pytest.mark.usefixtures("ckan_config")
def test_the_operator_can_say_where_requests_go(app, catalogue):
    page = page_of(app, "/en/request-data")
    assert words(page.select_one(".cq-request-contact")) == "市大数据中心，023-12345678 <i>"


def test_another_plugin_can_take_requests_over(app, catalogue, monkeypatch):
    from ckan.lib import helpers

    monkeypatch.setitem(helpers.helper_functions, "cqgov_request_data_url", lambda query="": "/needs/new?q=" + query)
    answer = app.get("/en/request-data?q=x", follow_redirects=False, status=302)
    assert answer.headers["Location"].endswith("/needs/new?q=x")
