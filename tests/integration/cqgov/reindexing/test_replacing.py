"""Documents on their way in several requests at a time, and what tells that a dataset was changed meanwhile."""

from __future__ import annotations

import gc
import json
import threading

import ckan.model as model
import pytest
import sqlalchemy as sa
from ckan.lib.search.common import make_connection

from ckanext.cqgov.reindexing import posting, replacing, versions
from ckanext.cqgov.reindexing.showing import _copied
from tests.integration.cqgov.reindexing.conftest import documents


def test_two_requests_are_on_their_way_at_once_and_their_batches_arrive_in_order(rows, monkeypatch):
    ids, post = sorted(rows.values()), posting.post
    meeting = threading.Barrier(2, timeout=60)
    sent = []

    def together(found, solr=None):
        sent.append(threading.get_ident())
        if len(sent) <= 2:
            meeting.wait()  # broken, and the test with it, when the second waits for the first
        return post(found, solr)

    monkeypatch.setattr(posting, "post", together)
    arrived = list(replacing.Replacing(posting.connection()).all(ids, 5))
    assert arrived == [ids[at : at + 5] for at in range(0, len(ids), 5)]
    assert documents().keys() == set(ids) and gc.isenabled()


@pytest.mark.parametrize("table", ["resource", "package_tag", "member"])
def test_a_dataset_that_gets_or_loses_a_row_is_another_version(rows, table):
    id_, other = rows["1"], rows["2"]
    values = {
        "resource": {"id": "r", "package_id": id_, "url": "http://example.cn", "state": "active", "position": 0},
        "package_tag": {"id": "t", "package_id": id_, "tag_id": "tag", "state": "active"},
        "member": {"id": "m", "table_id": id_, "table_name": "package", "capacity": "public", "state": "active"},
    }[table]
    if table == "package_tag":
        model.Session.execute(sa.insert(model.tag_table).values(id="tag", name="停车"))
    if table == "member":
        values["group_id"] = model.Session.scalar(sa.select(model.group_table.c.id).limit(1))
    stored = model.meta.metadata.tables[table]
    before = versions.of([id_, other])
    for change in (
        sa.insert(stored).values(values),
        sa.update(stored).where(stored.c.id == values["id"]).values(state="deleted"),
        sa.delete(stored).where(stored.c.id == values["id"]),
    ):
        model.Session.execute(change)
        model.Session.commit()
        now = versions.of([id_, other])
        if isinstance(change, sa.Delete):
            assert now == before  # it is as it was
        else:
            assert versions.changed([id_, other], before) == [id_]
            assert versions.changed([id_, other], now) == []


def test_chinese_is_sent_as_it_is_and_half_a_character_escaped():
    encoder = posting.connection().encoder
    assert encoder.encode([{"title": "停车场", "n": 1}]) == '[{"title":"停车场","n":1}]'
    broken = encoder.encode(["停\ud842"])
    assert broken.isascii() and json.loads(broken) == ["停\ud842"]


def test_solr_takes_half_a_character(rows):
    document = {"index_id": "half", "id": "half", "site_id": "another", "entity_type": "package", "title": "停\ud842"}
    assert posting.post([document]) == {}
    make_connection().delete(id="half", commit=True)


def test_a_copy_shares_nothing_and_keeps_what_only_another_program_knows():
    once = ["a"]
    given = {"one": once, "two": once, "none": None, "n": 1.5, "yes": True}
    copied = _copied(given)
    assert copied == given and copied["one"] is not copied["two"] and copied["one"] is not once
    kind = type("Text", (str,), {})
    odd = {"text": kind("b"), "list": once}
    assert type(_copied(odd)["text"]) is kind and _copied(odd)["list"] is not once
