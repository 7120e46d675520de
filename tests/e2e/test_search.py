"""How a citizen finds data: by suggestions and filters with the keyboard, by plain forms and links without scripts, on a telephone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import City, overflow
from tests.e2e.test_citizen import reach

CAR_PARKS = "主城区公共停车场基本信息"
LISTS = (
    "/dataset/?q=停车场",
    "/dataset/?q=停车场&cqgov_opening_type=unconditional&cqgov_provider=jiaotong",
    "/dataset/?q=qwrtzp&cqgov_opening_type=conditional",
    "/organization/jiaotong?q=公交",
    "/request-data?q=充电桩",
    "/search-help",
)


def results(page: Page):
    """Return the entries of the list."""
    return page.locator("#search-results .dataset-item")


def filtered(page: Page, city: City, choose) -> None:
    """Filter the list by provider and by opening type; ``choose`` follows the link that a selector finds."""
    choose("#search-facets a[href*='cqgov_provider=jiaotong']")
    page.wait_for_url(re.compile("cqgov_provider=jiaotong"))
    expect(page.locator(".cq-chips")).to_contain_text(city.provider)
    choose("#search-facets a[href*='cqgov_opening_type=unconditional']")
    page.wait_for_url(re.compile("cqgov_opening_type=unconditional"))
    expect(page.locator(".cq-chips")).to_contain_text("无条件开放")


def test_by_keyboard_alone_from_three_letters_of_pinyin_to_the_entry(opened, city):
    page = opened()
    page.goto("/")
    reach(page, "#field-home-search")
    page.keyboard.type("tcc", delay=30)
    option = page.get_by_role("option").filter(has_text=CAR_PARKS).first
    expect(option).to_be_visible()
    for _ in range(9):
        page.keyboard.press("ArrowDown")
        if option.get_attribute("aria-selected") == "true":
            break
    expect(option).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/dataset/\?"))
    filtered(page, city, lambda selector: follow(page, selector))
    follow(page, "#search-results a[href$='/dataset/gonggong-tingchechang']")
    expect(page.get_by_role("heading", level=1)).to_have_text(CAR_PARKS)


def follow(page: Page, selector: str) -> None:
    """Reach a link by Tab and press Enter on it."""
    reach(page, selector)
    page.keyboard.press("Enter")


def test_the_same_without_scripts_by_forms_and_links(opened, city):
    page = opened(scripts=False)
    page.goto("/")
    page.get_by_role("searchbox").fill("tcc")
    page.get_by_role("button", name="搜索").click()
    expect(results(page).first).to_contain_text(CAR_PARKS)
    filtered(page, city, lambda selector: page.locator(selector).first.click())
    page.get_by_role("link", name=CAR_PARKS).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(CAR_PARKS)


def test_the_order_can_be_chosen_without_scripts(opened):
    page = opened(scripts=False)
    page.goto("/dataset/?cqgov_provider=jiaotong")
    page.locator("#field-order-by").select_option("title_string asc")
    page.locator(".control-order-by button").click()
    page.wait_for_url(re.compile("cqgov_provider=jiaotong"))
    shown = [title.strip() for title in results(page).locator(".cq-card-title").all_text_contents()]
    assert len(shown) == 3 and shown == sorted(shown)


def test_going_back_restores_the_list_before_the_filter(opened):
    page = opened()
    page.goto("/dataset/?q=信息")
    before = results(page).count()
    page.locator("#search-facets a[href*='cqgov_opening_type=conditional']").click()
    expect(results(page)).to_have_count(1)
    page.go_back()
    expect(results(page)).to_have_count(before)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_on_a_telephone_the_filters_open_above_the_results(opened, scripts):
    page = opened(width=390, height=800, scripts=scripts)
    page.goto("/dataset/")
    link = page.locator("#search-facets a[href*='cqgov_opening_type=conditional']")
    expect(link).to_be_hidden()
    switch = page.locator(".cq-facets-switch summary")
    switch.click()
    expect(link).to_be_visible()
    assert switch.bounding_box()["y"] < results(page).first.bounding_box()["y"]
    link.click()
    expect(results(page)).to_have_count(1)
    expect(page.locator(".cq-chips")).to_contain_text("有条件开放")


def test_what_was_searched_for_is_marked(opened):
    page = opened()
    page.goto("/dataset/?q=停車場")
    expect(results(page).first.locator(".cq-card-title mark")).to_have_text("停车场")


def test_an_empty_list_leads_to_the_request_page(opened):
    page = opened()
    page.goto("/dataset/?q=qwrtzp")
    page.locator(".cq-waysout a[href*='request-data']").click()
    expect(page.locator("textarea")).to_have_value(re.compile("qwrtzp"))


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("text", ["停车场", "x"], ids=["Chinese", "one long word"])
def test_ten_kilobytes_of_query_get_a_calm_page(opened, text, width):
    page = opened(width=width, height=800)
    answer = page.goto("/dataset/?q=" + text * (10_240 // len(text.encode())))
    assert answer.status == 200
    assert overflow(page) == []
    assert page.locator("h1").bounding_box()["height"] < 400


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("path", LISTS)
def test_no_list_scrolls_sideways_and_each_has_one_heading(opened, path, width):
    page = opened(width=width, height=800)
    page.goto(path)
    assert overflow(page) == []
    assert page.locator("h1").count() == 1


def test_the_focus_stays_where_it_was_when_scripts_replace_the_list(opened):
    page = opened()
    page.goto("/dataset/")
    follow(page, "#filter-cqgov_opening_type-conditional")
    expect(results(page)).to_have_count(1)
    expect(page.locator("#filter-cqgov_opening_type-conditional")).to_be_focused()
    expect(page.locator("body > [role=status]")).to_contain_text("1")
    reach(page, ".cq-chips .remove")
    page.keyboard.press("Enter")
    expect(results(page)).to_have_count(3)
    expect(page.locator("#search-results h1")).to_be_focused()
