"""The upkeep: what happens without anybody asking."""

from __future__ import annotations

from unittest import mock
from uuid import uuid4

import ckan.model as model
import pytest
from ckan.cli.cli import ckan

from ckanext.cqgov import upkeep
from ckanext.cqgov.model import ledger

pytestmark = pytest.mark.usefixtures("with_plugins", "clean_db")


def waiting():
    """Return an entry that waits for its seal."""
    mark = str(uuid4())
    ledger.record(model.Session, "someone", "tested", "test", mark, {})
    model.Session.commit()
    return mark


def sealed(mark):
    return ledger.listing(model.Session, subject_id=mark)[0]["hash"] is not None


def test_one_round_seals_what_waits(cli):
    mark = waiting()
    done = cli.invoke(ckan, ["cqgov", "upkeep", "--once"])
    assert done.exit_code == 0, done.output
    assert sealed(mark)


def test_a_task_that_fails_does_not_keep_the_next_from_its_work():
    mark = waiting()
    with mock.patch("ckanext.cqgov.upkeep.membership.due", side_effect=RuntimeError("the database restarts")):
        assert upkeep.once() is False
    assert sealed(mark)
    assert upkeep.once() is True
