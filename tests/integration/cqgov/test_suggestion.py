"""What is offered while somebody types: by the API, by the address that the search boxes ask, by the command."""

from __future__ import annotations

import uuid
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from ckan.cli.cli import ckan
from ckan.lib.search import SolrConnectionError
from ckan.tests import factories

from ckanext.cqgov.catalogue import suggestion
from ckanext.cqgov.model.organization import Organization
from tests.entry import published

pytestmark = pytest.mark.usefixtures("with_plugins")

TITLES = (
    "停车场收费标准",
    "主城区公共停车场基本信息",
    "长寿区长途汽车客运站",
    "重庆市公交线路",
    "城市設施-公廁",
    "A级景区名录（2021年）",
    "空气质量日报2019年",
    "空气质量日报2020年",
)
EMPTY = {"titles": [], "organizations": [], "themes": []}


@pytest.fixture(scope="module")
def catalogue(filled):
    """Two departments with public entries, and a private one that its clerk may see."""
    return filled(populated)


def populated() -> dict[str, Any]:
    """Make the departments, the people and the entries."""
    boss, clerk, stranger = factories.SysadminWithToken(), factories.UserWithToken(), factories.UserWithToken()
    admin = {"name": boss["name"], "capacity": "admin"}
    traffic = factories.Organization(
        name="traffic", title="重庆市交通局", user=admin, users=[{"name": clerk["name"], "capacity": "editor"}]
    )
    factories.Organization(name="changshou", title="长寿区停车管理处", user=admin)
    model.Session.merge(Organization(group_id=traffic["id"], level="city", former_names=["市公路局"]))
    model.Session.commit()
    made = {}
    for title in TITLES:
        made[title] = entered(boss, traffic, title)
    made["停车执法暗访"] = entered(boss, traffic, "停车执法暗访", private=True, opening_theme="暗访")
    return {"boss": boss, "clerk": clerk, "stranger": stranger, "traffic": traffic, **made}


def entered(boss, owner, title, **changes):
    """Make an entry."""
    code = f"307001/{uuid.uuid4().int % 10**12}"
    entry = published(notes="说明。", catalog_code=code, title=title, owner_org=owner["id"], **changes)
    return tk.get_action("package_create")({"user": boss["name"]}, entry)


def asked(app, q: str, who: dict[str, Any] | None = None, **more: Any) -> dict[str, list[str]]:
    """Return the titles of the suggestions by kind, as the API gives them to somebody."""
    headers = {"Authorization": who["token"]} if who else {}
    answer = app.get("/api/3/action/cqgov_suggest", query_string={"q": q, **more}, headers=headers, status=200)
    return {kind: [one["title"] for one in found] for kind, found in answer.json["result"].items()}


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("停车场收", "停车场收费标准"),
        ("收费", "停车场收费标准"),
        ("停車場收費", "停车场收费标准"),
        ("tcc", "停车场收费标准"),
        ("tingche", "停车场收费标准"),
        ("TINGC", "停车场收费标准"),
        ("停che", "停车场收费标准"),
        ("停车 收费", "停车场收费标准"),
        ("tingche shoufei", "停车场收费标准"),
        ("changshou", "长寿区长途汽车客运站"),
        ("csqct", "长寿区长途汽车客运站"),
        ("cqsgj", "重庆市公交线路"),
        ("cqgj", "重庆市公交线路"),
        ("chongqinggongjiao", "重庆市公交线路"),
        ("重庆公交", "重庆市公交线路"),
        ("公厕", "城市設施-公廁"),
        ("gongce", "城市設施-公廁"),
        ("a级", "A级景区名录（2021年）"),
        ("ajjq", "A级景区名录（2021年）"),
        ("2021", "A级景区名录（2021年）"),
    ],
)
def test_a_title_is_suggested_whatever_way_it_is_typed(app, catalogue, typed, title):
    assert title in asked(app, typed)["titles"]


def test_a_title_that_begins_with_what_was_typed_comes_first(app, catalogue):
    assert asked(app, "停车场")["titles"] == ["停车场收费标准", "主城区公共停车场基本信息"]


def test_titles_that_differ_in_their_year_only_are_shown_once(app, catalogue):
    assert len(asked(app, "空气质量")["titles"]) == 1


def test_further_titles_are_asked_for_when_the_first_leave_places_empty(app, catalogue, monkeypatch):
    monkeypatch.setattr(suggestion, "FIRST", 1)
    assert asked(app, "停车")["titles"] == ["停车场收费标准", "主城区公共停车场基本信息"]


def test_organisations_and_themes_are_suggested_by_all_their_names(app, catalogue):
    found = asked(app, "jt")
    assert found["organizations"] == ["重庆市交通局"] and found["themes"] == ["交通运输"]
    assert asked(app, "公路局")["organizations"] == ["重庆市交通局"]
    assert asked(app, "长寿停车")["organizations"] == ["长寿区停车管理处"]


def test_there_are_never_more_than_nine_and_as_few_as_wanted(app, catalogue):
    for limit in (1, 2, 5, 9):
        assert 0 < sum(map(len, asked(app, "c", limit=limit).values())) <= limit


def test_what_the_asker_may_not_see_is_not_suggested(app, catalogue):
    for who in (None, catalogue["stranger"]):
        assert asked(app, "暗访", who) == EMPTY
        assert "停车执法暗访" not in asked(app, "tingche", who)["titles"]
    for who in (catalogue["clerk"], catalogue["boss"]):
        assert asked(app, "暗访", who) == {"titles": ["停车执法暗访"], "organizations": [], "themes": ["暗访"]}


def test_a_deleted_or_withdrawn_entry_is_no_longer_suggested(app, catalogue):
    boss = {"user": catalogue["boss"]["name"]}
    made = entered(catalogue["boss"], catalogue["traffic"], "桥梁隧道清单")
    assert asked(app, "qlsd")["titles"] == ["桥梁隧道清单"]
    tk.get_action("package_delete")(boss, {"id": made["id"]})
    assert asked(app, "qlsd") == EMPTY


def test_an_organisation_is_suggested_under_its_name_of_today(app, catalogue):
    boss = {"user": catalogue["boss"]["name"]}
    made = factories.Organization(title="航道管理处", user={"name": catalogue["boss"]["name"], "capacity": "admin"})
    assert asked(app, "hangdao")["organizations"] == ["航道管理处"]
    tk.get_action("organization_patch")(boss, {"id": made["id"], "title": "港口事务中心"})
    assert asked(app, "hangdao")["organizations"] == []
    assert asked(app, "gksw")["organizations"] == ["港口事务中心"]
    tk.get_action("organization_delete")(boss, {"id": made["id"]})
    assert asked(app, "gksw") == EMPTY


HOSTILE = (
    "",
    " ",
    "😀",
    '"',
    '停车"',
    "{!lucene}*:*",
    "_query_:x",
    "*:*",
    "停车) OR (*:*",
    "AND",
    "\\",
    "\u202e\u0007",
    "' OR 1=1 --",
    "a" * 10_240,
    "停" * 10_240,
    "a b c d e f g h i j",
    "((((((((",
    "title_py:t",
    "^t",
    "t.",
)


@pytest.mark.parametrize("typed", HOSTILE, ids=range(len(HOSTILE)))
def test_whatever_is_typed_is_answered_calmly(app, catalogue, typed):
    found = asked(app, typed)
    assert "停车执法暗访" not in found["titles"]
    page = app.get("/suggest", query_string={"q": typed}, status=200)
    assert "停车执法暗访" not in page.get_data(as_text=True)


def test_syntax_of_the_index_finds_nothing_that_the_letters_would_not(app, catalogue):
    assert asked(app, "*:*") == EMPTY
    assert asked(app, "停车) OR (*:*") == EMPTY


@pytest.mark.parametrize(
    "body", [{"q": ["停车"]}, {"q": {"a": 1}}, {"q": True}, {"q": "x", "limit": 10}, {"q": "x", "limit": "a"}]
)
def test_a_wrong_type_is_refused_with_the_reason(app, catalogue, body):
    answer = app.post("/api/3/action/cqgov_suggest", json=body, status=409)
    assert set(answer.json["error"]) & {"q", "limit"}


def test_text_that_can_not_be_stored_is_refused(app, catalogue):
    app.post("/api/3/action/cqgov_suggest", data='{"q": "\\u0000"}', content_type="application/json", status=400)


def piece(app, q: str) -> BeautifulSoup:
    """Return what a search box gets."""
    answer = app.get("/en/suggest", query_string={"q": q}, status=200)
    assert "no-store" in answer.headers["Cache-Control"]
    return BeautifulSoup(answer.get_data(as_text=True), "html.parser")


def test_the_box_gets_groups_of_options_that_lead_somewhere(app, catalogue):
    page = piece(app, "jt")
    groups = {group["aria-label"]: group.select("[role=option]") for group in page.select("[role=group]")}
    assert [option.get_text() for option in groups["Organisations"]] == ["重庆市交通局"]
    for option in page.select("[role=option]"):
        app.get(option["href"], status=200)
    assert "cqgov_provider=traffic" in groups["Organisations"][0]["href"]
    assert page.div["data-said"].startswith(page.div["data-count"])


def test_what_was_typed_is_marked_and_nothing_is_markup(app, catalogue):
    entered(catalogue["boss"], catalogue["traffic"], "标记<b>停车</b>&清单")
    page = piece(app, "bjbtc")
    assert [option.get_text() for option in page.select("[role=option]")] == ["标记<b>停车</b>&清单"]
    assert [mark.get_text() for mark in piece(app, "tcc").select("a mark")][:2] == ["停车场", "停车场"]
    assert piece(app, "没有的词").div["data-said"] == "No suggestions"


def test_without_a_search_service_the_box_offers_nothing_and_the_api_says_why(app, catalogue, monkeypatch):
    def refuses(*_args, **_options):
        raise SolrConnectionError("no answer")

    monkeypatch.setattr(suggestion, "titles", refuses)
    assert not piece(app, "停车").select("[role=option]")
    answer = app.get("/api/3/action/cqgov_suggest", query_string={"q": "停车"}, status=500)
    assert answer.json["error"]["__type"] == "Search Connection Error"


def test_who_may_not_search_is_offered_nothing(catalogue, monkeypatch):
    from ckan import authz

    refused = {"success": False, "msg": "closed"}
    real = authz.is_authorized
    monkeypatch.setattr(
        authz, "is_authorized", lambda name, *rest: refused if name == "package_search" else real(name, *rest)
    )
    with pytest.raises(tk.NotAuthorized):
        tk.check_access("cqgov_suggest", {"user": ""}, {})


def test_every_search_box_knows_where_to_ask_and_works_without(app, catalogue):
    for address, field in (
        ("/", "#field-home-search"),
        ("/about", "#field-sitewide-search"),
        ("/dataset/", "#field-giant-search"),
    ):
        page = BeautifulSoup(app.get(address).get_data(as_text=True), "html.parser")
        box = page.select_one(field)
        assert box["data-suggest"].endswith("/suggest") and box["name"] == "q"
        assert box.find_parent("form")["method"] == "get"


def test_the_command_says_what_a_visitor_is_offered(cli, catalogue):
    said = cli.invoke(ckan, ["cqgov", "search", "suggest", "tingche", "shoufei"])
    assert not said.exit_code, said.output
    assert "停车场收费标准" in said.output and "暗访" not in said.output
    assert "没有建议" in cli.invoke(ckan, ["cqgov", "search", "suggest", "不存在"]).output


def searched(app, q: str, who: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return what the API says of how a query was read."""
    headers = {"Authorization": who["token"]} if who else {}
    answer = app.get("/api/3/action/package_search", query_string={"q": q}, headers=headers, status=200)
    return answer.json["result"].get("cqgov") or {}


def test_a_search_by_pinyin_says_so_and_names_the_words_to_mark(app, catalogue):
    for typed in ("tcc", "tingchechang"):
        said = searched(app, typed)
        assert said["read_as"] == "pinyin" and said["terms"] == ["停车场"] and said["did_you_mean"] == []


def proposed(app, q: str) -> list[str]:
    """Return what the list of results proposes instead of a query."""
    page = BeautifulSoup(app.get("/en/dataset/", query_string={"q": q}).get_data(as_text=True), "html.parser")
    return [link.get_text() for link in page.select(".cq-didyoumean a")]


def test_a_slip_is_answered_with_what_was_meant(app, catalogue):
    for typed, meant in (
        ("亭车场", "停车场"),
        ("公交线录", "公交线路"),
        ("长图汽车", "长途汽车"),
        ("tingcehchang", "停车场"),
    ):
        assert proposed(app, typed) == [meant], typed


def test_a_proposal_finds_something(app, catalogue):
    page = BeautifulSoup(app.get("/en/dataset/", query_string={"q": "长图汽车"}).get_data(as_text=True), "html.parser")
    link = page.find("a", string="长途汽车")
    found = BeautifulSoup(app.get(link["href"]).get_data(as_text=True), "html.parser")
    assert "长寿区长途汽车客运站" in found.get_text()


def test_a_query_that_is_fine_is_not_doubted(app, catalogue):
    for typed in ("停车场", "收费", "tcc", "重庆", "统一社会信用", "停"):
        assert proposed(app, typed) == []
        assert not searched(app, typed).get("did_you_mean")


def test_what_the_asker_may_not_see_is_not_proposed(app, catalogue):
    assert not any("暗访" in each for each in searched(app, "停车执法按访").get("did_you_mean", ()))
    found = searched(app, "停车执法按访", catalogue["boss"])
    assert found.get("did_you_mean", []) in ([], ["停车执法暗访"])


def test_a_name_that_was_changed_behind_the_portals_back_is_noticed(app, catalogue):
    made = factories.Organization(title="堤防管理处", user={"name": catalogue["boss"]["name"], "capacity": "admin"})
    assert asked(app, "difang")["organizations"] == ["堤防管理处"]
    model.Session.execute(
        sa.update(model.group_table).values(title="水闸管理处").where(model.group_table.c.id == made["id"])
    )
    model.Session.execute(sa.insert(Organization).values(group_id=made["id"], aliases=["船闸所"], former_names=[]))
    model.Session.commit()
    assert asked(app, "difang")["organizations"] == []
    assert asked(app, "shuizha")["organizations"] == asked(app, "chuanzhas")["organizations"] == ["水闸管理处"]


def test_a_theme_is_offered_only_to_who_sees_an_entry_of_it(catalogue, monkeypatch):
    """What is kept of themes says only which ones to ask about: the index says whether the asker has an entry of one."""
    from ckanext.cqgov.domain.suggestion import Names

    kept = Names.of((theme, (theme,)) for theme in ("交通运输", "交通战备"))
    monkeypatch.setattr(suggestion, "_themes", lambda: kept)
    found = tk.get_action("cqgov_suggest")({"user": ""}, {"q": "交通"})
    assert [theme["title"] for theme in found["themes"]] == ["交通运输"]
