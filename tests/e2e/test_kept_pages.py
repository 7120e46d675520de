"""Kept pages in a browser: a visit leaves no trace, and people keep their own pages to themselves."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

ADDRESSES = ("/", "/dataset/", "/dataset/gonggong-tingchechang", "/organization/jiaotong", "/about", "/en/dataset/")


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_visit_leaves_no_cookie_and_the_next_visitor_gets_the_page_that_was_kept(opened, address):
    first = opened()
    first.goto(address)
    assert first.context.cookies() == []
    second = opened()
    answer = second.goto(address)
    assert answer.headers["cache-status"] == "cqgov; hit"
    again = second.goto(address)
    assert again.status in (200, 304)
    expect(second.get_by_role("main")).to_be_visible()
    assert second.get_by_role("main").inner_text() == first.get_by_role("main").inner_text()
    assert second.context.cookies() == []


def test_filters_that_scripts_put_into_the_page_leave_no_cookie_either(opened):
    page = opened()
    page.goto("/dataset/")
    page.locator("#search-facets").get_by_role("link", name="有条件开放").click()
    expect(page.locator(".dataset-item")).to_have_count(1)
    page.reload()
    expect(page.locator(".dataset-item")).to_have_count(1)
    expect(page.get_by_role("contentinfo")).to_be_visible()  # a whole page, not the part that the script asked for
    assert page.context.cookies() == []


def test_who_logs_in_sees_their_own_pages_and_who_comes_after_them_does_not(opened, city):
    visitor = opened()
    visitor.goto("/dataset/")
    person = opened(as_user=city.clerk)
    for _ in range(2):
        answer = person.goto("/dataset/")
        assert answer.headers["cache-control"] == "private, no-store"
        expect(person.locator(".account .username")).to_have_count(1)
    visitor.goto("/dataset/")
    expect(visitor.locator(".account .username")).to_have_count(0)
    person.get_by_role("button", name="退出").or_(person.get_by_role("button", name="注销")).first.click()
    person.wait_for_load_state()
    person.go_back()
    person.reload()
    expect(person.locator(".account .username")).to_have_count(0)
