"""The importer's promises: every row accounted for, nothing twice, resumable, one bad record never stops the rest."""

import contextlib
import csv
import json
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
from ckan.tests import factories

from ckanext.cqgov.exchange import exporting, importing, operation, runs
from ckanext.cqgov.exchange.unreadable import Unreadable
from ckanext.cqgov.model import ledger
from ckanext.cqgov.model.dataset import Dataset
from ckanext.cqgov.model.import_run import ImportRun, Seen
from tests.integration.cqgov.catalogue.conftest import DATA, count

pytestmark = pytest.mark.usefixtures("portal")


def package(title):
    model.Session.commit()
    return model.Session.execute(sa.select(model.package_table).where(model.package_table.c.title == title)).one()


def reported(run, kind):
    return [line for line in run.rejects() if line["kind"] == kind]


def test_the_whole_shanghai_listing_is_accounted_for_and_comes_in_once(carried_out, tmp_path):
    path = DATA / "shanghai_shanghai.json.gz"
    run = carried_out(path, organization="transport", publish=True)
    assert run.account.rows == {
        "created": 2232,
        "updated": 0,
        "unchanged": 0,
        "duplicate": 2258,
        "differing": 4,
        "rejected": 0,
    }
    assert run.account.rows_read == 4494 and run.account.balanced()
    assert len(reported(run, "differing")) == 4
    again = carried_out(path, organization="transport", publish=True)
    assert again.account.records["unchanged"] == 2232 and again.account.records["created"] == 0
    assert count() == 2232
    found = tk.get_action("package_search")({}, {"q": "停车场", "rows": 0})
    assert found["count"] > 0
    exported = tmp_path / "全部.xlsx"
    assert exporting.export(exported, None, operation.actor_named(None)) == 2232
    back = carried_out(exported)
    assert back.account.records["unchanged"] == back.account.rows_read == 2232


def test_a_listing_entry_is_public_marked_as_such_and_has_no_data(listing, carried_out):
    carried_out(listing({"title": "甲"}), publish=True)
    shown = tk.get_action("package_show")({"user": ""}, {"id": package("甲").id})
    assert shown["origin"] == "listing" and shown["source_portal"] == "data.sh.gov.cn"
    assert shown["resources"] == [] and "items" not in shown and "sharing_type" not in shown
    assert not shown["private"] and not shown["complete"]


def test_without_being_asked_to_publish_nothing_becomes_public(listing, carried_out):
    carried_out(listing({"title": "甲"}))
    assert package("甲").private


def test_the_first_of_differing_repeats_is_kept_and_the_others_are_listed(listing, carried_out):
    run = carried_out(
        listing({"title": "甲", "cycle": "每年"}, {"title": "甲", "cycle": "每月"}, {"title": "甲", "cycle": "每年"})
    )
    assert [run.account.rows[key] for key in ("created", "differing", "duplicate")] == [1, 1, 1]
    (line,) = reported(run, "differing")
    assert line["row"] == 2 and line["value"] == "甲"
    assert json.loads(json.dumps(dict(package("甲").extras)))["update_cycle"] == "yearly"


@pytest.mark.parametrize("batch", [1, 2, 500])
def test_the_account_does_not_depend_on_where_batches_end(listing, carried_out, batch):
    rows = [
        {"title": "甲"},
        {"title": "甲"},
        {"title": "乙", "first": "昨天"},
        {"title": "乙", "first": "昨天"},
        {"title": "丙"},
    ]
    run = carried_out(listing(*rows, {"title": "甲", "cycle": "每月"}), batch=batch)
    assert run.account.rows == {
        "created": 2,
        "updated": 0,
        "unchanged": 0,
        "duplicate": 1,
        "differing": 1,
        "rejected": 2,
    }


def test_one_bad_row_never_stops_the_rest_and_is_told_with_row_column_value_and_remedy(listing, carried_out):
    run = carried_out(
        listing(
            {"title": "好"},
            {"title": "坏日期", "first": "2020-13-45"},
            {"title": "坏开放", "opening": "随便"},
            {"title": "无人认领", "provider": "火星局"},
            {"title": ""},
            {"title": "也好"},
        )
    )
    assert run.account.records["created"] == 2 and run.account.records["rejected"] == 4 and run.account.balanced()
    told = {line["row"]: line for line in reported(run, "rejected")}
    assert (told[2]["column"], told[2]["value"]) == ("首次发布日期", "2020-13-45")
    assert (told[3]["column"], told[3]["value"]) == ("开放属性", "随便")
    assert (told[4]["column"], told[4]["value"]) == ("数据提供方", "火星局")
    assert all(line["wrong_zh"] and line["wrong_en"] and line["fix_zh"] and line["fix_en"] for line in told.values())
    assert run.findings.unknown == {"火星局": 1}


def test_characters_that_no_database_holds_reject_their_row_only(listing, carried_out):
    broken = [{"title": "坏\x00"}, {"provider": "局\x01"}, {"tags": "坏\x02"}]
    run = carried_out(listing(*broken, {"title": "好"}))
    assert run.account.records["created"] == 1 and run.account.records["rejected"] == 3


def test_unknown_departments_can_be_put_under_one_organisation_and_keep_their_name(listing, carried_out):
    carried_out(listing({"title": "甲", "provider": "火星局"}), organization="教育局")
    assert package("甲").extras["provider_unit"] == "火星局"
    assert model.Group.get(package("甲").owner_org).name == "education"


def test_a_department_is_found_by_its_alias(listing, carried_out):
    carried_out(listing({"title": "甲", "provider": "市交通局"}))
    assert model.Group.get(package("甲").owner_org).name == "transport"


def test_a_dry_run_writes_nothing_at_all(listing, carried_out):
    before = {table: rows_of(table) for table in tables()}
    run = carried_out(listing({"title": "甲"}, {"title": "乙", "provider": "火星局"}), dry=True, kept=False)
    assert run.account.records["created"] == 1 and run.account.records["rejected"] == 1
    assert {table: rows_of(table) for table in tables()} == before


def tables():
    model.Session.commit()
    return [name for name in sa.inspect(model.Session.connection()).get_table_names()]


def rows_of(table):
    return model.Session.execute(sa.text(f'SELECT count(*) FROM "{table}"')).scalar()


def test_an_update_leaves_alone_what_the_file_does_not_speak_of(portal, listing, carried_out):
    carried_out(listing({"title": "甲", "cycle": "每年"}), publish=True)
    patch = {"id": package("甲").id, "contact_unit": "数据科", "license_id": "cc-by"}
    tk.get_action("package_patch")({"user": portal.sysadmin["name"]}, patch)
    run = carried_out(listing({"title": "甲", "cycle": "每月"}, name="二.json"))
    assert run.account.records["updated"] == 1
    found = package("甲")
    assert found.extras["update_cycle"] == "monthly" and found.extras["contact_unit"] == "数据科"
    assert found.license_id == "cc-by" and not found.private


def test_an_update_of_an_entry_with_resources_keeps_them_and_indexes_them(portal, carried_out, tmp_path):
    path = tmp_path / "模板.csv"

    def write(notes):
        path.write_text(
            f"信息资源名称,信息资源代码,信息项名称,共享类型,信息资源摘要\n甲,307001/5,一,无条件共享,{notes}\n", "utf-8"
        )
        return path

    carried_out(write("原来"), organization="transport")
    resource = {"package_id": package("甲").id, "url": "https://example.cn/a.csv", "name": "泊位表", "format": "CSV"}
    tk.get_action("resource_create")({"user": portal.sysadmin["name"]}, resource)
    assert carried_out(write("改过")).account.records["updated"] == 1
    for cached in (True, False):
        shown = tk.get_action("package_show")({"ignore_auth": True, "use_cache": cached}, {"id": package("甲").id})
        assert shown["notes"] == "改过" and [each["name"] for each in shown["resources"]] == ["泊位表"]


def test_a_name_is_not_enumerable(listing, carried_out):
    carried_out(listing({"title": "甲"}, {"title": "乙"}))
    names = {package("甲").name, package("乙").name}
    assert len(names) == 2 and all(len(name) == 18 and name.startswith("d-") for name in names)


def test_the_same_code_in_the_portal_is_the_same_record(listing, carried_out, tmp_path):
    template = tmp_path / "模板.csv"
    head = "序号,信息资源名称,信息资源代码,信息项名称,数据类型,数据长度,共享类型,信息资源摘要"

    def write(title):
        template.write_text(f"{head}\n1,{title},307001/5,名称,字符型C,20,无条件共享,摘要\n", "gb18030")
        return template

    assert carried_out(write("甲"), organization="transport").account.records["created"] == 1
    assert carried_out(write("乙"), organization="transport").account.records["updated"] == 1
    assert count() == 1 and package("乙").extras["catalog_code"] == "307001/5"


def test_a_rule_of_the_decree_refuses_a_row_with_its_article(carried_out, tmp_path):
    path = tmp_path / "模板.csv"
    path.write_text(
        "序号,信息资源名称,信息资源代码,信息项名称,数据类型,共享类型,共享条件/不予共享依据\n"
        "1,甲,307001/5,名称,字符型C,不予共享,\n",
        "utf-8-sig",
    )
    run = carried_out(path, organization="transport")
    assert run.account.records["rejected"] == 1
    assert any("第十七条" in line["wrong_zh"] for line in reported(run, "rejected"))
    assert carried_out(path, organization="transport", draft=True).account.records["created"] == 1
    assert package("甲").state == "draft"


def test_what_may_not_be_public_comes_in_private_and_is_told(carried_out, tmp_path):
    path = tmp_path / "模板.csv"
    path.write_text(
        "序号,信息资源名称,信息资源代码,信息项名称,共享类型,是否向社会开放\n1,甲,307001/5,一,无条件共享,是\n", "utf-8"
    )
    run = carried_out(path, organization="transport", publish=True)
    assert run.account.kept_private == 1 and package("甲").private
    assert reported(run, "note")[0]["row"] == 2


def test_an_editor_imports_into_the_own_organisation_only(portal, listing, carried_out):
    editor = factories.User()
    tk.get_action("organization_member_create")(
        {"user": portal.sysadmin["name"]}, {"id": "transport", "username": editor["name"], "role": "editor"}
    )
    run = carried_out(listing({"title": "甲"}, {"title": "乙", "provider": "教育局"}), user=editor["name"])
    assert run.account.records["created"] == 1 and run.account.records["rejected"] == 1
    assert package("甲").creator_user_id == editor["id"]


def test_only_the_head_publishes(portal, listing, carried_out):
    editor = factories.User()
    tk.get_action("organization_member_create")(
        {"user": portal.sysadmin["name"]}, {"id": "transport", "username": editor["name"], "role": "editor"}
    )
    run = carried_out(listing({"title": "甲"}), user=editor["name"], publish=True)
    assert run.account.kept_private == 1 and run.account.published == 0 and package("甲").private


def command(path, *options):
    ckan = str(Path(sys.executable).with_name("ckan"))
    words = [ckan, "-c", os.environ["CKAN_INI"], "cqgov", "catalogue", "import", str(path), *options]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def waited(condition, process):
    for _ in range(3000):
        if condition():
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.02)
            return


def test_a_killed_import_goes_on_where_it_stopped_and_nothing_is_lost_or_doubled(listing, tmp_path):
    path = listing(*({"title": f"数据{number % 900}"} for number in range(1200)))
    options = ("--organization", "transport", "--publish", "--batch", "50")
    process = command(path, *options)
    waited(lambda: count() >= 200, process)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.communicate()
    done = count()
    assert 200 <= done < 900 and done % 50 == 0
    (state,) = model.Session.execute(sa.select(ImportRun.state)).one()
    assert state == "running"
    second = command(path, *options)
    said, _errors = second.communicate()
    assert second.returncode == 0 and "going on after row" in said
    assert "created: 900 rows" in said and "exact repeats: 300 rows" in said
    assert count() == 900
    assert tk.get_action("package_search")({}, {"rows": 0})["count"] == 900
    assert model.Session.execute(sa.select(sa.func.count()).select_from(Dataset)).scalar() == 900
    assert model.Session.execute(sa.select(sa.func.count()).select_from(Seen)).scalar() == 0
    (state,) = model.Session.execute(sa.select(ImportRun.state)).one()
    assert state == "done"


def test_two_imports_of_the_same_records_at_once_write_each_once(listing):
    rows = [{"title": f"数据{number}"} for number in range(300)]
    first = command(listing(*rows, name="a.json"), "--organization", "transport", "--batch", "20")
    second = command(listing(*reversed(rows), name="b.json"), "--organization", "transport", "--batch", "20")
    for process in (first, second):
        said, errors = process.communicate()
        assert process.returncode == 0, errors
    assert count() == 300
    assert model.Session.execute(sa.select(sa.func.count()).select_from(Dataset)).scalar() == 300


def test_the_same_import_started_twice_at_once_is_refused_the_second_time(listing):
    order = operation.Order(listing({"title": "甲"}), operation.actor_named(None), operation.Wishes())
    with operation.prepared(order):
        errors = []

        def second():
            try:
                with operation.prepared(order):
                    pass
            except Unreadable as error:
                errors.append(error)

        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
    assert len(errors) == 1 and "already" in errors[0].wrong.en


def test_without_solr_the_run_fails_clearly_and_goes_on_later(listing, carried_out, monkeypatch):
    from ckan.lib.search.common import SearchIndexError

    def away(_documents):
        raise SearchIndexError("Solr cannot be reached")

    path = listing({"title": "甲"}, {"title": "乙"})
    with monkeypatch.context() as patched:
        patched.setattr(importing.posting, "post", away)
        with pytest.raises(Unreadable, match="Solr"):
            carried_out(path, batch=1)
    (run,) = runs.latest(1)
    assert run.state == "failed" and run.error["en"]
    assert count() >= 1
    assert carried_out(path, batch=1).account.records["created"] == 2
    assert tk.get_action("package_search")({"ignore_auth": True}, {"rows": 0, "include_private": True})["count"] == 2


def test_a_file_that_breaks_off_keeps_what_came_before_it(listing, carried_out, tmp_path):
    whole = listing({"title": "甲"}, {"title": "乙"}, {"title": "third"}).read_text("utf-8")
    path = tmp_path / "broken.json"
    path.write_text(whole[: whole.index("third")], "utf-8")
    with pytest.raises(Unreadable):
        carried_out(path, batch=1, mapping="shanghai")
    assert count() == 2


def test_the_rejects_file_opens_in_excel_and_holds_no_formula(listing, tmp_path):
    out = tmp_path / "退回.csv"
    process = command(listing({"title": "=1+1", "first": "=cmd()"}, {"title": "甲"}), "--rejects", str(out))
    said, _errors = process.communicate()
    assert process.returncode == 3 and "rejected: 1 rows" in said
    content = out.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(content.decode("utf-8-sig").splitlines()))
    assert rows[1][1:4] == ["1", "首次发布日期", "'=cmd()"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.json", '[{"甲": 1}]', "neither the template nor a known listing"),
        ("a.txt", "x", "not supported"),
        ("a.json", "[", "damaged"),
    ],
)
def test_a_file_that_is_not_understood_gives_one_clear_message_and_no_trace(tmp_path, name, content, words):
    path = tmp_path / name
    path.write_text(content, "utf-8")
    process = command(path)
    _said, errors = process.communicate()
    assert process.returncode == 1 and words in errors and "Traceback" not in errors
    assert count() == 0


def test_a_csv_file_is_imported_to_its_end_on_the_command_line(listing, tmp_path):
    path, mapping, out = tmp_path / "目录.csv", tmp_path / "mapping.yaml", tmp_path / "退回.csv"
    path.write_text("标题,开放\r\n停车场,完全开放\r\n公园,也许\r\n", "gb18030")
    mapping.write_text(
        "{name: x, portal: p, fields: {title: 标题, opening_type: {label: 开放, vocabulary: opening_types}}}", "utf-8"
    )
    listing()  # the organisations
    process = command(path, "--mapping", str(mapping), "--organization", "transport", "--rejects", str(out))
    said, errors = process.communicate()
    assert process.returncode == 3, errors
    assert "created: 1 rows" in said and "rejected: 1 rows" in said
    assert "3,开放,也许" in out.read_text("utf-8-sig")


@pytest.mark.parametrize(
    "words",
    [
        ["import", "nowhere.xlsx"],
        ["import", "nowhere.xlsx", "--dry-run"],
        ["export", "no/x.xlsx"],
        ["template", "no/x.xlsx"],
    ],
)
def test_a_path_that_is_not_there_is_said_in_one_line(tmp_path, words):
    ckan = str(Path(sys.executable).with_name("ckan"))
    line = [ckan, "-c", os.environ["CKAN_INI"], "cqgov", "catalogue", words[0], str(tmp_path / words[1]), *words[2:]]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "cannot open" in done.stderr and "Traceback" not in done.stderr


def test_nothing_is_imported_when_the_rejects_could_not_be_written(listing, tmp_path):
    process = command(listing({"title": "甲"}), "--rejects", str(tmp_path / "no" / "退回.csv"))
    _said, errors = process.communicate()
    assert process.returncode == 2 and "cannot be written" in errors and "Traceback" not in errors
    assert count() == 0


def test_the_ledger_stays_whole_after_an_import(listing, carried_out):
    carried_out(listing(*({"title": f"数据{number}"} for number in range(5))), publish=True)
    ledger.seal(model.Session)
    model.Session.commit()
    assert ledger.verify(model.Session).broken is None
