"""A file that reclassifies entries asks for what has to follow in its own transaction, as one write of each would."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
import pytest

from ckanext.cqgov.domain.reclassification import PLACES, Course, State
from ckanext.cqgov.exchange import workbook
from ckanext.cqgov.model import reclassification as rows
from ckanext.cqgov.reclassification import attending
from tests.entry import complete

CODES = ("307001/81", "307001/82")
CLOSED = {
    "opening_type": "closed",
    "opening_basis_kind": "law",
    "opening_basis": "《中华人民共和国档案法》第二十八条",
}


@pytest.fixture
def two(portal):
    """Return the ids of two open entries with a link each."""
    ids = []
    for number, each in enumerate(CODES):
        entry = complete(provider_code=None, catalog_code=each, owner_org=portal.transport["id"], private=False)
        resource = {"name": "链接", "url": f"https://files.example/import{number}/t.csv"}
        context = {"user": portal.sysadmin["name"]}
        ids.append(tk.get_action("package_create")(context, {**entry, "resources": [resource]})["id"])
    return ids


@pytest.fixture
def again(tmp_path, carried_out, portal):
    """Return how the two are imported once more, the second with other values."""

    def carry(**changes):
        path = tmp_path / "模板.xlsx"
        first = complete(provider_code=None, catalog_code=CODES[0], tags=[], notes="另一摘要")
        second = complete(provider_code=None, catalog_code=CODES[1], tags=[], **changes)
        workbook.write_catalogue(path, [{**each, "provider": "交通局"} for each in (first, second)])
        assert carried_out(path, user=portal.sysadmin["name"], publish=True).account.records["updated"] == 2

    return carry


def test_only_what_is_no_longer_open_is_withdrawn_and_proven(two, again):
    again(**CLOSED)
    first, second = map(rows.latest, two)
    assert first is None
    assert second.course is Course.WITHDRAW and second.state is State.DONE
    assert second.proof == dict.fromkeys(PLACES, 0)


def test_an_import_that_dies_before_it_attends_leaves_the_row_to_the_upkeep(two, again, monkeypatch):
    with monkeypatch.context() as dying:
        dying.setattr(attending, "carry_out", lambda ids: 0)
        again(**CLOSED)
    assert rows.latest(two[1]).state is State.WAITING
    assert "import1" not in str(tk.get_action("package_show")({"ignore_auth": True}, {"id": two[1]}))
    assert attending.carry_on() >= 1 and rows.latest(two[1]).state is State.DONE
