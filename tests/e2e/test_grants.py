"""What a head does with grants: gives one, reads who acts next, revokes it; on a telephone, with scripts and without."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import ckan.plugins as plugins
import pytest
from ckan.tests import factories
from playwright.sync_api import expect

from tests.e2e.conftest import PASSWORD, overflow

ENTRY = "gongjiao-zhandian"


@pytest.fixture
def citizen(city) -> Callable[[], str]:
    """Return a function that makes somebody with an account, and returns its name."""

    def made() -> str:
        plugins.load_all()
        try:
            name = f"chiyouren-{uuid4().hex[:8]}"
            return factories.User(name=name, fullname=name, password=PASSWORD)["name"]
        finally:
            plugins.unload_all()

    return made


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_head_gives_a_grant_and_revokes_it(opened, city, citizen, scripts):
    holder = citizen()
    page = opened(width=375, as_user=city.head, scripts=scripts)
    page.goto(f"/dataset/{ENTRY}")
    page.locator(f"main a[href$='/{ENTRY}/grants'], [role=main] a[href$='/{ENTRY}/grants']").first.click()
    page.wait_for_url("**/grants", wait_until="load")
    assert overflow(page) == []
    page.fill("#grant-holder_user", "nobody-of-this-name")
    page.fill("#grant-purpose", "研究公共出行")
    page.fill("#grant-terms_version", "2026-1")
    page.fill("#grant-valid_until", "2099-12-31")
    give = page.locator("form:has(#grant-purpose) button[type=submit]")
    give.click()
    expect(page.locator("[role=alert] a")).to_have_attribute("href", "#grant-holder_user")
    expect(page.locator("#grant-purpose")).to_have_value("研究公共出行")
    page.fill("#grant-holder_user", holder)
    give.click()
    row = page.locator("table tbody tr", has_text=holder)
    expect(row).to_contain_text("2099-12-31")
    page.wait_for_load_state("load")
    assert overflow(page) == []

    mine = opened(width=375, as_user=holder, scripts=scripts)
    mine.goto("/dashboard/grants")
    expect(mine.locator("table tbody")).to_contain_text("研究公共出行")
    assert overflow(mine) == []

    row.locator("summary").click()
    row.locator("input[name=reason]").fill("研究已经结束")
    row.locator("button").click()
    expect(page.locator("table tbody tr", has_text=holder)).to_contain_text("研究已经结束")
    mine.reload()
    expect(mine.locator("table tbody")).to_contain_text("研究已经结束")


def test_the_pages_of_reclassifications_fit_a_telephone(opened, city):
    page = opened(width=375, as_user=city.head)
    for address in ("/reclassification", f"/dataset/{ENTRY}/reclassification"):
        assert page.goto(address).status == 200
        assert overflow(page) == []
