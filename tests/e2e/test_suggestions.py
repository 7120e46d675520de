"""The search boxes' suggestions: by keyboard alone, with an input method, on a phone, and without scripts."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e.conftest import overflow

PARKING = "主城区公共停车场基本信息"


def box(page):
    """Return the search box of a page."""
    return page.get_by_role("combobox", name="搜索数据集").first


def shown(page):
    """Return the options that are offered."""
    return page.get_by_role("listbox").get_by_role("option")


def test_three_letters_of_pinyin_and_the_keyboard_lead_to_the_list_that_has_it_first(opened):
    page = opened()
    page.goto("/")
    box(page).focus()
    page.keyboard.type("tcc", delay=20)
    expect(shown(page)).to_have_text([PARKING])
    expect(box(page)).to_have_attribute("aria-expanded", "true")
    expect(page.locator(".cq-suggest-frame [role=status]")).to_contain_text("1")
    page.keyboard.press("ArrowDown")
    option = shown(page).first
    expect(option).to_have_attribute("aria-selected", "true")
    assert box(page).get_attribute("aria-activedescendant") == option.get_attribute("id")
    expect(option.locator("mark")).to_have_text("停车场")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/dataset/\?"))
    expect(page.locator("#search-results .cq-card-title").first).to_have_text(PARKING)


def test_enter_with_nothing_chosen_searches(opened):
    page = opened()
    page.goto("/")
    box(page).focus()
    page.keyboard.type("停车场")
    expect(shown(page)).to_have_count(1)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/dataset/.*q="))
    expect(page.get_by_role("link", name=PARKING)).to_be_visible()


def test_arrows_go_round_and_pass_the_box_escape_closes_tab_leaves(opened):
    page = opened()
    page.goto("/")
    box(page).focus()
    page.keyboard.type("jt")
    expect(shown(page).first).to_be_visible()
    many = shown(page).count()
    page.keyboard.press("ArrowUp")
    expect(shown(page).nth(many - 1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(box(page)).not_to_have_attribute("aria-activedescendant", re.compile("."))
    page.keyboard.press("ArrowDown")
    expect(shown(page).first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_have_count(0)
    expect(box(page)).to_have_value("jt")
    page.keyboard.press("ArrowDown")
    expect(shown(page).first).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("listbox")).to_have_count(0)
    expect(page.get_by_role("button", name="搜索")).to_be_focused()


def test_an_organisation_and_a_theme_open_the_list_filtered_by_them(opened):
    page = opened()
    page.goto("/about")
    for group, address in (("机构", "cqgov_provider=jiaotong"), ("主题", "cqgov_theme=")):
        box(page).fill("jt")
        page.get_by_role("group", name=group).get_by_role("option").first.click()
        page.wait_for_url(lambda url, part=address: part in url)
        expect(page.get_by_role("link", name=PARKING)).to_be_visible()


def test_nothing_is_asked_and_nothing_sent_while_an_input_method_composes(opened):
    page = opened()
    page.goto("/")
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/suggest" in request.url else None)
    box(page).focus()
    typing = page.context.new_cdp_session(page)
    for letters in ("t", "ti", "ting"):
        typing.send(
            "Input.imeSetComposition", {"text": letters, "selectionStart": len(letters), "selectionEnd": len(letters)}
        )
    box(page).dispatch_event("keydown", {"key": "Enter", "keyCode": 229, "isComposing": True})
    page.evaluate("() => new Promise(done => setTimeout(done, 400))")
    assert not asked and page.url.rstrip("/").count("/") == 2
    typing.send("Input.insertText", {"text": "停车"})
    expect(shown(page)).to_have_text([PARKING])
    assert len(asked) == 1


def test_only_the_last_of_many_letters_is_asked_about(opened):
    page = opened()
    page.goto("/")
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/suggest" in request.url else None)
    box(page).focus()
    page.keyboard.type("gongjiao")
    expect(shown(page)).to_have_text(["公交线路站点信息"])
    assert asked[-1].endswith("q=gongjiao") and len(asked) <= 3


def test_boxes_in_the_header_and_above_the_list_offer_too_also_after_the_list_was_replaced(opened):
    page = opened()
    page.goto("/dataset/?q=停车场")
    above = page.get_by_role("main").get_by_role("combobox", name="搜索数据集")
    above.select_text()
    page.keyboard.insert_text("公交")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "%E5%85%AC%E4%BA%A4" in url)
    expect(page.get_by_role("link", name="公交线路站点信息")).to_be_visible()
    above.select_text()
    page.keyboard.type("kqzl")
    expect(shown(page)).to_have_text(["环境空气质量小时监测数据"])
    page.locator("#field-sitewide-search").fill("tcc")
    expect(shown(page)).to_have_text([PARKING])


def test_on_a_phone_the_list_fits_and_a_tap_opens(opened):
    page = opened(width=360, height=640)
    page.goto("/")
    box(page).fill("tcc")
    option = shown(page).first
    expect(option).to_be_visible()
    assert not overflow(page)
    assert option.bounding_box()["height"] >= 36
    option.click()
    page.wait_for_url(re.compile(r"/dataset/\?"))
    expect(page.get_by_role("link", name=PARKING)).to_be_visible()


def test_without_scripts_the_box_is_a_plain_form(opened):
    page = opened(scripts=False)
    page.goto("/")
    page.get_by_role("searchbox").fill("停车场")
    page.get_by_role("button", name="搜索").click()
    page.get_by_role("link", name=PARKING).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(PARKING)
