"""The tree of organisations through CKAN's actions, pages and commands."""

from __future__ import annotations

import time
from unittest import mock

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan.cli.cli import ckan
from ckan.tests import factories
from ckan.tests.helpers import call_action, call_auth
from redis.exceptions import RedisError

from ckanext.cqgov.domain.identifiers import with_check_character
from ckanext.cqgov.model import ledger, organization

pytestmark = pytest.mark.usefixtures("with_plugins", "clean_db", "with_request_context")

CITY = {"title": "重庆市人民政府", "kind": "city-government", "aliases": ["市政府"], "uscc": "11500000MB1234567A"}
ROWS = [
    {"title": "渝中区人民政府", "kind": "区县政府", "parent": "市政府", "division_code": "500103", "name": "yuzhong"},
    CITY,
    {"title": "重庆市公安局", "kind": "city-department", "parent": "重庆市人民政府"},
]
CHANGE = [
    CITY,
    {"title": "两江新区", "name": "liangjiang", "kind": "district-government", "parent": "市政府"},
    {
        "title": "江北区",
        "name": "jiangbei",
        "kind": "district-government",
        "parent": "市政府",
        "division_code": "500105",
        "valid_to": "2025-11-05",
        "successor": "两江新区",
    },
]


def imported(rows=ROWS, **more):
    return call_action("cqgov_organization_import", organizations=rows, **more)


def many(count):
    """A city with ``count`` departments in 40 districts."""
    rows = [CITY]
    rows += [
        {"title": f"第{n}区政府", "name": f"d{n}", "kind": "district-government", "parent": "市政府"} for n in range(40)
    ]
    rows += [
        {
            "title": f"第{n}号部门",
            "name": f"unit-{n}",
            "kind": "district-department",
            "parent": f"d{n % 40}",
            "uscc": with_check_character(f"11500000{n:09d}"),
        }
        for n in range(count - len(rows))
    ]
    return rows


class Queries:
    """Counts the SQL statements of a block."""

    def __enter__(self):
        self.count = 0
        sa.event.listen(sa.engine.Engine, "before_cursor_execute", self._one)
        return self

    def __exit__(self, *_):
        sa.event.remove(sa.engine.Engine, "before_cursor_execute", self._one)

    def _one(self, *_):
        self.count += 1


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


def test_each_imported_organisation_is_a_ledger_row_and_an_unchanged_one_is_not():
    imported()
    ids = {one.id for one in organization.everything()}

    def rows():
        return [row for row in ledger.listing(model.Session, subject_type="organization") if row["subject_id"] in ids]

    assert [row["verb"] for row in rows()] == ["organization.create"] * 3
    imported()
    imported([{**CITY, "title": "重庆市政府"}])
    assert [row["verb"] for row in rows()] == ["organization.update", *["organization.create"] * 3]
    assert rows()[0]["detail"]["title"] == ["重庆市人民政府", "重庆市政府"]


def test_a_dry_run_writes_nothing():
    report = imported(dry_run=True)
    assert report["created"] == 3
    assert organization.everything() == []


def test_a_bad_row_is_told_with_its_remedy_and_never_stops_the_rest():
    report = imported([*ROWS, {"title": "坏单位", "kind": "city-department", "uscc": "11500000MB1234567B"}])
    assert report["created"] == 3
    (reject,) = report["rejected"]
    assert (reject["row"], reject["column"], reject["value"]) == (4, "uscc", "11500000MB1234567B")
    assert reject["problem"] and reject["remedy"]


@pytest.mark.parametrize("rows", [None, "x", {"a": 1}, [1, None, "x"], [{"title": ["x"]}], [{"title": {"a": 1}}]])
def test_bad_input_is_refused_or_rejected_and_never_a_crash(rows):
    try:
        report = imported(rows)
    except tk.ValidationError as error:
        assert error.error_dict["organizations"]
    else:
        assert report["created"] == 0 and len(report["rejected"]) == len(rows)


def test_a_renamed_organisation_is_still_found_by_its_former_name():
    imported()
    imported([{"title": "重庆市公安总局", "name": "chong-qing-shi-gong-an-ju", "kind": "city-department"}])
    found = organization.resolve_many(["重庆市公安局", "重庆市公安总局", "市政府", "11500000MB1234567A", "没有"])
    assert found["重庆市公安局"] == found["重庆市公安总局"]
    assert found["市政府"] == found["11500000MB1234567A"]
    assert "没有" not in found
    assert organization.resolve("没有") is None


def test_the_name_of_a_deleted_organisation_and_its_code_are_not_given_away():
    imported()
    user = factories.Sysadmin()["name"]
    shown = call_action("cqgov_organization_show", id="市政府")
    call_action("organization_delete", {"user": user}, id=shown["id"])
    (reject,) = imported([{**CITY, "title": "另一个政府", "name": "other"}])["rejected"]
    assert reject["column"] == "uscc"


def test_a_core_client_still_reads_patches_and_purges_an_organisation():
    imported()
    context = {"user": factories.Sysadmin()["name"]}
    shown = call_action("organization_show", id="yuzhong")
    assert shown["cqgov"]["parent"]["title"] == "重庆市人民政府"
    assert call_action("organization_patch", dict(context), id="yuzhong", description="x")["description"] == "x"
    assert call_action("organization_show", id="yuzhong")["cqgov"]["division_code"] == "500103"
    call_action("organization_purge", dict(context), id=shown["cqgov"]["parent"]["id"])
    assert call_action("organization_show", id="yuzhong")["cqgov"]["parent"] is None


def test_an_organisation_made_by_a_core_client_stands_in_the_tree_without_a_place():
    made = factories.Organization(title="后来的")
    (root,) = call_action("cqgov_organization_tree")
    assert (root["id"], root["kind"], root["children"]) == (made["id"], None, [])


def test_details_are_changed_cleared_and_refused_field_by_field():
    imported(CHANGE)
    shown = call_action("cqgov_organization_update", id="jiangbei", aliases=["江北"], division_code=None)
    assert (shown["aliases"], shown["division_code"], shown["successor"]["name"]) == (["江北"], None, "liangjiang")
    with pytest.raises(tk.ValidationError) as refused:
        call_action("cqgov_organization_update", id="liangjiang", parent="liangjiang")
    assert "parent" in refused.value.error_dict
    with pytest.raises(tk.ValidationError) as refused:
        call_action("cqgov_organization_update", id="liangjiang", colour="red")
    assert "colour" in refused.value.error_dict
    with pytest.raises(tk.ObjectNotFound):
        call_action("cqgov_organization_update", id="nobody", aliases=[])


def test_a_district_that_ended_tells_who_succeeded_it_and_since_when(app):
    imported(CHANGE)
    shown = call_action("cqgov_organization_show", id="江北区")
    assert (shown["ended"], shown["succeeded_on"], shown["successor"]["title"]) == (True, "2025-11-06", "两江新区")
    assert [one["name"] for one in call_action("cqgov_organization_show", id="两江新区")["predecessors"]] == [
        "jiangbei"
    ]
    page = app.get("/organization/jiangbei").body
    assert "2025-11-06" in page and "/organization/liangjiang" in page
    tree = call_action("cqgov_organization_tree", current=True)
    assert "jiangbei" not in str(tree)


def test_counts_are_of_public_datasets_and_include_all_below():
    imported()
    ids = {one.name: one.id for one in organization.everything()}
    police, city = ids["chong-qing-shi-gong-an-ju"], organization.resolve("市政府")
    package = {"type": "dataset", "state": "active"}
    for number, (owner, private) in enumerate([(police, False), (police, True), (city, False)]):
        model.Session.add(model.Package(name=f"set-{number}", owner_org=owner, private=private, **package))
    model.Session.commit()
    (root,) = call_action("cqgov_organization_tree")
    assert (root["dataset_count"], root["total_dataset_count"]) == (1, 2)


def test_a_thousand_organisations_are_imported_and_shown_with_as_many_queries_as_ten(app):
    imported(many(50))
    with Queries() as few:
        call_action("cqgov_organization_tree")
    started = time.perf_counter()
    assert imported(many(1000))["created"] == 950
    assert time.perf_counter() - started < 20
    with Queries() as lots:
        (root,) = call_action("cqgov_organization_tree")
    assert lots.count == few.count <= 4
    assert sum(len(child["children"]) for child in root["children"]) == 959
    assert app.get("/organizations/tree").body.count("<li>") >= 1000
    with Queries() as one:
        organization.resolve_many([f"第{n}号部门" for n in range(900)])
    with Queries() as chains:
        assert len(organization.ancestors_many([row.id for row in organization.everything()])) == 1000
    assert one.count == 1 and chains.count == 2


def test_the_tree_page_filters_by_part_of_a_name_and_keeps_what_stands_above(app):
    imported()
    page = app.get("/organizations/tree", query_string={"q": "公安"}).body
    assert "重庆市公安局" in page and "重庆市人民政府" in page and "渝中区人民政府" not in page
    assert "重庆市公安局" not in app.get("/organizations/tree", query_string={"q": "<script>"}).body
    assert "/organizations/tree" in app.get("/organization/").body


def test_moving_an_organisation_has_its_datasets_reindexed():
    imported(CHANGE)
    model.Session.add(model.Package(name="moved", owner_org=organization.resolve("jiangbei"), state="active"))
    model.Session.commit()
    with mock.patch("ckanext.cqgov.organization_index.tk.enqueue_job") as queued:
        call_action("cqgov_organization_update", id="jiangbei", parent="两江新区")
        call_action("cqgov_organization_update", id="jiangbei", uscc=None)
        assert queued.call_count == 1
        assert len(queued.call_args.args[1][0]) == 1


def test_a_new_alias_has_the_datasets_reindexed_that_are_found_by_it():
    imported(CHANGE)
    model.Session.add(model.Package(name="renamed", owner_org=organization.resolve("jiangbei"), state="active"))
    model.Session.commit()
    with mock.patch("ckanext.cqgov.organization_index.tk.enqueue_job") as queued:
        call_action("cqgov_organization_update", id="jiangbei", aliases=["江北"])
    assert queued.call_count == 1


def test_a_change_that_is_committed_is_not_called_failed_when_the_queue_is_away():
    imported(CHANGE)
    model.Session.add(model.Package(name="moved", owner_org=organization.resolve("jiangbei"), state="active"))
    model.Session.commit()
    with mock.patch("ckanext.cqgov.organization_index.tk.enqueue_job", side_effect=RedisError("away")):
        shown = call_action("cqgov_organization_update", id="jiangbei", parent="两江新区")
    assert shown["parent"]["title"] == "两江新区"


def test_the_command_imports_csv_and_yaml_and_tells_each_reject_with_its_line(cli, tmp_path):
    rows = (
        "机构名称,机构类型,上级机构,统一社会信用代码\n重庆市人民政府,市政府,,\n\n"
        "坏单位,未知类型,,\n渝中区政府,区县政府,重庆市人民政府,\n"
    )
    file, rejects = tmp_path / "list.csv", tmp_path / "rejects.csv"
    file.write_bytes(rows.encode("gb18030"))
    done = cli.invoke(ckan, ["cqgov", "organization", "import", str(file), "--rejects", str(rejects)])
    assert done.exit_code == 1 and "created 2" in done.output
    assert "4,kind,未知类型" in rejects.read_text("utf-8-sig")
    file = tmp_path / "list.yaml"
    file.write_text("organizations:\n- title: 重庆市财政局\n  kind: 市级部门\n  parent: 重庆市人民政府\n", "utf-8")
    done = cli.invoke(ckan, ["cqgov", "organization", "import", str(file)])
    assert done.exit_code == 0, done.output
    assert "重庆市财政局" in cli.invoke(ckan, ["cqgov", "organization", "list"]).output


@pytest.mark.parametrize("content", ["- [", "a: 1", "", "x", "\x00\x01"])
def test_an_unreadable_file_is_one_clear_line(cli, tmp_path, content):
    file = tmp_path / "list.yaml"
    file.write_text(content, "utf-8")
    done = cli.invoke(ckan, ["cqgov", "organization", "import", str(file)])
    assert done.exit_code == 1 and "Traceback" not in done.output and str(file) in done.output


def test_only_the_city_authority_keeps_the_tree_and_everyone_reads_it():
    imported([*ROWS, {"title": "市发展改革委", "name": "ndrc", "kind": "city-department", "authority": True}])
    officer, clerk = factories.User(), factories.User()
    call_action("cqgov_duty_assign", user_id=officer["name"], organization_id="ndrc", duty="authority-officer")
    call_action("cqgov_duty_assign", user_id=clerk["name"], organization_id="yuzhong", duty="head")
    for action in ("cqgov_organization_update", "cqgov_organization_import"):
        assert call_auth(action, {"user": officer["name"], "model": model})
        for user in ("", clerk["name"], factories.User()["name"]):
            with pytest.raises(tk.NotAuthorized):
                call_auth(action, {"user": user, "model": model})
    for action in ("cqgov_organization_tree", "cqgov_organization_show"):
        assert call_auth(action, {"user": "", "model": model})
