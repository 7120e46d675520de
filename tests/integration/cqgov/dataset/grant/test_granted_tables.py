"""Granted tables follow the files in the vault: loaded, replaced, dropped, and unknown to the DataStore."""

from __future__ import annotations

import io
import os
import threading

import ckan.model as model
import ckan.plugins.toolkit as tk
import openpyxl
import pytest
import sqlalchemy as sa
from ckan.cli.cli import ckan
from werkzeug.datastructures import FileStorage

from ckanext.cqgov.catalogue import granted_tables
from ckanext.cqgov.model import granted_table

from .conftest import TABLE, file

pytestmark = pytest.mark.usefixtures("non_clean_db", "clean_index", "with_plugins")


def tables():
    """Return the names of the tables in the schema."""
    model.Session.rollback()
    query = sa.text("select tablename from pg_tables where schemaname = 'cqgov_granted'")
    return set(model.Session.execute(query).scalars())


def loaded(resource_id):
    """Return how the table of a resource stands."""
    model.Session.rollback()
    return granted_table.state(model.Session, resource_id)


def test_a_file_is_loaded_once_and_again_does_no_harm(dataset, resource):
    before = loaded(resource).loaded
    assert before.rows == 4 and before.table_name in tables()
    assert granted_tables.settle(dataset["id"]) == 0 and loaded(resource).loaded == before


def test_storing_a_file_has_a_background_job_load_it(provider, restricted, upload, monkeypatch):
    asked = []
    monkeypatch.setattr(granted_tables.tk, "enqueue_job", lambda fn, args, **_more: asked.append((fn, args)))
    made = provider.head.call("package_create", **restricted(private=False))
    assert asked == []
    provider.clerk.call("resource_create", package_id=made["id"], name="表", format="CSV", upload=upload())
    assert (granted_tables.settle, [made["id"]]) in asked


def test_a_workbook_is_loaded_as_well(dataset, provider):
    book, data = openpyxl.Workbook(), io.BytesIO()
    for row in (["编号", "数量"], ["001", 5], ["002", 7]):
        book.active.append(row)
    book.save(data)
    data.seek(0)
    made = provider.clerk.call(
        "resource_create",
        package_id=dataset["id"],
        name="工作簿",
        format="XLSX",
        upload=FileStorage(stream=data, filename="表.xlsx"),
    )
    granted_tables.settle(dataset["id"])
    assert loaded(made["id"]).loaded.kinds == {"编号": "text", "数量": "numeric"}


def test_a_file_that_is_replaced_is_not_answered_from_the_old_table(dataset, resource, give, search, holder, provider):
    give()
    old = loaded(resource).loaded.table_name
    provider.clerk.call("resource_update", id=resource, name="表", format="CSV", upload=file("区县,数\n巴南区,1\n"))
    with pytest.raises(tk.ValidationError, match="正在载入"):
        search(holder)
    granted_tables.settle(dataset["id"])
    assert [record["区县"] for record in search(holder)["records"]] == ["巴南区"] and old not in tables()


def test_a_grant_of_a_column_that_the_new_file_lacks_opens_nothing_of_it(
    dataset, resource, give, search, holder, provider
):
    give(resources=[resource], columns=["停车场"], rows=["泊位数 range 100.."])
    provider.clerk.call("resource_update", id=resource, name="表", format="CSV", upload=file("停车场,数\n菜园坝,1\n"))
    granted_tables.settle(dataset["id"])
    with pytest.raises(tk.ValidationError):
        search(holder)


@pytest.mark.parametrize("what", ["withdrawn", "opened", "resource deleted", "dataset deleted", "purged"])
def test_the_table_goes_with_what_it_was_for(dataset, resource, provider, what):
    name = loaded(resource).loaded.table_name
    if what == "withdrawn":
        provider.head.call("package_patch", id=dataset["id"], private=True)
    elif what == "opened":
        provider.head.call("package_patch", id=dataset["id"], opening_type="unconditional")
    elif what == "resource deleted":
        provider.clerk.call("resource_delete", id=resource)
    elif what == "dataset deleted":
        provider.head.call("package_delete", id=dataset["id"])
    else:
        provider.operator.call("dataset_purge", id=dataset["id"])
    assert name not in tables()


def test_a_table_without_its_row_is_swept_away(dataset):
    with model.meta.engine.begin() as connection:
        connection.execute(sa.text("create table cqgov_granted.t_left_behind (c1 text)"))
    granted_tables.settle()
    assert "t_left_behind" not in tables()


def test_a_load_that_was_cut_short_leaves_the_old_state_and_is_taken_up_again(dataset, resource, provider, monkeypatch):
    before = loaded(resource).loaded.table_name
    provider.clerk.call("resource_update", id=resource, name="表", format="CSV", upload=file("区县,数\n巴南区,1\n"))
    held = tables()

    def crash(*_args):
        raise RuntimeError("the worker died")

    with monkeypatch.context() as patched:
        patched.setattr(granted_table, "_put", crash)
        granted_tables.settle(dataset["id"])
    assert tables() == held and before in held and loaded(resource).waiting
    assert granted_tables.settle(dataset["id"]) == 1 and loaded(resource).loaded.rows == 1


def test_a_load_that_fails_tells_no_cell_to_the_log(dataset, resource, provider, monkeypatch, caplog):
    provider.clerk.call("resource_update", id=resource, name="表", format="CSV", upload=file("区县\n巴南区\n"))
    with monkeypatch.context() as patched:
        patched.setattr(granted_tables, "_cell", lambda _value: {"canarycell": 1})
        granted_tables.settle(dataset["id"])
    assert resource in caplog.text and "canarycell" not in caplog.text
    assert granted_tables.settle(dataset["id"]) == 1


def test_a_dataset_that_is_withdrawn_while_its_file_is_read_gets_no_table(dataset, resource, provider, monkeypatch):
    provider.clerk.call("resource_update", id=resource, name="表", format="CSV", upload=file("区县,数\n巴南区,1\n"))
    (due,) = granted_table.due(dataset["id"])

    def read(content, name):
        provider.head.call("package_patch", id=dataset["id"], private=True)
        return real(content, name)

    real = granted_tables.read_table
    monkeypatch.setattr(granted_tables, "read_table", read)
    before = tables()
    assert granted_tables.load(due) == 0 and not tables() - before and loaded(resource).loaded is None


def test_two_loads_at_once_leave_one_table(dataset, resource):
    (due,) = granted_table.due(dataset["id"], again=True)
    model.Session.rollback()
    done = []

    def work():
        try:
            done.append(granted_tables.load(due))
        finally:
            model.Session.remove()

    before = tables() - {loaded(resource).loaded.table_name}
    model.Session.remove()
    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == [1, 1] and tables() - before == {loaded(resource).loaded.table_name}


def test_what_is_no_table_or_too_large_is_noted_with_its_reason(dataset, provider, give, holder, monkeypatch):
    made = provider.clerk.call(
        "resource_create", package_id=dataset["id"], name="坏", format="CSV", upload=file(" \n \n")
    )
    granted_tables.settle(dataset["id"])
    assert loaded(made["id"]).fault is not None and granted_table.due(dataset["id"]) == []
    give()
    with pytest.raises(tk.ValidationError):
        holder.call("cqgov_data_search", resource_id=made["id"])
    monkeypatch.setitem(tk.config, granted_tables.LARGEST, 0)
    large = provider.clerk.call(
        "resource_create", package_id=dataset["id"], name="大", format="CSV", upload=file("a\n" + "1\n" * 2000)
    )
    granted_tables.settle(dataset["id"])
    assert "MB" in loaded(large["id"]).fault.en


def test_the_datastores_reader_can_not_read_the_schema(dataset, resource):
    """As whoever asks in SQL is: not from the DataStore's database, and not where it may connect to ours."""
    name = loaded(resource).loaded.table_name
    user = sa.make_url(os.environ["CKAN_DATASTORE_READ_URL"]).username
    query = sa.text(
        "select has_schema_privilege(:user, 'cqgov_granted', 'usage'), "
        "has_table_privilege(:user, format('%I.%I', 'cqgov_granted', cast(:name as text)), 'select')"
    )
    assert tuple(model.Session.execute(query, {"user": user, "name": name}).one()) == (False, False)


def test_the_datastore_knows_nothing_of_it(dataset, resource, give, holder, provider):
    give(storage=True)
    for who in (holder, provider.head, provider.operator):
        with pytest.raises((tk.ObjectNotFound, tk.NotAuthorized)):
            who.call("datastore_search", resource_id=resource)


def test_the_command_loads_and_says_what_is_left(cli, dataset, resource, monkeypatch):
    # a command starts the storages anew, and that of the tests keeps nothing
    monkeypatch.setattr(granted_tables.vault_storage, "chunks", lambda _key: [TABLE.encode()])
    with model.meta.engine.begin() as connection:
        connection.execute(sa.text("delete from cqgov_granted_table where resource_id = :id"), {"id": resource})
    done = cli.invoke(ckan, ["cqgov", "data", "load", dataset["name"]])
    assert done.exit_code == 0 and "changed 1" in done.output and loaded(resource).loaded.rows == TABLE.count("\n") - 1
    again = cli.invoke(ckan, ["cqgov", "data", "load", dataset["name"], "--again"])
    assert again.exit_code == 0 and "changed 1" in again.output
    assert cli.invoke(ckan, ["cqgov", "data", "load", "no-such-entry"]).exit_code == 1
