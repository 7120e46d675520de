"""What the tests of reclassification share: an open entry with copies in every place, and a look for its words everywhere."""

from __future__ import annotations

import io
import json
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan.common import config
from ckan.lib.search.common import make_connection
from ckan.lib.uploader import ResourceUpload
from ckanext.datastore.backend.postgres import get_write_engine
from werkzeug.datastructures import FileStorage

from ckanext.cqgov.catalogue import public_file
from ckanext.cqgov.model import reclassification as rows
from ckanext.cqgov.reclassification import attending, working

RESTRICTED = {
    "opening_basis_kind": "law",
    "opening_basis": "《中华人民共和国档案法》第二十八条",
    "opening_condition": "须经申请",
}


def noted(url: str, resource: str) -> None:
    """Do what a loader of tables would: the tests only queue it."""


@dataclass
class Place:
    """An open entry with copies in every place; ``words`` stand in its data, addresses, columns and previews, and nowhere else."""

    id: str
    name: str
    link: str
    file: str
    replaced: str
    words: tuple[str, ...]
    storage: Path

    @property
    def resources(self) -> list[str]:
        """The ids of its resources."""
        return [self.link, self.file, self.replaced]


@pytest.fixture
def storage(tmp_path, monkeypatch):
    """Return the folder in which CKAN keeps public files; the vault's storage stays in memory."""
    monkeypatch.setitem(config, "ckan.storage_path", str(tmp_path))
    # a name that no storage has; one of a former test is known by now where that test ran a command
    monkeypatch.setitem(config, "ckan.files.default_storages.resource", f"none-{uuid.uuid4().hex}")
    assert isinstance(public_file.uploader({}), ResourceUpload)
    return tmp_path


def upload(content: str, name: str) -> FileStorage:
    """Return a file that is handed in."""
    return FileStorage(stream=io.BytesIO(content.encode()), filename=name)


@pytest.fixture
def lying_open(provider, entry, storage):
    """Return a maker of entries with copies in every place."""

    def make() -> Place:
        mark = uuid.uuid4().hex[:10]
        url, older = f"https://files.example/url{mark}/t.csv", f"https://files.example/old{mark}/t.csv"
        words = tuple(f"{kind}{mark}" for kind in ("url", "old", "col", "cell", "view", "name", "alias"))
        made = provider.head.call("package_create", **entry(private=False, resources=[{"name": "链接", "url": older}]))
        link = made["resources"][0]["id"]
        provider.head.call("resource_patch", id=link, url=url)
        content = f"col{mark},b\ncell{mark},2\n"
        file = provider.head.call(
            "resource_create",
            package_id=made["id"],
            name="文件",
            format="CSV",
            upload=upload(content, f"name{mark}.csv"),
        )["id"]
        replaced = provider.head.call(
            "resource_create",
            package_id=made["id"],
            name="旧",
            format="CSV",
            upload=upload(content, f"name{mark}2.csv"),
        )["id"]
        provider.head.call("resource_patch", id=replaced, url=url, url_type="")
        operator = {"ignore_auth": True, "user": provider.operator.name}
        tk.get_action("datastore_create")(
            dict(operator),
            {
                "resource_id": file,
                "force": True,
                "aliases": [f"alias{mark}"],
                "fields": [{"id": f"col{mark}", "type": "text", "info": {"label": f"col{mark}"}}],
                "records": [{f"col{mark}": f"cell{mark}"}],
            },
        )
        view = {"resource_id": file, "view_type": "datatables_view", "title": f"view{mark}"}
        tk.get_action("resource_view_create")(dict(operator), view)
        task = {"entity_id": file, "entity_type": "resource", "task_type": "load", "key": "load", "value": url}
        tk.get_action("task_status_update")(dict(operator), {**task, "error": f"could not fetch {url}"})
        visit = "insert into tracking_raw (user_key, url, tracking_type) values (:key, :url, 'resource')"
        count = (
            "insert into tracking_summary (url, package_id, tracking_type, count, running_total, recent_views, tracking_date)"
            " values (:url, :id, 'resource', 1, 1, 1, '2026-01-01')"
        )
        model.Session.execute(sa.text(visit), {"key": mark, "url": older})
        model.Session.execute(sa.text(count), {"url": url, "id": made["id"]})
        model.Session.commit()
        tk.enqueue_job(noted, [url, file], title=f"load {url}")
        return Place(made["id"], made["name"], link, file, replaced, words, storage)

    return make


def found(place: Place) -> dict[str, list[str]]:
    """Return where any of the words stand: tables of the database but the vault, the DataStore, the index, files, the queue."""
    where: dict[str, list[str]] = {}
    tables = sa.text(
        "select relname from pg_class where relkind in ('r', 'p', 'm', 'v') and relnamespace = 'public'::regnamespace"
    )
    for store, engine in (("database", model.meta.engine), ("datastore", get_write_engine())):
        with engine.connect() as connection:
            for name in connection.execute(tables).scalars():
                if name == "cqgov_vault" or name.startswith("pg_stat"):
                    continue
                if any(word in name for word in (*place.words, *place.resources)):
                    where.setdefault(store, []).append(name)
                for word in place.words:
                    query = sa.text(f'select exists (select from "{name}" as t where t::text like :text)')  # noqa: S608
                    if connection.execute(query, {"text": f"%{word}%"}).scalar():
                        where.setdefault(store, []).append(f"{name}: {word}")
            columns = sa.text(
                "select table_name, column_name from information_schema.columns where column_name = any(:names)"
            )
            for row in connection.execute(columns, {"names": list(place.words)}):
                where.setdefault(store, []).append(f"{row.table_name}.{row.column_name}")
    documents = make_connection().search(q="*:*", fq=[f'id:"{place.id}"'], fl="*", rows=10).docs
    where["index"] = [word for word in place.words if word in json.dumps(documents, default=str)]
    for path in place.storage.rglob("*"):
        if path.is_file() and any(word.encode() in path.read_bytes() for word in place.words):
            where.setdefault("disk", []).append(str(path.relative_to(place.storage)))
    return {store: names for store, names in where.items() if names}


@pytest.fixture
def look():
    """Return the look for an entry's words."""
    return found


@pytest.fixture
def asked(monkeypatch):
    """Have nobody attend to what is asked for: the test carries it out by itself."""
    monkeypatch.setattr(attending, "attend", lambda ids: None)
    return rows


@pytest.fixture
def close(provider):
    """Return a change of an entry to opened on conditions, by whoever may."""
    return lambda id_, **changes: provider.operator.call(
        "package_patch", id=id_, **{**RESTRICTED, "opening_type": "conditional", **changes}
    )


@pytest.fixture
def silent():
    """Return what makes a worker that holds a row count as dead: it has been silent for longer than its lease."""

    def make(dataset_id: str) -> None:
        mine = sa.and_(rows.table.c.dataset_id == dataset_id, rows.table.c.finished_at.is_(None))
        past = sa.func.clock_timestamp() - sa.text("interval '1 second'")
        model.Session.execute(sa.update(rows.table).where(mine).values(lease_until=past))
        model.Session.commit()

    return make


@pytest.fixture
def work():
    """Return what carries out a dataset's reclassification at once."""

    def carry_out(dataset_id: str) -> Any:
        return working.one(dataset_id, at_once=True)

    return carry_out
