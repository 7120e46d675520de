"""Browser tests: a running portal, a small city in its database, and Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import ckan.model as model
import ckan.plugins as plugins
import ckan.plugins.toolkit as tk
import pytest
from ckan.tests import factories
from playwright.sync_api import Browser, Page, sync_playwright

from tests.e2e.server import running
from tests.entry import PROVIDER_CODE, published

PASSWORD = "Password-1"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PARKING = published(
    name="gonggong-tingchechang",
    title="主城区公共停车场基本信息",
    notes="主城区公共停车场的名称、位置、泊位数和收费标准，每月由各区交通部门汇总。",
    class_path=["主题", "城乡建设", "停车管理"],
    provider_code=None,  # comes from the provider
    catalog_code="202001/1",
    items=[{"name": "停车场编号", "type": "C", "length": 20, "primary_key": True}, {"name": "泊位数", "type": "I"}],
    updated_on="2026-10-08",
    contact_unit="信息中心",
    contact_phone="023-63112345",
    tags=[{"name": "停车场"}],
)


@dataclass(frozen=True)
class City:
    """What the browser finds: the portal's address, its provider and its people (all with ``PASSWORD``)."""

    address: str
    provider: str
    clerk: str
    head: str


@pytest.fixture(scope="session")
def city(reset_db, reset_index, tmp_path_factory) -> Iterator[City]:
    """A provider with a clerk and a head, three public entries, and the portal that shows them."""
    plugins.load_all()  # CKAN's own fixture for this lives as long as one test
    try:
        reset_db()
        reset_index()
        provider, clerk, head = peopled()
    finally:
        plugins.unload_all()
    with running(tmp_path_factory.mktemp("portal")) as address:
        yield City(address, provider["title"], clerk["name"], head["name"])


def peopled() -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Make the provider, its clerk and its head, and three public entries."""
    clerk, head = (factories.User(name=name, password=PASSWORD) for name in ("jingbanren", "fuzeren"))
    boss = factories.Sysadmin(password=PASSWORD)
    provider = factories.Organization(
        name="jiaotong",
        title="重庆市交通运输委员会",
        user={"name": boss["name"], "capacity": "admin"},
        users=[{"name": one["name"], "capacity": "editor"} for one in (clerk, head)],
    )
    placed(provider["id"], head["id"], boss["id"])
    for changes in (
        {},
        {
            "name": "gongjiao-zhandian",
            "title": "公交线路站点信息",
            "catalog_code": "202001/2",
            "opening_type": "conditional",
            "opening_condition": "仅限用于公共出行服务研究，不得用于商业转售。",
        },
        {
            "name": "kongqi-zhiliang",
            "title": "环境空气质量小时监测数据",
            "catalog_code": "202001/3",
            "opening_theme": "生态环境",
        },
    ):
        entry = {**PARKING, "owner_org": provider["id"], **changes}
        tk.get_action("package_create")({"user": boss["name"]}, entry)
    previewable(boss["name"])
    return provider, clerk, head


def previewable(user: str) -> None:
    """Give the entry of the car parks a table that can be looked through on its page."""
    resource = {
        "package_id": PARKING["name"],
        "name": "主城区停车场清单.csv",
        "format": "CSV",
        "url": "http://example.com/a.csv",
    }
    made = tk.get_action("resource_create")({"user": user}, resource)
    rows = [
        {"停车场名称": name, "泊位数": places} for name, places in (("解放碑地下停车场", 320), ("观音桥停车楼", 510))
    ]
    tk.get_action("datastore_create")({"user": user}, {"resource_id": made["id"], "force": True, "records": rows})
    view = {"resource_id": made["id"], "view_type": "datatables_view", "title": "表格"}
    tk.get_action("resource_view_create")({"user": user}, view)


def placed(organization: str, head: str, by: str) -> None:
    """Give the provider its credit code and level, and the head the duty."""
    from ckanext.cqgov.model.duty import Duty
    from ckanext.cqgov.model.organization import Organization

    model.Session.merge(Organization(group_id=organization, uscc=PROVIDER_CODE, level="city"))
    model.Session.add(
        Duty(user_id=head, organization_id=organization, duty="head", valid_from=date(2018, 5, 5), assigned_by=by)
    )
    model.Session.commit()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or "/usr/bin/chromium"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture
def opened(browser: Browser, city: City) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a page of its own: ``opened(width=375, scripts=False, as_user=city.clerk)``.

    A script error on any of its pages fails the test.
    """
    contexts, wrong = [], []

    def open_page(*, width: int = 1280, height: int = 900, scripts: bool = True, as_user: str | None = None) -> Page:
        context = browser.new_context(
            base_url=city.address,
            viewport={"width": width, "height": height},
            java_script_enabled=scripts,
            locale="zh-CN",
        )
        contexts.append(context)
        context.set_default_timeout(30_000)
        page = context.new_page()
        page.on("pageerror", lambda problem: wrong.append(str(problem)))
        if as_user:
            log_in(page, as_user)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not wrong, wrong


def log_in(page: Page, name: str) -> None:
    """Log in as a person of the city."""
    page.goto("/user/login")
    page.fill("#field-login", name)
    page.fill("#field-password", PASSWORD)
    page.click("[role=main] form [type=submit]")
    page.wait_for_url(lambda url: "/login" not in url)


def overflow(page: Page) -> list[Any]:
    """Return by how many pixels the page is wider than the window, and the elements that stick out (none when it fits)."""
    return page.evaluate(
        """() => {
            const extra = document.documentElement.scrollWidth - document.documentElement.clientWidth;
            if (extra <= 0) return [];
            const out = [...document.querySelectorAll('body *')].filter(
                e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1);
            return [extra, ...out.slice(0, 5).map(e => e.tagName + '.' + e.className)];
        }"""
    )
