"""A rebuild: searches go on, a killed one goes on, what is changed meanwhile is right in the end, two are refused."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan.common import config
from ckan.lib.search.common import SearchIndexError, make_connection

from ckanext.cqgov import organization_index
from ckanext.cqgov.cli import cqgov
from ckanext.cqgov.cli.search_rebuild import search_index
from ckanext.cqgov.model import lock, search_rebuild
from ckanext.cqgov.reindexing import core as second_core
from ckanext.cqgov.reindexing import indexed, posting, replacing, run
from tests.integration.cqgov.reindexing.conftest import documents

WAYS = pytest.mark.parametrize("in_place", [True, False])


def known():
    """Return the ids of all datasets, as another process left them."""
    model.Session.commit()
    package = model.package_table
    return set(model.Session.execute(sa.select(package.c.id).where(package.c.state != "deleted")).scalars())


def titled(title, id_):
    """Change a title the way another process does: in the database, then in the live core."""
    with model.meta.engine.begin() as connection:
        connection.execute(sa.update(model.package_table).where(model.package_table.c.id == id_).values(title=title))
    solr = make_connection()
    stored = {**documents()[id_], "title": title, "title_string": title}
    stored.pop("_version_")
    stored.pop("indexed_ts")
    solr.add([stored], commit=True)


def when(number, action):
    """Return a report that acts once, when that many batches have arrived."""
    seen = []

    def report(progress):
        seen.append(progress)
        if len(seen) == number:
            action()

    return report


@WAYS
def test_a_rebuild_brings_in_what_is_missing_and_removes_what_is_gone(rows, in_place):
    solr = make_connection()
    site = config["ckan.site_id"]
    orphan = {"index_id": posting._key("gone"), "id": "gone", "name": "gone", "entity_type": "package", "site_id": site}
    solr.delete(q=f"id:{rows['plain']}")
    solr.add([orphan], commit=True)
    done = run.rebuild(in_place=in_place, batch=5)
    assert documents().keys() == known() and done.refused == {}
    assert done.done == len(known())
    assert run.search_rebuild.latest()["state"] == search_rebuild.DONE


@WAYS
def test_the_search_is_never_empty(rows, in_place):
    run.rebuild(in_place=True)
    wanted, solr, counts, over = len(known()), make_connection(), [], threading.Event()

    def search():
        while not over.is_set():
            counts.append(solr.search("*:*", rows=0).hits)

    searching = threading.Thread(target=search)
    searching.start()
    try:
        for _time in range(2):
            run.rebuild(in_place=in_place, batch=5)
    finally:
        over.set()
        searching.join()
    assert len(counts) > 20 and set(counts) == {wanted}


@WAYS
def test_what_is_changed_deleted_and_created_meanwhile_is_right_in_the_end(rows, in_place):
    run.rebuild(in_place=True)
    first, *_others, last = sorted(id_ for name, id_ in rows.items() if name.isdigit())
    sysadmin = {"user": tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"], "ignore_auth": True}
    born = {}

    def meanwhile():
        titled("改过的第一个", first)
        titled("改过的最后一个", last)
        tk.get_action("dataset_purge")(dict(sysadmin), {"id": rows["purged"]})
        tk.get_action("package_delete")(dict(sysadmin), {"id": rows["removed"]})
        owner = model.Package.get(rows["plain"]).owner_org
        given = {"name": "born", "title": "新来的", "owner_org": owner, "private": True}
        born.update(tk.get_action("package_create")(dict(sysadmin), given))

    run.rebuild(in_place=in_place, batch=4, report=when(3, meanwhile))
    found = documents()
    assert found[first]["title"] == "改过的第一个" and found[last]["title"] == "改过的最后一个"
    assert found.keys() == known() and rows["removed"] not in found and born["id"] in found


def test_what_reaches_the_former_core_during_the_swap_is_not_lost(rows, monkeypatch):
    run.rebuild(in_place=True)
    changed = rows["3"]
    core_swap = second_core.Cores.swap

    def swap(cores):
        titled("最后一刻", changed)
        core_swap(cores)

    monkeypatch.setattr(second_core.Cores, "swap", swap)
    run.rebuild()
    assert documents()[changed]["title"] == "最后一刻"


def test_a_dataset_that_is_changed_between_reading_and_arriving_is_read_again(rows, monkeypatch):
    changed, post = rows["5"], posting.post

    def late(found, solr=None):
        monkeypatch.setattr(posting, "post", post)
        with model.meta.engine.begin() as connection:
            connection.execute(
                sa.update(model.package_table).where(model.package_table.c.id == changed).values(title="新标题")
            )
        return post(found, solr)

    monkeypatch.setattr(posting, "post", late)
    assert replacing.replace(list(rows.values())) == {}
    assert documents()[changed]["title"] == "新标题"


@WAYS
def test_a_killed_rebuild_goes_on_where_it_stopped(rows, core, in_place):
    program = (
        "import os, signal, sys\n"
        "from ckan.cli import load_config\n"
        "from ckan.config.middleware import make_app\n"
        "make_app(load_config(os.environ['CKAN_INI']))\n"
        "from ckanext.cqgov.reindexing import run\n"
        "def report(progress):\n"
        "    if progress.done >= 8: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"run.rebuild(in_place={in_place}, batch=4, report=report)\n"
    )
    run.rebuild(in_place=True)
    env = {**os.environ, "CKAN_SOLR_URL": config["solr_url"]}
    ended = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr[-3000:]
    row = search_rebuild.latest()
    assert row["state"] == search_rebuild.RUNNING and row["done"] == 8
    assert len(documents()) == len(known())
    titled("中断期间改的", rows["1"])
    reports = []
    done = run.rebuild(resume=True, batch=4, report=reports.append)
    assert reports[0].done == 12 and done.done == len(known())
    assert done.way == (search_rebuild.IN_PLACE if in_place else search_rebuild.SECOND_CORE)
    assert documents().keys() == known() and documents()[rows["1"]]["title"] == "中断期间改的"
    assert search_rebuild.latest()["id"] == row["id"] and core.status(core.second) is None


def test_a_rebuild_that_was_killed_after_the_swap_is_finished(rows, core, monkeypatch):
    run.rebuild(in_place=True)

    def killed(*_arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(run.Run, "_after_swap", killed)
        with pytest.raises(KeyboardInterrupt):
            run.rebuild()
    assert core.status(core.second) is not None
    run.rebuild(resume=True)
    assert core.status(core.second) is None and documents().keys() == known()
    assert search_rebuild.latest()["state"] == search_rebuild.DONE


def test_two_rebuilds_at_once_are_refused(rows):
    with model.meta.engine.connect() as other:
        other.execute(sa.select(sa.func.pg_advisory_lock(lock.REBUILD)))
        assert run.running()
        with pytest.raises(run.AlreadyRunning):
            run.rebuild()
        other.execute(sa.select(sa.func.pg_advisory_unlock(lock.REBUILD)))
    assert not run.running()


@WAYS
def test_a_document_that_solr_refuses_is_named_and_the_others_go_on(rows, in_place, cli):
    plain = rows["plain"]
    huge = sa.update(model.package_table).where(model.package_table.c.id == plain)
    model.Session.execute(huge.values(extras={"own": "字" * 20_000}))
    model.Session.commit()
    told = cli.invoke(cqgov, ["search", "rebuild", *(["--in-place"] if in_place else [])])
    assert told.exit_code == 1 and "refused: row-plain" in told.output and "immense" in told.output
    assert known() - documents().keys() <= {plain}
    assert len(search_rebuild.latest()["refused"]) == 1
    told = cli.invoke(cqgov, ["search", "status"])
    assert "refused 1" in told.output and "plain" in told.output


def test_without_solr_the_rebuild_says_how_to_go_on(rows, monkeypatch, cli):
    monkeypatch.setitem(config, "solr_url", "http://127.0.0.1:9/solr/nowhere")
    told = cli.invoke(cqgov, ["search", "rebuild"])
    assert told.exit_code == 1 and "--resume" in told.output
    with pytest.raises(SearchIndexError):
        run.rebuild(in_place=True)


def test_documents_of_another_portal_in_the_core_stay(rows, core):
    run.rebuild(in_place=True)
    solr = make_connection()
    other = {"index_id": "x", "id": "other", "name": "other", "entity_type": "package", "site_id": "other.site"}
    solr.add([other], commit=True)
    done = run.rebuild()
    assert done.way == search_rebuild.IN_PLACE and "1 documents" in search_rebuild.latest()["why"]
    assert documents().keys() == known() | {"other"} and indexed.of_others(solr) == 1


def test_where_the_core_administration_is_closed_the_index_is_rebuilt_in_place(rows, monkeypatch):
    def closed(_cores, action, **_parameters):
        raise second_core.NoSecondCore(f"core administration: {action}: 403")

    monkeypatch.setattr(second_core.Cores, "_ask", closed)
    done = run.rebuild()
    assert done.way == search_rebuild.IN_PLACE and documents().keys() == known()


def test_the_second_core_gets_the_configuration_as_it_is_now(rows, core):
    schema = Path(core.status(core.live)["instanceDir"]) / "conf" / "schema.xml"
    text = schema.read_text("utf-8")
    added = '<field name="new_field" type="string" indexed="true" stored="true"/>'
    schema.write_text(text.replace("</fields>", f"{added}</fields>") if "</fields>" in text else text, "utf-8")
    assert added in schema.read_text("utf-8")
    run.rebuild()
    make_connection().search("new_field:a")
    assert documents().keys() == known()


def test_ckan_s_own_command_rebuilds_our_way_and_keeps_its_other_ways(rows, cli, core):
    make_connection().delete(q="*:*", commit=True)
    told = cli.invoke(search_index, ["rebuild", "-q"])
    assert told.exit_code == 0, told.output
    assert documents().keys() == known() and search_rebuild.latest()["state"] == search_rebuild.DONE
    last = search_rebuild.latest()["id"]
    make_connection().delete(q="name:row-plain", commit=True)
    for words in (["rebuild", "row-plain"], ["rebuild", "--only-missing"], ["check"]):
        told = cli.invoke(search_index, words)
        assert told.exit_code == 0, told.output
    assert documents().keys() == known() and search_rebuild.latest()["id"] == last


def test_the_datasets_of_changed_organisations_are_indexed_in_sets(rows):
    make_connection().delete(q="*:*", commit=True)
    organization_index.again([rows["plain"], rows["other"], "no-such-dataset"])
    assert documents().keys() == {rows["plain"], rows["other"]}


def test_never_rebuilt_is_said(clean_db, with_plugins, cli):
    told = cli.invoke(cqgov, ["search", "status"])
    assert told.exit_code == 0 and "never rebuilt" in told.output
