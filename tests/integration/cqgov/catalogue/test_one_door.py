"""The same records through ``package_create`` and through the importer: every table and every Solr document agree."""

import json

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan.lib.search.common import make_connection

from ckanext.cqgov.catalogue.door import TRUSTED
from ckanext.cqgov.exchange import exporting, workbook
from ckanext.cqgov.exchange.operation import actor_named
from ckanext.cqgov.exchange.source import entries_of
from ckanext.cqgov.model import ledger
from tests.entry import complete
from tests.integration.cqgov.catalogue.conftest import CREDIT_CODE

# What differs by nature: made at random, or the moment of writing. Everything else must be equal.
OWN_TABLES = {"cqgov_import_run", "cqgov_import_seen", "cqgov_import_reject", "cqgov_public_change"}
MOMENTS = {"metadata_created", "metadata_modified", "timestamp", "written_at", "published_at", "at", "indexed_ts"}
RANDOM = {"id", "index_id", "_version_"}

COMPLETE = complete(
    provider_code=None,  # comes from the provider
    catalog_code="307001/12",
    class_path=["部门", "交通", "停车"],
    notes="停车场的位置、泊位和收费",
    items=[
        {"name": "名称", "type": "C", "length": 50, "primary_key": True, "personal": "none", "base_item": False},
        {"name": "泊位数", "type": "I", "length": 8, "primary_key": False, "personal": "none", "base_item": False},
    ],
    published_on="2024-01-31",
    tags=[{"name": "停车"}, {"name": "交通"}],
    contact_phone="023-63112345",
    region=["500112"],
)
UNFINISHED = {"title": "尚未完成", "notes": "只有名称", "provider_code": CREDIT_CODE}


def tables():
    """Return every row of every table, without what is random or a moment, with dataset ids replaced by titles."""
    session = model.Session
    session.commit()
    names = {row.id: row.title for row in session.execute(sa.select(model.package_table))}
    slugs = {row.name: row.title for row in session.execute(sa.select(model.package_table))}
    tags = {row.id: row.name for row in session.execute(sa.select(model.tag_table))}

    def plain(value, key=""):
        if isinstance(value, dict):
            return {name: plain(each, name) for name, each in value.items() if name not in MOMENTS | RANDOM}
        if isinstance(value, list):
            return [plain(each, key) for each in value]
        if isinstance(value, str) and value.startswith("{") and value.endswith("}") and '"' in value:
            return plain(json.loads(value), key)
        return names.get(value) or slugs.get(value) or tags.get(value) or value if isinstance(value, str) else value

    found = {}
    inspector = sa.inspect(session.connection())
    for name in inspector.get_table_names():
        if name in OWN_TABLES or name.endswith("alembic_version"):
            continue
        rows = session.execute(sa.text(f'SELECT * FROM "{name}"')).mappings()
        found[name] = sorted(
            (json.dumps(plain(dict(row)), default=str, ensure_ascii=False, sort_keys=True) for row in rows), key=str
        )
    return found


def documents():
    """Return every Solr document by title, with the stored JSON parsed."""
    found = {}
    for document in make_connection(decode_dates=False).search("*:*", rows=1000, fl="*").docs:
        title = document["title"]
        own = {document["id"]: title, document["name"]: title}
        for key in ("data_dict", "validated_data_dict"):
            document[key] = json.loads(document[key])
        text = json.dumps(_without(document), ensure_ascii=False, sort_keys=True)
        for key, name in own.items():
            text = text.replace(f'"{key}"', f'"{name}"')
        found[title] = json.loads(text)
    return found


def _without(value):
    if isinstance(value, dict):
        return {key: _without(each) for key, each in value.items() if key not in MOMENTS | RANDOM}
    if isinstance(value, list):
        # CKAN indexes extras in the order of its memory, and after a reload in the database's order: it means nothing
        keyed = all(isinstance(each, dict) and "key" in each for each in value)
        return [_without(each) for each in (sorted(value, key=lambda each: each["key"]) if keyed else value)]
    return value


def difference(before, after):
    """Return what was added to each table and what disappeared, where anything did."""
    added = {name: sorted(set(after[name]) - set(before.get(name, ()))) for name in after}
    gone = {name: sorted(set(before[name]) - set(after[name])) for name in before}
    return {name: (added[name], gone[name]) for name in after if added[name] or gone[name]}


def disagreements(one, other, where=""):
    """Return where two structures differ, as short lines: pytest's own diff of a whole index is unreadable."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = sorted(one.keys() | other.keys())
        return [line for key in keys for line in disagreements(one.get(key), other.get(key), f"{where}.{key}")]
    if isinstance(one, list | tuple) and isinstance(other, list | tuple) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [line for place, (a, b) in pairs for line in disagreements(a, b, f"{where}[{place}]")]
    if isinstance(one, str) and isinstance(other, str) and one.startswith("{") and other.startswith("{"):
        return disagreements(json.loads(one), json.loads(other), where) if one != other else []
    return [] if one == other else [f"{where}: {one!r} != {other!r}"]


def created(path, portal, private):
    """Send every record of the file through ``package_create``; return what it wrote."""
    before = tables()
    with entries_of(path) as source:
        entries = list(source.entries)
    from ckanext.cqgov.exchange.judging import Judge
    from ckanext.cqgov.exchange.merging import Wishes

    judge = Judge(actor_named(portal.sysadmin["name"]), Wishes())
    for entry in entries:
        values = dict(entry.values)
        key = judge.identity(entry)
        if key.kind == "source":
            values["source_key"] = key.key
        owner = portal.transport["id"]
        tk.get_action("package_create")(
            {"user": portal.sysadmin["name"], TRUSTED: True}, {**values, "owner_org": owner, "private": private}
        )
    return difference(before, tables()), documents()


def imported(path, portal, carried_out, publish):
    before = tables()
    run = carried_out(path, user=portal.sysadmin["name"], publish=publish)
    assert run.account.records["created"] == run.account.rows_read or run.account.rows_read > 2
    wrote = difference(before, tables())
    # the one line that only the importer writes: that there was an import
    lines, gone = wrote["cqgov_ledger"] if "cqgov_ledger" in wrote else ([], [])
    kept = [line for line in lines if '"catalogue.import"' not in line]
    assert len(lines) - len(kept) == 1
    if kept or gone:
        wrote["cqgov_ledger"] = (kept, gone)
    else:
        wrote.pop("cqgov_ledger")
    return wrote, documents()


def emptied(portal):
    for (id_,) in model.Session.execute(sa.select(model.package_table.c.id)).all():
        tk.get_action("dataset_purge")({"user": portal.sysadmin["name"]}, {"id": id_})
    for table in ("activity", "package_tag", "tag"):
        model.Session.execute(sa.text(f"DELETE FROM {table}"))
    model.Session.commit()


@pytest.fixture
def template(tmp_path, portal):
    path = tmp_path / "模板.xlsx"
    records = [{**COMPLETE, "provider": "交通局"}, {**UNFINISHED, "provider": "交通局"}]
    workbook.write_catalogue(path, records)
    return path


@pytest.mark.parametrize("publish", [True, False])
def test_listings_are_written_alike_one_by_one_and_in_sets(portal, listing, carried_out, publish):
    path = listing({"opening": "有条件开放"}, {"tags": "", "notes": ""}, {"title": "停车场 ", "notes": "两\n行"})
    one_by_one = created(path, portal, private=not publish)
    emptied(portal)
    in_sets = imported(path, portal, carried_out, publish)
    assert disagreements(in_sets, one_by_one) == []
    assert {"package", "member", "package_tag", "tag", "cqgov_dataset", "activity"} <= in_sets[0].keys()
    assert ("cqgov_ledger" in in_sets[0]) == publish
    assert len(in_sets[1]) == 3


def test_template_records_are_written_alike_one_by_one_and_in_sets(portal, template, carried_out):
    one_by_one = created(template, portal, private=True)
    emptied(portal)
    in_sets = imported(template, portal, carried_out, False)
    assert disagreements(in_sets, one_by_one) == []


def test_an_update_is_written_alike_one_by_one_and_in_sets(portal, listing, carried_out):
    first = listing({"title": "甲", "tags": "公交,停车"}, {"title": "乙"}, name="一.json")
    second = listing({"title": "甲", "tags": "停车,地铁", "cycle": "每月"}, {"title": "乙"}, name="二.json")

    carried_out(first, user=portal.sysadmin["name"], publish=True)
    before = tables()
    package = tk.get_action("package_search")({"user": portal.sysadmin["name"]}, {"fq": 'title_string:"甲"'})[
        "results"
    ][0]
    patch = {"id": package["id"], "tags": [{"name": "停车"}, {"name": "地铁"}], "update_cycle": "monthly"}
    tk.get_action("package_patch")({"user": portal.sysadmin["name"]}, patch)
    one_by_one = difference(before, tables()), documents()

    emptied(portal)
    carried_out(first, user=portal.sysadmin["name"], publish=True)
    before = tables()
    run = carried_out(second, user=portal.sysadmin["name"])
    in_sets = difference(before, tables())
    in_sets.pop("cqgov_ledger")
    assert run.account.records["updated"] == run.account.records["unchanged"] == 1
    assert disagreements((in_sets, documents()), one_by_one) == []


def test_package_show_says_the_same_from_the_index_and_from_the_database(portal, listing, carried_out):
    carried_out(listing({}, {"opening": "有条件开放"}), user=portal.sysadmin["name"])
    for (id_,) in model.Session.execute(sa.select(model.package_table.c.id)).all():
        shown = [
            tk.get_action("package_show")({"ignore_auth": True, "use_cache": cached}, {"id": id_})
            for cached in (True, False)
        ]
        assert shown[0] == shown[1]


def test_what_is_exported_comes_back_unchanged(portal, template, listing, carried_out, tmp_path):
    carried_out(template, user=portal.sysadmin["name"])
    carried_out(listing({}, {"provider": "教育局"}), user=portal.sysadmin["name"], publish=True)
    path = tmp_path / "导出.xlsx"
    before = tables(), documents()
    assert exporting.export(path, None, actor_named(None)) == 4
    run = carried_out(path, user=portal.sysadmin["name"])
    assert run.account.records["unchanged"] == 4 and run.account.balanced()
    after = tables(), documents()
    assert set(difference(before[0], after[0])) == {"cqgov_ledger"}
    assert before[1] == after[1]


def test_the_ledger_says_who_imported_what(portal, listing, carried_out):
    run = carried_out(listing({}, {}), user=portal.sysadmin["name"], publish=True)
    (line,) = [each for each in ledger.listing(model.Session, verb="catalogue.import") if each["subject_id"] == run.id]
    assert line["actor"] == portal.sysadmin["id"] and line["detail"]["rows_read"] == 2
    assert len(ledger.listing(model.Session, verb="dataset.publish")) >= 2
