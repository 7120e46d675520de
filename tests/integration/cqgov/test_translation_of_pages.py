"""No sentence of English is left on the Chinese pages, for visitors or for those who work on them."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from ckan.tests import factories

CHINESE = re.compile("[\u4e00-\u9fff]")
ENGLISH = re.compile(r"[A-Za-z]{2,}[ ,]+[A-Za-z]{2,}")
SPOKEN = {"placeholder", "title", "aria-label", "alt", "data-module-content", "data-bs-title"}
PERMITTED = {"Creative Commons", "Open Data Commons", "GNU Free", "UK Open Government", "JSON Web Token"}


class Words(HTMLParser):
    """Collects what a page says: its text and the attributes that are shown or read aloud."""

    def __init__(self) -> None:
        super().__init__()
        self.silent, self.found = 0, []

    def handle_starttag(self, tag, attrs):
        self.silent += tag in ("script", "style", "code", "pre")
        given = dict(attrs)
        names = SPOKEN | ({"value"} if given.get("type") in ("submit", "button") else set())
        self.found += [value for name, value in attrs if name in names and value]

    def handle_endtag(self, tag):
        self.silent -= tag in ("script", "style", "code", "pre")

    def handle_data(self, data):
        if not self.silent:
            self.found.append(data.strip())


def english(page: str) -> list[str]:
    words = Words()
    words.feed(page)
    return [
        text
        for text in words.found
        if ENGLISH.search(text) and not CHINESE.search(text) and not any(name in text for name in PERMITTED)
    ]


@pytest.fixture
def portal(clean_db, clean_index):
    """A sysadmin with an organisation and a dataset, all named in Chinese."""
    user = factories.SysadminWithToken(fullname="张三", about="统计局工作人员", name="zhangsan")
    organization = factories.Organization(user=user, name="tongjiju", title="市统计局", description="统计")
    dataset = factories.Dataset(
        user=user, owner_org=organization["id"], name="tingchechang", title="停车场", notes="停车"
    )
    resource = factories.Resource(
        package_id=dataset["id"], name="停车场表", description="停车", url="http://example.com/a.csv", format="CSV"
    )
    return {
        "resource": resource["id"],
        "token": user["token"],
        "organization": organization["name"],
        "dataset": dataset["name"],
        "user": user["name"],
    }


PUBLIC = (
    "/",
    "/dataset/",
    "/dataset/?q=停车场&cqgov_freshness=no-cycle",
    "/dataset/?q=tingche",
    "/dataset/?q=zzzzqqq",
    "/dataset/?q=停车 AND (",
    "/dataset/?page=900",
    "/search-help",
    "/request-data?q=停车场",
    "/suggest?q=tingche",
    "/organization/",
    "/about",
    "/user/login",
    "/user/reset",
    "/due-date",
    "/nowhere",
)
REFUSED = ("/search-terms", "/search-terms/new", "/organization/{organization}/duties")
WORKING = (
    "/dataset/new",
    "/dataset/{dataset}",
    "/dataset/edit/{dataset}",
    "/dataset/{dataset}/resource/new",
    "/dataset/{dataset}/resource/{resource}",
    "/dataset/{dataset}/resource/{resource}/edit",
    "/dataset/{dataset}/resource/{resource}/views",
    "/dataset/resources/{dataset}",
    "/dataset/activity/{dataset}",
    "/organization/new",
    "/organization/{organization}",
    "/organization/edit/{organization}",
    "/organization/members/{organization}",
    "/organization/member_new/{organization}",
    "/organization/bulk_process/{organization}",
    "/organization/activity/{organization}",
    "/user/",
    "/user/{user}",
    "/user/edit",
    "/user/{user}/api-tokens",
    "/organization/{organization}/duties",
    "/organizations/tree",
    "/catalogue/import",
    "/search-terms",
    "/search-terms?try=停车场",
    "/search-terms/new",
    "/dashboard/",
    "/dashboard/datasets",
    "/ckan-admin",
    "/ckan-admin/trash",
)


def test_nothing_on_the_public_pages_is_left_in_english(app, portal):
    left = {path: english(app.get(path).body) for path in PUBLIC}
    assert {path: texts for path, texts in left.items() if texts} == {}


@pytest.mark.parametrize("path", REFUSED)
def test_a_page_that_a_visitor_may_not_see_says_so_in_chinese(app, portal, path):
    page = app.get(path.format(**portal), status=403)
    assert "您无权查看此页面" in page.body
    assert english(page.body) == []


def test_nothing_on_the_pages_of_those_who_work_is_left_in_english(app, portal):
    headers = {"Authorization": portal["token"]}
    pages = {path.format(**portal): app.get(path.format(**portal), headers=headers) for path in WORKING}
    assert {path: page.status_code for path, page in pages.items() if page.status_code != 200} == {}
    assert {path: english(page.body) for path, page in pages.items() if english(page.body)} == {}


def test_the_same_pages_speak_english_when_asked(app, portal):
    page = app.get("/en/dataset/").body
    assert "Search datasets" in page
    assert 'lang="en"' in page


def test_the_facts_of_a_resource_are_named_and_the_programs_own_are_left_out(app, portal):
    path = f"/dataset/{portal['dataset']}/resource/{portal['resource']}"
    page = app.get(path, headers={"Authorization": portal["token"]}).body
    rows = re.findall(r'<th scope="row">([^<]*)</th>', page)
    assert "Id" in rows and "格式" in rows
    assert not {"Package id", "Datastore active", "Has views", "Position", "State"} & set(rows)
