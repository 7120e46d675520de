"""The demo city's data keeps the rules of the catalogue before anything is loaded."""

import json
from importlib.resources import files

import pytest
import yaml
from stdnum.cn import uscc

from ckanext.cqgov import rules
from ckanext.cqgov.domain import catalogue
from ckanext.cqgov.tabular import read_table

DATA = files("ckanext.cqgov.demo") / "data"
RULES, GUIDE = rules.load(), rules.load_guide()


def listed(name):
    return yaml.safe_load((DATA / name).read_text("utf-8"))


ORGANIZATIONS = {one["name"]: one for one in listed("organizations.yaml")}
ENTRIES = listed("invented.yaml") + listed("datasets.yaml")


def values(entry):
    raw = {key: value for key, value in entry.items() if key not in ("name", "resources", "license_id", "owner_org")}
    raw["provider_code"] = ORGANIZATIONS[entry["owner_org"]]["uscc"]
    typed, problems = catalogue.normalise(raw, RULES, GUIDE)
    assert not problems
    return {**typed, "title": entry["title"], "notes": entry["notes"], "owner_org": entry["owner_org"]}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["name"])
def test_an_entry_breaks_no_rule_and_is_complete_unless_it_is_the_draft(entry):
    record = values(entry)
    assert not catalogue.check(record, RULES, GUIDE)
    assert bool(catalogue.missing(record, RULES, GUIDE)) == ("草稿" in entry["title"])
    assert "演示" in entry["demo_notice"]


def test_every_kind_of_sharing_and_opening_is_shown():
    kinds = [(entry.get("opening_type"), entry.get("sharing_type")) for entry in listed("invented.yaml")]
    assert sum(opening == "unconditional" for opening, _ in kinds) >= 3
    assert sum(opening == "conditional" for opening, _ in kinds) >= 3
    assert sum(opening == "closed" for opening, _ in kinds) >= 3
    assert sum(sharing == "withheld" for _, sharing in kinds) >= 3


def test_codes_and_names_are_given_once():
    for key in ("name", "catalog_code", "title"):
        seen = [entry[key] for entry in ENTRIES]
        assert len(seen) == len(set(seen)), key


def test_every_organisation_is_marked_and_has_a_valid_code_that_no_register_assigns():
    codes = [one["uscc"] for one in ORGANIZATIONS.values()]
    assert len(set(codes)) == len(codes) >= 85
    for one in ORGANIZATIONS.values():
        assert one["demo"] is True and uscc.is_valid(one["uscc"]) and one["uscc"][8:12] == "XXXX"


def test_the_tree_hangs_together():
    for one in ORGANIZATIONS.values():
        assert one.get("parent", "cq-gov") in ORGANIZATIONS and one.get("successor", "cq-gov") in ORGANIZATIONS
    districts = [one for one in ORGANIZATIONS.values() if one["kind"] == "district-government"]
    today = [one for one in districts if "valid_to" not in one]
    assert (len(districts), len(today)) == (39, 37), "38 before 2025-11-06; 25 districts, 8 counties, 4 autonomous now"
    assert {one["name"] for one in districts if one.get("successor") == "cq-liangjiang"} == {"cq-jiangbei", "cq-yubei"}


def test_the_sample_has_500_titles_of_all_departments_with_car_parks_and_buses_inside_the_title():
    rows = json.loads((DATA / "sample" / "shanghai_2023.json").read_text("utf-8"))
    titles = [row["数据集名称"].strip() for row in rows]
    assert len(rows) == len(set(titles)) == 500
    assert len({row["数据提供方"] for row in rows}) == 56
    assert sum("停车场" in title[1:-1] for title in titles) >= 4 and sum("公交" in title[1:-1] for title in titles) >= 1


def test_every_file_of_a_dataset_is_a_table_with_the_listed_items():
    for entry in listed("datasets.yaml"):
        for resource in entry["resources"]:
            table = read_table((DATA / "files" / resource["file"]).read_bytes(), resource["file"])
            assert table.rows
            assert [column.name for column in table.columns] == [item["name"] for item in entry["items"]]


def test_accounts_cover_every_duty_at_organisations_that_exist():
    accounts = listed("accounts.yaml")
    assert {duty for one in accounts for duty in one.get("duties", [])} == set(RULES.duties)
    assert all(one["organization"] in ORGANIZATIONS for one in accounts if "organization" in one)
    assert len({one["name"] for one in accounts}) == len(accounts)
