"""A catalogue with every kind of dataset, in a search core that a test may swap, kill and drop."""

from datetime import datetime
from uuid import uuid4

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan.common import config
from ckan.lib.search.common import make_connection
from ckan.tests import factories

from ckanext.cqgov.reindexing.core import Cores
from tests.entry import published

ROWS = 16

ITEM = {
    "name": "统一社会信用代码",
    "type": "C",
    "length": 18,
    "primary_key": True,
    "personal": "none",
    "base_item": False,
}


def documents():
    """Return what the live core holds, every stored and every searchable form of it, by the dataset's id."""
    solr = make_connection(decode_dates=False)
    solr.commit()
    return {each["id"]: each for each in solr.search("*:*", rows=1000, fl="*").docs}


def disagreements(one, other, where=""):
    """Return where two structures differ, as short lines."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = sorted(one.keys() | other.keys())
        return [line for key in keys for line in disagreements(one.get(key), other.get(key), f"{where}.{key}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [line for place, (a, b) in pairs for line in disagreements(a, b, f"{where}[{place}]")]
    return [] if one == other else [f"{where}: {one!r} != {other!r}"]


@pytest.fixture
def core(clean_db, with_plugins):
    """A core of its own beside the test core, so that swapping leaves the test core where it lies."""
    before = config["solr_url"]
    base = Cores.of_portal()
    base.create()
    config["solr_url"] = before.rpartition("/")[0] + "/" + base.second
    trial = Cores.of_portal()
    yield trial
    trial.drop()
    config["solr_url"] = before
    base.drop()


@pytest.fixture
def rows(core):
    """Plain datasets, written as rows; returns the ids by name."""
    owner = factories.Organization(name="transport", title="交通局")
    found = {name: str(uuid4()) for name in ("plain", "other", "purged", "removed", *map(str, range(ROWS)))}
    given = {"type": "dataset", "state": "active", "owner_org": owner["id"], "private": False, "extras": {}}
    now = datetime(2026, 1, 2)
    stamps = {"metadata_created": now, "metadata_modified": now}
    rows = [
        {"id": id_, "name": f"row-{name}", "title": f"数据 {name}", **given, **stamps} for name, id_ in found.items()
    ]
    model.Session.execute(sa.insert(model.package_table), rows)
    model.Session.commit()
    return found


@pytest.fixture
def catalogue(core):
    """Datasets of every kind; returns the ids by kind."""
    owner = factories.Organization(name="transport", title="交通局")
    group = factories.Group(name="topic", title="专题", image_url="http://example.cn/a.png", description="说明")
    user = factories.Sysadmin()["name"]
    vocabulary = factories.Vocabulary(name="genre")

    def made(name, **values):
        given = {"name": name, "title": f"数据 {name}", "owner_org": owner["id"], "private": True, **values}
        return tk.get_action("package_create")({"user": user}, given)["id"]

    found = {
        "plain": made("plain", notes="说明\n第二行", url="http://example.cn", license_id="cc-by", author="甲"),
        "unowned-title": made("no-title", title=""),
        "private": made("private"),
        "draft": made("draft", state="draft"),
        "deleted": made("deleted"),
        "entry": made(
            "entry",
            catalog_code="307001/12",
            class_path=["部门", "交通", "停车"],
            items=[ITEM],
            sharing_type="unconditional",
            region=["500112"],
            update_cycle="monthly",
            opening_theme="transportation",
            provider_unit="市交通局",
        ),
        "extras": made("extras", extras=[{"key": "own-key", "value": "a"}, {"key": "empty", "value": ""}]),
        "tags": made(
            "tags", tags=[{"name": "停车"}, {"name": "交通"}, {"name": "fiction", "vocabulary_id": vocabulary["id"]}]
        )
        if tk.get_action("tag_create")({"user": user}, {"name": "fiction", "vocabulary_id": vocabulary["id"]})
        else "",
        "groups": made("groups", groups=[{"id": group["id"]}]),
        "resources": made(
            "resources",
            resources=[
                {"url": " example.cn/a.csv ", "format": "csv", "name": "甲", "own": "a", "size": 12},
                {"url": "http://example.cn/b", "format": "whatever", "description": "b", "hash": "abc"},
                {"url": "", "name": "only a name", "last_modified": "2020-01-02T03:04:05"},
            ],
        ),
    }
    found["datastore"] = made("datastore", **published(title="数据 datastore", catalog_code="307001/13"))
    tk.get_action("datastore_create")(
        {"user": user},
        {"resource": {"package_id": found["datastore"]}, "fields": [{"id": "a"}], "records": [{"a": "1"}]},
    )
    uploaded = tk.get_action("resource_create")(
        {"user": user}, {"package_id": found["resources"], "url": "泊位.csv", "name": "up"}
    )
    model.Session.get(model.Resource, uploaded["id"]).url_type = "upload"
    removed = tk.get_action("resource_create")(
        {"user": user}, {"package_id": found["resources"], "url": "http://example.cn/x", "name": "removed"}
    )
    tk.get_action("resource_delete")({"user": user}, {"id": removed["id"]})
    tk.get_action("package_delete")({"user": user}, {"id": found["deleted"]})
    found["odd"] = _odd(owner["id"])
    public = sa.update(model.package_table).where(model.package_table.c.name != "private").values(private=False)
    model.Session.execute(public)  # past the gate: what matters here is how it is indexed
    model.Session.commit()
    model.Session.expunge_all()  # CKAN's sessions keep what they read
    return found


def _odd(owner):
    """Write past every validator: what another program left in the database."""
    odd = model.Package(name="odd", title=" 前后空格 ", type=None, owner_org=owner, private=False)
    odd.extras = {"items": "not JSON", "update_cycle": "no such code", "a_date": "2020-01-02", "b_date": "someday"}
    model.Session.add(odd)
    model.Session.commit()
    return odd.id
