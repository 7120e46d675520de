"""The demo city is loaded once, whole, and a second time without any change."""

import json
from pathlib import Path

import ckan.model as model
import pytest
import sqlalchemy as sa
from ckan.cli.cli import ckan as ckan_command
from ckan.plugins import toolkit as tk

from ckanext.cqgov.demo import accounts, city, datasets
from ckanext.cqgov.demo.loading import Loading
from ckanext.cqgov.model.import_run import ImportRun

SAMPLE = 12

TABLES = (
    "package", "resource", "resource_view", "group", "member", "tag", "package_tag", "activity", "api_token",
    "cqgov_organization", "cqgov_duty", "cqgov_dataset", "cqgov_ledger", "cqgov_import_run",
)  # fmt: skip


def rows():
    session = model.Session()
    counts = {name: session.execute(sa.text(f'select count(*) from "{name}"')).scalar() for name in TABLES}
    counts["last change"] = session.execute(sa.text("select max(metadata_modified) from package")).scalar()
    counts["accounts"] = session.execute(
        sa.text("select string_agg(password, ',' order by name) from \"user\"")
    ).scalar()
    return counts


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("demo") / "accounts.json"


LOADED = {}  # loading takes a while: once for the module, inside the first test's plugins


@pytest.fixture
def loaded(with_plugins, reset_db, reset_index, place):
    """The demo city; the tests read it, and the last two change it."""
    if not LOADED:
        reset_db()
        reset_index()
        said = []
        LOADED.update(made=Loading(say=said.append, accounts=place, limit=SAMPLE).run(), said=said)
    return LOADED["made"], LOADED["said"], place


pytestmark = pytest.mark.usefixtures("with_plugins", "loaded")


@pytest.fixture
def admin():
    return {"user": tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]}


def test_every_step_made_something_and_said_so(loaded):
    made, said, _ = loaded
    assert made["organizations"] == len(city.organizations())
    assert made["accounts"] == len(city.accounts())
    assert made["sample"] == SAMPLE
    assert all(made.values())
    assert said[0].startswith("[1/7]")


def test_a_second_run_changes_nothing(loaded):
    _, _, place = loaded
    before, text = rows(), place.read_text()
    made = Loading(say=lambda line: None, accounts=place, limit=SAMPLE).run()
    assert not any(made.values())
    assert rows() == before and place.read_text() == text


def test_the_accounts_file_is_for_its_owner_alone_and_true(loaded, app):
    _, _, place = loaded
    assert place.stat().st_mode & 0o777 == 0o600
    entries = json.loads(place.read_text("utf-8"))
    assert [set(entry) for entry in entries] == [{"name", "password", "token", "organization", "duties"}] * len(entries)
    for entry in entries:
        user = model.User.get(entry["name"])
        assert user.validate_password(entry["password"]) and user.sysadmin == (entry["name"] == "admin")
        answer = app.get("/api/3/action/cqgov_duty_list", headers={"Authorization": entry["token"]},
                         query_string={"user_id": entry["name"]})  # fmt: skip
        assert [duty["duty"] for duty in answer.json["result"]] == entry["duties"]


def test_an_account_of_the_same_name_that_is_not_ours_is_left_alone(admin, tmp_path):
    stranger = tk.get_action("user_create")(
        admin, {"name": "not-of-the-demo", "email": "stranger@example.org", "password": "correct-horse"}
    )
    said = []
    context = Loading(say=said.append, accounts=tmp_path / "a.json").context
    accounts.load([{"name": stranger["name"], "fullname": "x"}], tmp_path / "a.json", context, said.append)
    assert model.User.get(stranger["id"]).validate_password("correct-horse")
    assert said and not (tmp_path / "a.json").exists()


def test_a_lost_accounts_file_is_written_anew_with_new_passwords(loaded, tmp_path):
    _, _, place = loaded
    people = [one for one in city.accounts() if one["name"] == "citizen"]
    context = Loading(say=print, accounts=tmp_path / "new.json").context
    assert accounts.load(people, tmp_path / "new.json", context, print) == 1
    (entry,) = json.loads((tmp_path / "new.json").read_text())
    assert model.User.get("citizen").validate_password(entry["password"])
    listed = json.loads(place.read_text("utf-8"))
    place.write_text(json.dumps([entry if one["name"] == "citizen" else one for one in listed]), "utf-8")


def test_every_dataset_is_public_and_says_that_it_is_a_demo(admin):
    for wanted in city.datasets():
        shown = tk.get_action("package_show")({"user": ""}, {"id": wanted["name"]})
        assert shown["complete"] is True and "演示" in shown["demo_notice"]
        assert [one["original_name"] for one in shown["resources"]] == [
            one["original_name"] for one in wanted["resources"]
        ]


def test_every_file_can_be_previewed_as_a_table(admin):
    for wanted in city.datasets():
        for resource in tk.get_action("package_show")(admin, {"id": wanted["name"]})["resources"]:
            views = tk.get_action("resource_view_list")({"user": ""}, {"id": resource["id"]})
            assert "datatables_view" in [view["view_type"] for view in views]
            found = tk.get_action("datastore_search")({"user": ""}, {"resource_id": resource["id"], "limit": 1})
            assert found["total"] > 0


def test_air_readings_are_numbers_and_missing_ones_are_null(admin):
    resource = tk.get_action("package_show")(admin, {"id": "demo-air-hourly-202004"})["resources"][0]
    found = tk.get_action("datastore_search")(admin, {"resource_id": resource["id"], "limit": 2})
    types = {field["id"]: field["type"] for field in found["fields"]}
    assert found["total"] == 2880 and types["AQI"] == "numeric" and types["Date"] == "date"
    assert found["records"][0]["WatchPoint"] == "缙云山" and found["records"][1]["AQI"] is None


def test_a_statistics_file_is_downloaded_as_it_was_exported(app, tmp_path, admin):
    # A copy made in this test: the files of the test storage live in memory and go with the test that wrote them.
    wanted = next(one for one in city.datasets() if one["name"] == "demo-statistics-gdp")
    copy = {**wanted, "name": "copy-of-statistics", "catalog_code": "309001/99"}
    datasets.load([copy], Loading(say=print, accounts=tmp_path / "a.json").context, print)
    resource = tk.get_action("package_show")(admin, {"id": copy["name"]})["resources"][0]
    answer = app.get(resource["url"])
    tk.get_action("dataset_purge")(dict(admin), {"id": copy["name"]})
    assert answer.data == (city.DATA / "files" / "nbs_gbk_0.csv").read_bytes()
    assert "filename*=UTF-8''%E5%88%86%E7%9C%81" in answer.headers["Content-Disposition"]


def test_a_load_that_was_cut_short_is_taken_up_where_it_ended(monkeypatch, tmp_path, admin):
    wanted = next(one for one in city.datasets() if one["name"] == "demo-air-stations-202004")
    copy = {**wanted, "name": "copy-of-stations", "catalog_code": "306001/99"}
    context = Loading(say=print, accounts=tmp_path / "a.json").context

    def killed(context, resource_id, table):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(datasets, "store", killed)
        datasets.load([copy], context, print)
    model.Session.rollback()
    (first,) = tk.get_action("package_show")(admin, {"id": copy["name"]})["resources"]
    assert not first.get("datastore_active")
    datasets.load([copy], context, print)
    resources = tk.get_action("package_show")(admin, {"id": copy["name"]})["resources"]
    assert [one["id"] for one in resources][0] == first["id"] and len(resources) == len(wanted["resources"])
    assert all(one["datastore_active"] for one in resources)
    assert datasets.load([copy], context, print) == 0
    tk.get_action("dataset_purge")(dict(admin), {"id": copy["name"]})


def test_an_import_that_died_before_its_records_were_indexed_is_finished(loaded):
    _, _, place = loaded
    run = model.Session.query(ImportRun).one()
    run.state = "running"
    model.Session.commit()
    Loading(say=print, accounts=place, limit=SAMPLE).run()
    model.Session.expire_all()
    assert model.Session.query(ImportRun).one().state == "done"


def test_closed_entries_and_the_draft_are_hidden_from_a_citizen():
    for wanted in city.entries():
        hidden = wanted.get("opening_type") not in datasets.LISTED
        try:
            tk.get_action("package_show")({"user": "citizen"}, {"id": wanted["name"]})
            assert not hidden, wanted["title"]
        except (tk.NotAuthorized, tk.ObjectNotFound):
            assert hidden, wanted["title"]


def test_sample_records_are_listings_that_show_where_they_come_from():
    found = tk.get_action("package_search")({"user": ""}, {"fq": "owner_org:*", "rows": 1000})["results"]
    listings = [one for one in found if one.get("origin") == "listing"]
    assert len(listings) == SAMPLE
    for one in listings:
        assert "上海" in one["demo_notice"] and one["organization"]["name"] == city.SAMPLE_ORGANIZATION
        assert not one["resources"]


def test_what_somebody_deleted_stays_deleted(loaded, admin):
    _, _, place = loaded
    tk.get_action("package_delete")(dict(admin), {"id": "demo-streets-count"})
    said = []
    Loading(say=said.append, accounts=place, limit=SAMPLE).run()
    assert model.Package.get("demo-streets-count").state == "deleted"
    assert any("已被删除" in line for line in said)


def test_the_command_says_what_it_did(loaded, cli):
    _, _, place = loaded
    result = cli.invoke(ckan_command, ["cqgov", "demo", "load", "--accounts", str(place), "--limit", str(SAMPLE)])
    assert result.exit_code == 0, result.output
    assert "没有改动" in result.output and Path(place).exists()
