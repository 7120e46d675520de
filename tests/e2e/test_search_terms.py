"""What the keeper of the search's words does: adds a group by keyboard, and the next search finds by it."""

from __future__ import annotations

import ckan.plugins as plugins
import pytest
from ckan.tests import factories
from playwright.sync_api import expect

from tests.e2e.conftest import PASSWORD, overflow


@pytest.fixture(scope="module")
def keeper(city) -> str:
    """A sysadmin of the city's portal."""
    plugins.load_all()
    try:
        return factories.Sysadmin(password=PASSWORD)["name"]
    finally:
        plugins.unload_all()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_group_added_by_keyboard_is_searched_at_once_and_gone_when_deleted(opened, keeper, scripts):
    word = "巴士" if scripts else "客车"
    visitor = opened(scripts=scripts)
    found = visitor.locator(".dataset-item").filter(has_text="公交线路站点信息")
    visitor.goto(f"/dataset?q={word}")
    expect(found).to_have_count(0)

    page = opened(as_user=keeper, scripts=scripts)
    page.goto("/search-terms/new")
    page.locator("#term-kind").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#term-kind")).to_have_value("synonym")
    page.keyboard.press("Tab")
    page.keyboard.type(word)
    page.keyboard.press("Enter")
    for key in ("Tab", "Tab", "Tab", "Tab", "Enter"):  # present name, words of the catalogue, note, save
        page.keyboard.press(key)
    expect(page.locator("#term-words")).to_have_attribute("aria-invalid", "true")

    page.locator("#term-words").focus()
    page.keyboard.press("Control+End")
    page.keyboard.type("、公交")
    for key in ("Tab", "Tab", "Tab", "Tab", "Enter"):
        page.keyboard.press(key)
    expect(page.locator("td").filter(has_text=word).first).to_be_visible()

    visitor.goto(f"/dataset?q={word}")
    expect(found).to_have_count(1)

    page.locator("details summary").filter(has_text=word).focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("td").filter(has_text=word)).to_have_count(0)


def test_the_pages_fit_a_telephone(opened, keeper):
    page = opened(width=375, as_user=keeper)
    for address in ("/search-terms?try=公交站", "/search-terms/new"):
        page.goto(address)
        assert overflow(page) == []
