"""The portal's pages through CKAN: what they say, in which language, to whom."""

from __future__ import annotations

import re
import uuid
from datetime import date

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
from ckan.tests import factories

from ckanext.cqgov.model.duty import Duty
from ckanext.cqgov.model.organization import Organization
from tests.entry import complete

pytestmark = pytest.mark.usefixtures("with_plugins")

CORE_PAGES = (
    "/about",
    "/dataset/",
    "/dataset/new",
    "/dataset/?q=nothing-like-this",
    "/dataset/?cqgov_opening_type=nonsense",
    "/group/",
    "/organization/",
    "/dashboard/datasets",
    "/dashboard/organizations",
    "/user/",
    "/user/edit",
    "/ckan-admin/",
    "/ckan-admin/config",
    "/organization/new",
    "/group/new",
)


def serial() -> str:
    """Return digits that no other test has used."""
    return str(uuid.uuid4().int % 10**12)


def account(factory):
    """Return a new account whose name and address no other test has used."""
    number = serial()
    return factory(name=f"u{number}", email=f"u{number}@example.com")


@pytest.fixture
def people():
    """Return an organisation with its clerk (editor), its head, a stranger and a sysadmin, all with tokens."""
    clerk, head, stranger = (account(factories.UserWithToken) for _ in range(3))
    boss = account(factories.SysadminWithToken)
    provider = factories.Organization(
        user={"name": boss["name"], "capacity": "admin"},
        users=[{"name": one["name"], "capacity": "editor"} for one in (clerk, head)],
        title="市交通运输委员会",
    )
    model.Session.add(
        Duty(
            user_id=head["id"],
            organization_id=provider["id"],
            duty="head",
            valid_from=date(2018, 5, 5),
            assigned_by=boss["id"],
        )
    )
    model.Session.commit()
    return {"provider": provider, "clerk": clerk, "head": head, "stranger": stranger, "boss": boss}


def record(people, **changes):
    """Return a complete entry of the organisation."""
    own = {
        "notes": "名称、位置和泊位数。",
        "owner_org": people["provider"]["id"],
        "class_path": ["主题", "城乡建设", "停车管理"],
        "catalog_code": f"202001/{serial()}",
        "items": [{"name": "编号", "type": "C", "length": 20}],
    }
    return complete(**{**own, **changes})


def stored(people, **changes):
    """Store an entry as the sysadmin and return it."""
    return tk.get_action("package_create")({"user": people["boss"]["name"]}, record(people, **changes))


def by(person) -> dict[str, str]:
    """Return the headers that identify a person."""
    return {"Authorization": person["token"]}


def form(people, **changes):
    """Return what the form of a complete record sends."""
    sent = {key: value for key, value in record(people).items() if key not in ("items", "class_path", "region")}
    return {
        **sent,
        "class_path": ["主题", "城乡建设", "停车管理", "", ""],
        "items__0__name": "编号",
        "items__0__type": "C",
        "items__0__length": "20",
        "sensitive": "false",
        "desensitised": "false",
        "region": "500103，500112",
        "tag_string": "停车场，交通",
        "save": "complete",
        **changes,
    }


# --- what everybody sees


def test_the_home_page_counts_what_the_public_may_see_and_nothing_else(app, people, clean_index):
    stored(people, private=False)
    stored(people, private=False, opening_type="conditional", opening_condition="仅供研究")
    stored(
        people, opening_type="closed", opening_condition="涉密", opening_basis_kind="law", opening_basis="某法第一条"
    )
    seen = [app.get("/", headers=by(one)).get_data(as_text=True) for one in (people["boss"], people["stranger"])]
    for page in seen:
        assert re.search(r"公开目录</dt>\s*<dd>\s*<a[^>]*>2</a>", page)
        assert 'class="cq-bar-unconditional" x="0.0" y="0" width="50.0"' in page
        assert "cq-bar-closed" not in page


def test_the_home_page_stands_when_the_search_service_does_not(app, monkeypatch):
    from ckan.lib.search import SearchError

    def silent(context, data_dict):
        raise SearchError("no answer")

    monkeypatch.setattr(
        "ckan.logic.get_action", lambda name, get=tk.get_action: silent if name == "package_search" else get(name)
    )
    monkeypatch.setattr(
        tk, "get_action", lambda name, get=tk.get_action: silent if name == "package_search" else get(name)
    )
    page = app.get("/")
    assert page.status_code == 200
    assert "<h1>" in page.get_data(as_text=True)


def test_the_demonstration_is_announced_only_where_its_organisations_are_loaded(app, people):
    notice = 'class="cq-demo"'
    before = app.get("/").get_data(as_text=True)
    model.Session.merge(Organization(group_id=people["provider"]["id"], demo=True))
    model.Session.commit()
    try:
        assert notice in app.get("/").get_data(as_text=True)
    finally:
        model.Session.merge(Organization(group_id=people["provider"]["id"], demo=False))
        model.Session.commit()
    assert app.get("/").get_data(as_text=True).count(notice) == before.count(notice)


def test_the_page_of_an_entry_shows_its_record_in_both_languages(app, people):
    entry = stored(people, private=False, base_kind="legal-person")
    for prefix, words in (
        ("", ("无条件开放", "信息资源代码", "每月", "字符型", "渝中区", "法人信息")),
        ("/en", ("Open unconditionally", "Catalogue code", "Monthly", "Character", "Legal person")),
    ):
        page = app.get(f"{prefix}/dataset/{entry['name']}").get_data(as_text=True)
        assert all(word in page for word in words), [word for word in words if word not in page]
        assert entry["catalog_code"] in page


def test_a_division_that_ended_is_shown_with_what_it_is_part_of_now(app, people):
    entry = stored(people, private=False, region=["500112"])
    page = app.get(f"/dataset/{entry['name']}").get_data(as_text=True)
    assert "渝北区（500112），现为两江新区" in page


def test_an_entry_listed_from_another_portal_says_where_the_data_is(app, people):
    entry = stored(
        people,
        items=[],
        origin="listing",
        source_portal="某市开放平台",
        source_key=serial(),
        source_id="AB-1",
        source_url="https://example.com/AB-1",
        sharing_type="",
        sharing_mode_class="",
        sharing_mode_type="",
        demo_notice="示例数据，仅供演示。",
        private=False,
    )
    page = app.get(f"/dataset/{entry['name']}").get_data(as_text=True)
    for words in ("来源登记", "某市开放平台", "AB-1", 'href="https://example.com/AB-1"', "示例数据，仅供演示。"):
        assert words in page
    assert "直接预览" not in page


def test_what_a_stranger_may_not_see_is_a_404_in_the_language_of_the_page(app, people):
    entry = stored(people)
    chinese = app.get(f"/dataset/{entry['name']}", status=404).get_data(as_text=True)
    english = app.get(f"/en/dataset/{entry['name']}", status=404).get_data(as_text=True)
    assert "没有这个页面" in chinese and "requested URL" not in chinese
    assert "There is no such page" in english
    assert entry["title"] not in chinese + english


def test_an_unknown_address_is_a_404_without_the_server_librarys_english(app):
    page = app.get("/no-such-page", status=404).get_data(as_text=True)
    assert "没有这个页面" in page and "URL was not found" not in page


def test_a_page_that_needs_a_login_says_so_in_chinese(app):
    page = app.get("/dataset/new", status=403).get_data(as_text=True)
    assert "您无权查看此页面" in page or "无权" in page
    assert "/user/login" in page


@pytest.mark.parametrize("prefix", ["", "/en"], ids=["zh", "en"])
def test_ckans_own_pages_still_work(app, people, prefix):
    answers = {path: app.get(prefix + path, headers=by(people["boss"])).status_code for path in CORE_PAGES}
    assert answers == dict.fromkeys(CORE_PAGES, 200)


@pytest.mark.parametrize("prefix", ["", "/en"], ids=["zh", "en"])
def test_ckans_pages_of_an_entry_and_an_organisation_still_work(app, people, prefix):
    entry = stored(people, private=False)
    organization = people["provider"]["name"]
    for path in (
        f"/dataset/edit/{entry['name']}",
        f"/dataset/resources/{entry['name']}",
        f"/dataset/delete/{entry['name']}",
        f"/dataset/groups/{entry['name']}",
        f"/dataset/{entry['name']}/resource/new",
        f"/dataset/activity/{entry['name']}",
        f"/organization/{organization}",
        f"/organization/about/{organization}",
        f"/organization/edit/{organization}",
        f"/organization/members/{organization}",
        f"/organization/bulk_process/{organization}",
    ):
        assert app.get(prefix + path, headers=by(people["boss"])).status_code == 200, path


def test_a_filter_answers_htmx_with_the_list_and_the_facets_alone(app, people):
    stored(people, private=False)
    part = app.get("/dataset/?cqgov_opening_type=unconditional", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert 'id="search-results"' in part and 'id="search-facets"' in part
    assert "<html" not in part
    assert "无条件开放" in part


# --- the form


def test_a_complete_record_is_stored_as_it_was_entered(app, people):
    sent = form(people)
    app.post("/dataset/new", data=sent, headers=by(people["clerk"]), follow_redirects=False, status=302)
    found = tk.get_action("package_search")(
        {"ignore_auth": True}, {"fq": f"owner_org:{people['provider']['id']}", "include_private": True}
    )
    entry = tk.get_action("package_show")({"ignore_auth": True}, {"id": found["results"][0]["id"]})
    assert entry["complete"] and entry["state"] == "active" and entry["private"]
    assert entry["class_path"] == ["主题", "城乡建设", "停车管理"]
    assert entry["region"] == ["500103", "500112"]
    assert sorted(tag["name"] for tag in entry["tags"]) == ["交通", "停车场"]
    assert [item["name"] for item in entry["items"]] == ["编号"]
    assert entry["sensitive"] is False


def test_editing_keeps_resources_and_what_the_form_does_not_show(app, people):
    entry = stored(people, private=False, demo_notice="示例", url="http://example.com/")
    tk.get_action("resource_create")(
        {"user": people["boss"]["name"]},
        {"package_id": entry["id"], "name": "表.csv", "url": "http://example.com/a.csv"},
    )
    sent = form(people, title="改过的名称", catalog_code=entry["catalog_code"], save="draft")
    app.post(
        f"/dataset/edit/{entry['name']}", data=sent, headers=by(people["clerk"]), follow_redirects=False, status=302
    )
    after = tk.get_action("package_show")({"ignore_auth": True}, {"id": entry["id"]})
    assert after["title"] == "改过的名称"
    assert [one["name"] for one in after["resources"]] == ["表.csv"]
    assert (after["demo_notice"], after["url"], after["private"], after["name"]) == (
        "示例",
        entry["url"],
        False,
        entry["name"],
    )


def test_a_refused_record_keeps_what_was_entered_and_links_each_error(app, people):
    sent = form(people, update_cycle="不存在的周期", contact_email="not an address", catalog_code="abc")
    page = app.post("/dataset/new", data=sent, headers=by(people["clerk"])).get_data(as_text=True)
    for key in ("update_cycle", "contact_email", "catalog_code"):
        assert f'href="#field-{key}"' in page
        assert f'id="field-{key}-error"' in page
    assert 'value="not an address"' in page and "不存在的周期" in page and "公共停车场基本信息" in page


def test_pasted_rows_are_appended_and_unknown_columns_named(app, people):
    sent = form(people, save="draft", items_paste="信息项名称\t备注\n地址\t到门牌")
    page = app.post("/dataset/new", data=sent, headers=by(people["clerk"]), follow_redirects=True).get_data(
        as_text=True
    )
    assert "备注" in page
    assert "地址" in page and "编号" in page


def test_the_head_publishes_from_the_form_and_withdraws_again(app, people):
    sent = form(people)
    app.post("/dataset/new", data=sent, headers=by(people["head"]), follow_redirects=False)
    query = {"fq": f"owner_org:{people['provider']['id']}", "include_private": True}
    entry = tk.get_action("package_search")({"ignore_auth": True}, query)["results"][0]
    address = f"/dataset/edit/{entry['name']}"
    app.post(address, data={**sent, "save": "publish"}, headers=by(people["clerk"]))
    show = lambda: tk.get_action("package_show")({"ignore_auth": True}, {"id": entry["id"]})  # noqa: E731
    assert show()["private"] is True, "a clerk who forges the button publishes nothing"
    app.post(address, data={**sent, "save": "publish"}, headers=by(people["head"]), follow_redirects=False, status=302)
    assert show()["private"] is False
    app.post(address, data={**sent, "save": "withdraw"}, headers=by(people["head"]), follow_redirects=False, status=302)
    assert show()["private"] is True


def test_nobody_edits_what_is_not_theirs(app, people):
    entry = stored(people, private=False)
    sent = form(people, catalog_code=entry["catalog_code"])
    app.get(f"/dataset/edit/{entry['name']}", headers=by(people["stranger"]), status=403)
    app.post(f"/dataset/edit/{entry['name']}", data=sent, headers=by(people["stranger"]), status=403)
    app.get("/dataset/edit/no-such-entry", headers=by(people["clerk"]), status=404)
    app.post("/dataset/edit/no-such-entry", data=sent, headers=by(people["clerk"]), status=404)


NONSENSE = (
    {"items__x__name": "a"},
    {"items": "[]"},
    {"items": "x"},
    {"class_path__0__x": "1"},
    {"title__0__x": "1"},
    {"save": "explode"},
    {"save": ["draft", "publish"]},
    {"extras__0__key": "title", "extras__0__value": "x"},
    {"resources__0__url": "x"},
    {"items_paste": "\t" * 5000},
    {"name": "不是地址"},
    {"owner_org": "no-such-organisation"},
    {"title": ["a", "b"]},
    {"published_on": "2026-02-31"},
)


def test_a_form_full_of_nonsense_is_never_a_crash(app, people):
    for nonsense in NONSENSE:
        sent = {**form(people, save="draft"), **nonsense}
        answer = app.post("/dataset/new", data=sent, headers=by(people["clerk"]), follow_redirects=False)
        assert answer.status_code in (200, 302, 400, 403), nonsense


def test_every_form_of_the_entry_carries_the_token_against_forgery(app, people):
    for path in ("/dataset/new", f"/dataset/edit/{stored(people)['name']}"):
        page = app.get(path, headers=by(people["boss"])).get_data(as_text=True)
        form_of_entry = page[page.index('id="dataset-edit"') :]
        assert 'name="_csrf_token"' in form_of_entry[:800]
