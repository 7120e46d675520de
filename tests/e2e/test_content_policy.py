"""Under the policy of content nothing is refused on any page, and what CKAN did by scripts in its pages still works."""

from __future__ import annotations

import re
from collections.abc import Callable

import ckan.model as model
import ckan.plugins as plugins
import pytest
import sqlalchemy as sa
from ckan.tests import factories
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PARKING, PASSWORD

WATCH = """
window.__violations = [];
document.addEventListener("securitypolicyviolation", event =>
    window.__violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber} ${event.sample}`));
"""
DATASET = f"/dataset/{PARKING['name']}"


@pytest.fixture(scope="module")
def boss(city) -> str:
    """A sysadmin of the city's portal, whose people and organisations have no pictures on other hosts."""
    plugins.load_all()
    try:
        name = factories.Sysadmin(password=PASSWORD)["name"]
        for table in ("group", "user"):
            model.Session.execute(sa.text(f"update \"{table}\" set image_url = ''"))
        model.Session.commit()
        return name
    finally:
        plugins.unload_all()


@pytest.fixture
def watched(opened, boss) -> Callable[..., Page]:
    """Return ``opened`` with every refusal of the browser noted, those in frames included."""
    pages: list[tuple[Page, list[str]]] = []

    def open_page(**more) -> Page:
        page = opened(**more)
        said: list[str] = []
        page.on(
            "console", lambda message: said.append(message.text) if "Content Security Policy" in message.text else None
        )
        page.add_init_script(WATCH)
        pages.append((page, said))
        return page

    yield open_page
    for page, said in pages:
        assert said == [], page.url


def look(page: Page, path: str) -> None:
    """Open a page, let its scripts and frames come to rest, and fail at what the browser refused."""
    answer = page.goto(path)
    assert answer and answer.status == 200, (path, answer and answer.status)
    assert "script-src 'self'" in answer.headers["content-security-policy"], path
    page.wait_for_load_state("networkidle")
    for frame in page.frames:
        assert frame.evaluate("window.__violations || []") == [], (path, frame.url)


def test_nothing_is_refused_on_a_visitors_pages(watched):
    page = watched()
    for path in (
        "/",
        "/dataset/",
        "/dataset/?q=停车",
        DATASET,
        "/organization/",
        "/organizations/tree",
        "/group/",
        "/about",
        "/search-help",
        "/request-data",
        "/due-date",
        "/user/login",
        "/user/reset",
        "/en/dataset/",
    ):
        look(page, path)


def test_nor_on_a_kept_page(watched):
    page = watched()
    for _ in range(2):
        look(page, "/dataset/?sort=title_string+asc")


def test_a_table_is_drawn_in_its_frame(watched):
    page = watched()
    page.goto(DATASET)
    page.get_by_role("link", name=re.compile("主城区停车场清单")).first.click()
    look(page, page.url)
    table = page.frame_locator("iframe").locator("#dtprv tbody")
    expect(table).to_contain_text("解放碑地下停车场")
    frame = page.frames[1]
    assert frame.evaluate("Array.isArray(window.gdataDict) && window.gresviewId.length > 30")


def test_nothing_is_refused_on_the_pages_of_staff(watched, boss):
    page = watched(as_user=boss)
    page.goto(DATASET)
    resource = page.locator("a[href*='/resource/']").first.get_attribute("href")
    assert resource
    path = resource.split("?")[0].rstrip("/")
    edit = re.sub(r"/resource/([0-9a-f-]{36}).*", r"/resource/\1/edit", path)
    for each in (
        "/dashboard/",
        "/dashboard/datasets",
        "/dataset/new",
        f"/dataset/edit/{PARKING['name']}",
        edit,
        f"/dataset/{PARKING['name']}/resource/new",
        f"/dataset/activity/{PARKING['name']}",
        "/search-terms",
        "/search-terms/new",
        "/organization/new",
        "/organization/edit/jiaotong",
        "/organization/members/jiaotong",
        "/organization/jiaotong/duties",
        f"/user/edit/{boss}",
        f"/user/{boss}",
        f"/user/{boss}/api-tokens",
        "/ckan-admin/config",
        "/ckan-admin/",
    ):
        look(page, each)


def test_a_file_and_an_address_are_chosen_and_taken_back_by_buttons(watched, boss):
    page = watched(as_user=boss)
    look(page, f"/dataset/{PARKING['name']}/resource/new")
    page.click("#resource-link-button")
    expect(page.locator("#field-resource-url")).to_be_focused()
    page.fill("#field-resource-url", "https://example.com/a.csv")
    page.locator(".btn-remove-url:visible").click()
    assert page.input_value("#field-resource-url") == "" and page.is_checked("#resource-url-none")
    with page.expect_file_chooser() as chooser:
        page.click("#resource-upload-button")
    chooser.value.set_files({"name": "a.csv", "mimeType": "text/csv", "buffer": b"a,b\n"})
    assert page.is_checked("#resource-url-upload")


def test_a_token_is_made_with_scope_and_end_and_revoked(watched, city):
    page = watched(as_user=city.clerk)
    look(page, f"/user/{city.clerk}/api-tokens")
    page.fill("form #name", "统计")
    page.select_option("#field-scope", "read")
    page.fill("#field-expires-in", "30")
    page.click("form [type=submit][value=create]")
    row = page.locator("#api-tokens-table tbody tr", has_text="统计")
    expect(row).to_be_visible()
    assert page.is_disabled("#revoke-tokens-button")
    row.locator("[name=token]").check()
    expect(page.locator("#revoke-tokens-button")).to_be_enabled()
    look(page, f"/user/{city.clerk}/api-tokens")
    expect(page.locator("#api-tokens-table")).to_contain_text("只读")
    page.locator("#api-tokens-table tbody tr", has_text="统计").locator("[name=token]").check()
    page.click("#revoke-tokens-button")
    page.locator(".modal button.btn-primary").click()
    expect(page.locator("#api-tokens-table")).not_to_contain_text("统计")
