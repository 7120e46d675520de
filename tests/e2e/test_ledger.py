"""What an inspector does with the ledger: filters it, opens an entry, takes it away as a file; without scripts too."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import ckan.model as model
import ckan.plugins as plugins
import pytest
from ckan.tests import factories
from playwright.sync_api import expect

from tests.e2e.conftest import PASSWORD, overflow


@pytest.fixture(scope="module")
def inspector(city) -> str:
    """An inspector of the city."""
    from ckanext.cqgov.model.duty import Duty

    plugins.load_all()
    try:
        user = factories.User(password=PASSWORD)
        provider = model.Group.get("jiaotong").id
        duty = Duty(user_id=user["id"], organization_id=provider, duty="inspector", assigned_by="system")
        duty.valid_from = date(2018, 5, 5)
        model.Session.add(duty)
        model.Session.commit()
        return user["name"]
    finally:
        plugins.unload_all()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_an_inspector_filters_opens_and_exports(opened, city, inspector, scripts):
    page = opened(as_user=inspector, scripts=scripts)
    page.goto("/ledger")
    page.locator("#ledger-verb").select_option("dataset.publish")
    page.locator("#ledger-organization_id").fill("jiaotong")  # what earlier cities left in the ledger is not this one's
    page.locator("form:has(#ledger-verb) button").focus()
    page.keyboard.press("Enter")
    rows = page.locator("table tbody tr")
    expect(rows.first).to_contain_text("公布目录条目")
    expect(rows.filter(has_not_text="公布目录条目")).to_have_count(0)
    number = rows.count()  # the city publishes three; others may have published more
    assert number >= 3
    with page.expect_download() as begun:
        page.get_by_role("link", name="JSONL").click()
    lines = Path(begun.value.path()).read_text("utf-8").splitlines()
    assert [json.loads(line)["verb"] for line in lines] == ["dataset.publish"] * number
    rows.first.locator("a").click()
    expect(page.locator("h1")).to_contain_text("台账" if "台账" in page.title() else "ledger")
    expect(page.locator("dl").first).to_contain_text("dataset.publish")


def test_the_pages_fit_a_telephone_and_are_closed_to_others(opened, city, inspector):
    page = opened(width=375, as_user=inspector)
    page.goto("/ledger")
    assert overflow(page) == []
    page.goto(page.locator("table tbody a").first.get_attribute("href"))
    assert overflow(page) == []
    assert opened(as_user=city.head).goto("/ledger").status == 403
