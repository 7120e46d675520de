"""The world is what the suite takes it for: whoever may see something does see it, or nothing would be proved."""

from __future__ import annotations

import json

import pytest

from .calling import SITE, Call
from .canary import token
from .expectation import DATA, ENTRY, TIERS, VIEWERS, level

pytestmark = pytest.mark.usefixtures("portal")

GONE = ("deleted", "purged")


def shown(caller, viewer, dataset):
    call = Call("package_show", "POST", "/api/3/action/package_show", frozenset(), json={"id": dataset})
    return caller.send(call, viewer)


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("viewer", VIEWERS)
def test_an_entry_is_there_for_those_who_may_see_it_and_for_nobody_else(world, caller, viewer, tier):
    piece = world.pieces[tier]
    answer = shown(caller, world.viewers[viewer], piece.dataset)
    sees = tier != "purged" and level(viewer, tier) >= ENTRY
    assert answer.status == (200 if sees else 404)
    assert (token(piece.code, "ti") in answer.body) is sees


@pytest.mark.parametrize("tier", [tier for tier in TIERS if tier not in GONE])
@pytest.mark.parametrize("viewer", VIEWERS)
def test_a_file_comes_to_those_who_may_have_the_data_and_to_nobody_else(portal, world, viewer, tier):
    piece, who = world.pieces[tier], world.viewers[viewer]
    path = f"/dataset/{piece.dataset}/resource/{piece.resource}/download"
    answer = portal.test_client().get(path, base_url=SITE, headers=who.headers, follow_redirects=True)
    assert (token(piece.code, "ce") in answer.get_data(as_text=True)) is (level(viewer, tier) >= DATA)


@pytest.mark.parametrize("tier", ["conditional", "closed", "draft", "open-to-conditional", "open-to-closed"])
def test_what_is_not_open_gets_no_datastore_table_and_is_told_why(world, caller, tier):
    piece = world.pieces[tier]
    args = {"resource_id": piece.resource, "fields": [{"id": "a", "type": "text"}], "force": True}
    for viewer in ("handler", "sysadmin"):
        call = Call("datastore_create", "POST", "/api/3/action/datastore_create", frozenset(), json=args)
        answer = caller.send(call, world.viewers[viewer])
        assert answer.status in (403, 409), answer.body
        assert json.loads(answer.body)["error"].get("message") or json.loads(answer.body)["error"].get("resource_id")


def test_an_open_table_is_there_for_everybody(world, caller):
    piece = world.pieces["open"]
    call = Call("datastore_search", "POST", "/api/3/action/datastore_search", frozenset(), json={"id": piece.resource})
    answer = caller.send(call, world.viewers["anonymous"])
    assert answer.status == 200 and token(piece.code, "ce") in answer.body


ROW, COLUMN = "cell", "cell of another column"
QUERIED = {"columns": {COLUMN, "cell of another column and row"}, "rows": {"column", ROW, COLUMN}}
LOADED = {"columns": QUERIED["columns"] | {"file name"}, "rows": set()}
"""Viewer -> what of the conditional dataset's data comes to them by a query, and by a download."""


def data_in(world, text):
    """Return what a text says of the conditional dataset's data."""
    return {
        one.what for one in world.register.found(text) if one.tier == TIERS["conditional"][0] and one.gives == "data"
    }


@pytest.mark.parametrize("viewer", QUERIED)
def test_a_part_of_a_table_comes_to_its_holder_and_nothing_else(portal, world, caller, viewer):
    piece, who = world.pieces["conditional"], world.viewers[viewer]
    args = {"resource_id": piece.resource}
    asked = Call("cqgov_data_search", "POST", "/api/3/action/cqgov_data_search", frozenset(), json=args)
    answer = caller.send(asked, who)
    assert answer.status == 200 and data_in(world, answer.body) == QUERIED[viewer], answer.body
    path = f"/dataset/{piece.dataset}/resource/{piece.resource}/download"
    answer = portal.test_client().get(path, base_url=SITE, headers=who.headers, follow_redirects=True)
    assert answer.status_code == (200 if LOADED[viewer] else 403)
    assert data_in(world, f"{answer.get_data(as_text=True)} {answer.headers}") == LOADED[viewer]


@pytest.mark.parametrize("viewer", VIEWERS)
def test_the_report_of_an_import_is_for_those_of_its_department(world, caller, viewer):
    args = {"id": world.names["import_run"]}
    call = Call(
        "cqgov_catalogue_import_show", "POST", "/api/3/action/cqgov_catalogue_import_show", frozenset(), json=args
    )
    answer = caller.send(call, world.viewers[viewer])
    assert (token(TIERS["closed"][0], "im") in answer.body) is (viewer in ("handler", "head", "sysadmin"))


@pytest.mark.parametrize("tier", [tier for tier in TIERS if tier != "purged"])
def test_an_attached_file_is_there_to_be_found(world, caller, tier):
    piece = world.pieces[tier]
    call = Call("file_show", "POST", "/api/3/action/file_show", frozenset(), json={"id": piece.file})
    answer = caller.send(call, world.viewers["sysadmin"])
    assert answer.status == 200 and token(piece.code, "an") in answer.body
