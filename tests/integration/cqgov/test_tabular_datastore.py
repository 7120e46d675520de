"""A table that was read goes into the DataStore whole."""

import csv
import io

import pytest
from ckan.plugins import toolkit as tk
from ckan.tests import factories

from ckanext.cqgov.tabular import datastore, read_table

pytestmark = pytest.mark.usefixtures("with_plugins", "clean_db", "clean_index")


@pytest.fixture
def admin():
    return {"user": factories.Sysadmin()["name"]}


@pytest.fixture
def resource(admin, open_dataset):
    package = open_dataset(user={"name": admin["user"]})
    return tk.get_action("resource_create")(
        dict(admin), {"package_id": package["id"], "name": "表", "url": "https://www.example.org/a.csv"}
    )


def table(header, rows):
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    return read_table(text.getvalue().encode())


def search(admin, resource, **more):
    return tk.get_action("datastore_search")(dict(admin), {"resource_id": resource["id"], **more})


def test_more_rows_than_one_call_takes_all_arrive(admin, resource):
    count = datastore.CHUNK * 2 + 7
    stored = datastore.store(admin, resource["id"], table(["编号", "数值"], [[f"a{n}", n] for n in range(count)]))
    found = search(admin, resource, limit=1)
    assert stored == count == found["total"]


def test_loading_again_replaces_the_rows_and_the_columns(admin, resource):
    datastore.store(admin, resource["id"], table(["甲", "乙"], [["x", "1"], ["y", "2"]]))
    datastore.store(admin, resource["id"], table(["甲", "丙"], [["z", "2024-01-05"]]))
    found = search(admin, resource)
    assert [(one["id"], one["type"]) for one in found["fields"][1:]] == [("甲", "text"), ("丙", "date")]
    assert [one["甲"] for one in found["records"]] == ["z"]


def test_names_longer_than_the_database_holds_keep_their_text_as_labels(admin, resource):
    long = "本年度各区县公共停车场泊位总数以及其中充电泊位数量"
    datastore.store(admin, resource["id"], table([f"{long}（一）", f"{long}（二）", "_内部"], [["1", "2", "x"]]))
    fields = search(admin, resource)["fields"][1:]
    assert [one["info"]["label"] for one in fields] == [f"{long}（一）", f"{long}（二）", "_内部"]
    assert len({one["id"] for one in fields}) == 3 and fields[2]["id"] == "内部"
    assert all(len(one["id"].encode()) <= datastore.IDENTIFIER_BYTES for one in fields)


def test_a_table_without_rows_still_has_its_columns(admin, resource):
    assert datastore.store(admin, resource["id"], table(["甲", "乙"], [])) == 0
    assert [one["id"] for one in search(admin, resource)["fields"]] == ["_id", "甲", "乙"]


def test_decimals_are_stored_exactly(admin, resource):
    datastore.store(admin, resource["id"], table(["地区", "值"], [["甲", "0.1"], ["乙", ""], ["丙", "12345678901.25"]]))
    answer = tk.get_action("datastore_search")(
        dict(admin), {"resource_id": resource["id"], "records_format": "csv", "sort": "_id"}
    )
    assert answer["records"].splitlines() == ["1,甲,0.1", "2,乙,", "3,丙,12345678901.25"]


def test_a_name_that_the_table_view_would_read_as_a_path_is_altered_and_labelled(admin, resource):
    datastore.store(admin, resource["id"], table(["PM2.5", "值[元]", "计()", "PM2_5"], [["1", "2", "3", "4"]]))
    fields = search(admin, resource)["fields"][1:]
    assert [one["id"] for one in fields] == ["PM2_5", "值_元_", "计", "PM2_5_2"]
    assert [one["info"]["label"] for one in fields] == ["PM2.5", "值[元]", "计()", "PM2_5"]
