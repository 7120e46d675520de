"""A public read asks PostgreSQL, Solr and Redis for what docs/performance.md lists, and for nothing more."""

from __future__ import annotations

import io
import re
import uuid
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
import urllib3
from ckan.common import config
from redis.connection import AbstractConnection
from werkzeug.datastructures import FileStorage

pytestmark = pytest.mark.usefixtures("non_clean_db", "with_plugins")

PAGE = Path(__file__).resolve().parents[4] / "docs" / "performance.md"
ROW = re.compile(r"^\| (?P<read>[^|]+) \| (?P<database>\d+) \| (?P<solr>\d+) \| (?P<redis>\d+) \|", re.MULTILINE)
LEDGER = sa.text("select count(*) from cqgov_ledger")

READS = {
    "`package_show`": "/api/3/action/package_show?id={name}",
    "`resource_show`": "/api/3/action/resource_show?id={resource}",
    "`package_search` without words": "/api/3/action/package_search?rows=1",
    "`package_search` with words, few hits": "/api/3/action/package_search?q={word}",
    "`cqgov_suggest`": "/api/3/action/cqgov_suggest?q={word}",
    "`organization_list` with numbers": "/api/3/action/organization_list?all_fields=true&organizations={organization}",
    "`package_activity_list`": "/api/3/action/package_activity_list?id={name}",
    "`recently_changed_packages_activity_list`": "/api/3/action/recently_changed_packages_activity_list",
    "`datastore_search` of an open table": "/api/3/action/datastore_search?resource_id={table}",
    "home page": "/",
    "list page": "/dataset/",
    "feed": "/feeds/dataset.atom",
    "page of a dataset": "/dataset/{name}",
    "page of a resource": "/dataset/{name}/resource/{resource}",
    "page of an organisation": "/organization/{organization}",
    "download of an open file": "/dataset/{name}/resource/{resource}/download/x.csv",
}


def listed() -> dict[str, tuple[int, int, int]]:
    """Return the numbers of the page's table."""
    section = PAGE.read_text("utf-8").partition("## Reading what is open")[2].partition("\n## ")[0]
    return {
        found["read"].strip(): (int(found["database"]), int(found["solr"]), int(found["redis"]))
        for found in ROW.finditer(section)
    }


@contextmanager
def counting(monkeypatch):
    """Count what is asked of the three services; what was asked stands in the lists."""
    asked: dict[str, list[str]] = {"database": [], "solr": [], "redis": []}

    def statement(_connection, _cursor, text, *_more):
        asked["database"].append(" ".join(text.split())[:160])

    sent, packed = urllib3.connectionpool.HTTPConnectionPool.urlopen, AbstractConnection.send_packed_command

    def urlopen(self, method, url, *words, **options):
        asked["solr"].append(f"{method} {url}")
        return sent(self, method, url, *words, **options)

    def send(self, command, *words, **options):
        asked["redis"].append(repr(command)[:160])
        return packed(self, command, *words, **options)

    sa.event.listen(sa.engine.Engine, "before_cursor_execute", statement)
    with monkeypatch.context() as patched:
        patched.setattr(urllib3.connectionpool.HTTPConnectionPool, "urlopen", urlopen)
        patched.setattr(AbstractConnection, "send_packed_command", send)
        try:
            yield asked
        finally:
            sa.event.remove(sa.engine.Engine, "before_cursor_execute", statement)


@pytest.fixture
def site(with_plugins, monkeypatch, make_app):
    """The application with sessions in Redis, as ``make run`` sets it up; every page is made, none kept."""
    monkeypatch.setitem(config, "SESSION_TYPE", "redis")
    return make_app()


@pytest.fixture
def open_dataset(provider, entry):
    """An open dataset with one open file, and another with a table."""
    word = f"word{uuid.uuid4().hex[:10]}"
    made = provider.head.call("package_create", **entry(private=False, title=f"停车场 {word}"))
    upload = FileStorage(io.BytesIO(b"a,b\n1,2\n"), "停车场.csv", content_type="text/csv")
    provider.head.call("resource_create", package_id=made["id"], name="表格", format="CSV", upload=upload)
    resource = resource_of(provider, made)
    other = provider.head.call("package_create", **entry(private=False))
    linked = provider.head.call("resource_create", package_id=other["id"], name="表", url="https://example.com/a.csv")
    fields, records = [{"id": "a", "type": "text"}], [{"a": "1"}]
    system = {"ignore_auth": True, "user": provider.operator.name}
    tk.get_action("datastore_create")(
        system, {"resource_id": linked["id"], "fields": fields, "records": records, "force": True}
    )
    names = {"name": made["name"], "organization": provider.name, "resource": resource, "table": linked["id"]}
    return {**names, "word": word}


def resource_of(provider, made):
    return provider.head.call("package_show", id=made["id"])["resources"][0]["id"]


def test_the_page_lists_every_kind_of_read():
    assert set(listed()) == set(READS)


@pytest.mark.parametrize("read", READS)
def test_a_public_read_adds_no_query_to_those_listed(site, open_dataset, monkeypatch, read):
    path = READS[read].format(**open_dataset)
    for _ in range(2):
        assert site.get(path).status_code == 200  # what a process remembers is there
    model.Session.remove()
    with counting(monkeypatch) as asked:
        assert site.get(path).status_code == 200
    database, solr, redis = listed()[read]
    assert (len(asked["database"]), len(asked["solr"])) == (database, solr), told(asked)
    assert len(asked["redis"]) <= redis, told(asked)


def told(asked) -> str:
    return "\n".join(
        f"{service}: {one} ({times})" for service in asked for one, times in Counter(asked[service]).items()
    )


@pytest.mark.parametrize("read", READS)
def test_a_read_of_open_data_costs_no_ledger_entry(site, open_dataset, read):
    before = model.Session.execute(LEDGER).scalar()
    assert site.get(READS[read].format(**open_dataset)).status_code == 200
    model.Session.rollback()
    assert model.Session.execute(LEDGER).scalar() == before
