"""Every route and every action of the portal is classified, and nothing else is."""

from __future__ import annotations

import pytest

from .calling import own, table, wanted

pytestmark = pytest.mark.usefixtures("portal")

KINDS = {"page", "catalogue", "data", "write", "person", "admin", "static", "help"}


def test_every_route_is_classified(portal):
    known = {rule.endpoint for rule in portal.url_map.iter_rules()}
    assert known - set(table()["routes"]) == set(), "new routes: classify them in table.yaml"
    assert set(table()["routes"]) - known == set(), "routes that are gone: take them out of table.yaml"


def test_every_action_is_classified(portal):
    from ckan import logic

    logic.get_action("package_show")
    known = set(logic._actions)
    assert known - set(table()["actions"]) == set(), "new actions: classify them in table.yaml"
    assert set(table()["actions"]) - known == set(), "actions that are gone: take them out of table.yaml"


def test_every_row_says_how_it_is_called(portal):
    wrong = []
    for endpoint, row in table()["routes"].items():
        for rule in portal.url_map.iter_rules():
            if rule.endpoint == endpoint and wanted(rule) - set(row.get("with", {})):
                wrong.append(f"{endpoint}: {rule.rule}")
            if not rule.methods & {"GET", "POST"}:
                wrong.append(f"{endpoint}: {rule.rule} is called by neither GET nor POST")
    assert wrong == []


@pytest.mark.parametrize("part", ["routes", "actions"])
def test_a_row_has_a_known_kind_and_those_that_tell_of_one_dataset_name_one(part):
    rows = table()[part]
    assert {name for name, row in rows.items() if row["kind"] not in KINDS} == set()
    whole = {"api.dataset_autocomplete", "cqgov_catalogue.export", "cqgov_catalogue_export", "package_search"}
    whole |= {"current_package_list_with_resources", "recently_changed_packages_activity_list", "resource_search"}
    whole |= {"file.trusted_download", "cqgov_download.follow"}
    telling = {name for name, row in rows.items() if row["kind"] in ("catalogue", "data")} - whole
    assert {name for name in telling if not own(rows[name])} == set()
