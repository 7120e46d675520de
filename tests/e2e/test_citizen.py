"""What a citizen does: find data, read what it is and how to get it, understand a due date."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import overflow

PAGES = (
    "/",
    "/dataset/",
    "/dataset/gonggong-tingchechang",
    "/due-date",
    "/organizations/tree",
    "/about",
    "/user/login",
)


def test_a_citizen_finds_an_entry_by_a_word_in_the_middle_of_its_title_and_reads_its_page(opened):
    page = opened()
    page.goto("/")
    page.get_by_role("combobox").fill("停车场")
    page.get_by_role("button", name="搜索").click()
    page.get_by_role("link", name="主城区公共停车场基本信息").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("主城区公共停车场基本信息")
    main = page.get_by_role("main")
    for words in (
        "无条件开放",
        "获取方式",
        "信息资源代码",
        "202001/1",
        "每月",
        "停车场编号",
        "字符型",
        "渝中区",
        "重庆市交通运输委员会",
    ):
        expect(main).to_contain_text(words)
    expect(page.locator("html")).to_have_attribute("lang", re.compile("zh"))


def test_the_same_entry_reads_in_english(opened):
    page = opened()
    page.goto("/dataset/gonggong-tingchechang")
    page.get_by_role("link", name="English").click()
    main = page.get_by_role("main")
    for words in (
        "Open unconditionally",
        "How to get it",
        "Catalogue code",
        "Monthly",
        "Information items",
        "Character",
    ):
        expect(main).to_contain_text(words)
    expect(page.locator("html")).to_have_attribute("lang", "en")


@pytest.mark.parametrize("language", ["", "/en"], ids=["zh", "en"])
def test_data_can_be_looked_through_as_a_table_before_it_is_downloaded(opened, language):
    page = opened()
    page.goto(f"{language}/dataset/gonggong-tingchechang")
    page.locator(".cq-resource").get_by_role("link", name=re.compile("^(预览|Preview)")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("主城区停车场清单.csv")
    table = page.frame_locator(".resource-view iframe")
    expect(table.get_by_text("解放碑地下停车场")).to_be_visible()
    expect(table.get_by_text("510")).to_be_visible()


def test_conditional_data_says_its_condition_and_whom_to_ask(opened):
    page = opened()
    page.goto("/dataset/gongjiao-zhandian")
    box = page.locator(".cq-get")
    expect(box).to_contain_text("不得用于商业转售")
    expect(box.get_by_role("link", name="023-63112345")).to_have_attribute("href", "tel:023-63112345")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_filters_narrow_the_list_and_can_be_taken_away_again(opened, scripts):
    page = opened(scripts=scripts)
    page.goto("/dataset/")
    cards = page.locator(".dataset-item")
    expect(cards).to_have_count(3)
    page.locator("#search-facets").get_by_role("link", name="有条件开放").click()
    expect(cards).to_have_count(1)
    expect(page.locator(".filter-list")).to_contain_text("有条件开放")
    page.locator(".filter-list a.remove").first.click()
    expect(cards).to_have_count(3)


def test_everything_is_found_without_scripts(opened):
    page = opened(scripts=False)
    page.goto("/")
    page.get_by_role("searchbox").fill("空气质量")
    page.get_by_role("button", name="搜索").click()
    page.get_by_role("link", name="环境空气质量小时监测数据").click()
    expect(page.get_by_role("main")).to_contain_text("生态环境")


def test_a_search_by_keyboard_alone_reaches_the_page_of_an_entry(opened):
    page = opened()
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_class(re.compile("cq-skip"))
    reach(page, "#field-home-search")
    page.keyboard.type("公交")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/dataset/\?"))
    reach(page, "a[href$='/dataset/gongjiao-zhandian']")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("公交线路站点信息")


def reach(page, selector: str) -> None:
    """Press Tab until ``selector`` has the focus, and see on the way that each focus is visible."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", f"the focus on {selector} is not visible"
            return
    raise AssertionError(f"{selector} is not reached by Tab")


def test_a_due_date_is_explained_day_by_day(opened):
    page = opened()
    page.goto("/due-date")
    page.locator("#field-rule").select_option("")
    page.locator("#field-days").fill("10")
    page.locator("#field-received").fill("2026-12-18")
    page.locator(".cq-due-form button[type=submit]").click()
    main = page.get_by_role("main")
    expect(main).to_contain_text(re.compile("2027-01-04|2027年1月4日"))
    expect(main).to_contain_text("元旦")


@pytest.mark.parametrize("language", ["", "/en"], ids=["zh", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_no_page_scrolls_sideways_on_a_telephone(opened, path, language):
    page = opened(width=375, height=740)
    page.goto(language + path)
    assert overflow(page) == []


@pytest.mark.parametrize("path", [*PAGES, "/no-such-page"])
def test_every_page_has_one_main_heading_and_names_for_all_its_inputs(opened, path):
    page = opened()
    page.goto(path)
    assert page.locator("h1").count() == 1
    assert page.locator("main, [role=main]").count() == 1
    nameless = page.evaluate(
        """() => [...document.querySelectorAll('input:not([type=hidden]), select, textarea, button, a[href]')].filter(e => {
            if (e.closest('[hidden], [aria-hidden=true]')) return false;
            const name = (e.getAttribute('aria-label') || e.textContent || e.value || e.title || '').trim();
            return !(name || (e.labels && e.labels.length) || e.querySelector('img[alt]:not([alt=""]), [title]'));
        }).map(e => e.outerHTML.slice(0, 120))"""
    )
    assert nameless == []
