"""Lookups: single statements over connections kept for them."""

from __future__ import annotations

import uuid

import ckan.model as model
import pytest
import sqlalchemy as sa

from ckanext.cqgov.model import lookup

pytestmark = pytest.mark.usefixtures("non_clean_db", "with_plugins")

TITLE = sa.select(model.Package.title).where(model.Package.id == sa.bindparam("id"))
BACKEND = sa.select(sa.func.pg_backend_pid().label("pid"))


@pytest.fixture
def made():
    """A dataset that is committed; the session has no transaction, neither before nor after the test."""
    package = model.Package(name=f"looked-up-{uuid.uuid4().hex}", title="before")
    model.Session.add(package)
    model.Session.commit()
    id_ = package.id
    model.Session.rollback()
    yield id_
    model.Session.rollback()
    model.Session.query(model.Package).filter_by(id=id_).delete()
    model.Session.commit()


def test_a_lookup_sees_what_is_committed_and_opens_no_transaction(made):
    assert [row.title for row in lookup.rows(TITLE, {"id": made})] == ["before"]
    assert not model.Session().in_transaction()


def test_a_lookup_sees_what_the_session_s_open_transaction_changed(made):
    model.Package.get(made).title = "after"
    model.Session.flush()
    assert [row.title for row in lookup.rows(TITLE, {"id": made})] == ["after"]


def test_a_lookup_never_holds_what_it_read_against_a_writer(made):
    lookup.rows(TITLE, {"id": made})
    with model.meta.engine.begin() as writer:
        writer.execute(sa.text("lock table package in access exclusive mode nowait"))


def test_a_connection_that_died_is_replaced_unnoticed():
    first = lookup.rows(BACKEND, {})[0].pid
    with model.meta.engine.begin() as other:
        other.execute(sa.text("select pg_terminate_backend(:pid, 5000)"), {"pid": first})
    assert lookup.rows(BACKEND, {})[0].pid != first


def test_a_wrong_statement_is_the_asker_s_fault_and_asked_once():
    with pytest.raises(sa.exc.ProgrammingError):
        lookup.rows(sa.select(sa.literal_column("nothing_of_that_name")), {})
