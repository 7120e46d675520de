"""The tree of organisations through CKAN's actions."""

from __future__ import annotations

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
from ckan.tests import factories
from ckan.tests.helpers import call_action

pytestmark = pytest.mark.usefixtures("with_plugins", "clean_db")

CITY = {"title": "重庆市人民政府", "kind": "city-government", "aliases": ["市政府"], "uscc": "11500000MB1234567A"}
ROWS = [
    {"title": "渝中区人民政府", "kind": "区县政府", "parent": "市政府", "division_code": "500103", "name": "yuzhong"},
    CITY,
    {"title": "重庆市公安局", "kind": "city-department", "parent": "重庆市人民政府"},
]


def imported(rows=ROWS, **more):
    return call_action("cqgov_organization_import", organizations=rows, **more)


def test_a_list_is_imported_in_any_order_and_the_tree_shows_it():
    report = imported()
    assert (report["created"], report["rejected"]) == (3, [])
    (root,) = call_action("cqgov_organization_tree")
    assert root["title"] == "重庆市人民政府"
    assert [child["name"] for child in root["children"]] == ["chong-qing-shi-gong-an-ju", "yuzhong"]


def test_the_same_list_twice_changes_nothing():
    imported()
    again = imported()
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 3)


def test_a_core_client_still_reads_and_patches_an_organisation():
    imported()
    shown = call_action("organization_show", id="yuzhong")
    assert shown["cqgov"]["parent"]["title"] == "重庆市人民政府"
    patched = call_action(
        "organization_patch", {"user": factories.Sysadmin()["name"]}, id="yuzhong", description="x"
    )
    assert patched["description"] == "x"
    assert call_action("organization_show", id="yuzhong")["cqgov"]["division_code"] == "500103"
