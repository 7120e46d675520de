"""The ledger in the database: it only grows, it can be verified, and few may read it (Art. 27-29, 33)."""

from __future__ import annotations

from uuid import uuid4

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan.cli.cli import ckan
from ckan.tests import factories
from ckan.tests.helpers import call_action, call_auth

from ckanext.cqgov.model import ledger

pytestmark = pytest.mark.usefixtures("with_plugins", "clean_db", "with_request_context")


@pytest.fixture
def mark():
    """A subject id of this test's own: entries of earlier tests stay, as they must."""
    return str(uuid4())


def entries(mark):
    return ledger.listing(model.Session, subject_id=mark)


@pytest.mark.parametrize("table", ["cqgov_ledger", "cqgov_ledger_seal"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {table} SET {column} = {column}",
        "DELETE FROM {table}",
        "DELETE FROM {table} WHERE false",
        "TRUNCATE {table} CASCADE",
    ],
)
def test_the_database_refuses_to_change_or_drop_what_is_written(table, statement, mark):
    ledger.record(model.Session, "someone", "tested", "test", mark, {"n": 1})
    ledger.seal(model.Session)
    model.Session.commit()
    column = "actor" if table == "cqgov_ledger" else "hash"
    with pytest.raises(sa.exc.ProgrammingError, match="only grows"):
        model.Session.execute(sa.text(statement.format(table=table, column=column)))
    model.Session.rollback()
    assert len(entries(mark)) == 1


def test_an_upsert_cannot_overwrite_an_entry(mark):
    number = ledger.record(model.Session, "someone", "tested", "test", mark, {})
    model.Session.commit()
    with pytest.raises(sa.exc.ProgrammingError, match="only grows"):
        model.Session.execute(
            sa.text(
                "INSERT INTO cqgov_ledger (id, actor, verb, subject_type, subject_id, detail) "
                "VALUES (:id, 'x', 'x', 'x', 'x', '{}') ON CONFLICT (id) DO UPDATE SET actor = 'x'"
            ),
            {"id": number},
        )
    model.Session.rollback()


def test_an_entry_lives_and_dies_with_the_act_it_records(mark):
    ledger.record(model.Session, "someone", "tested", "test", mark, {})
    model.Session.rollback()
    assert entries(mark) == []


def test_emptying_ckans_tables_leaves_the_ledger_alone(mark):
    ledger.record(model.Session, "someone", "tested", "test", mark, {})
    model.Session.commit()
    model.repo.delete_all()
    assert len(entries(mark)) == 1


def test_many_entries_are_one_statement_each_some_thousands(mark):
    statements = []
    listen = (sa.engine.Engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    sa.event.listen(*listen)
    try:
        acts = (ledger.Act("a", "tested", "test", mark, {"n": n, "字": "中\x00文"}) for n in range(12_000))
        assert ledger.record_many(model.Session, acts) == 12_000
    finally:
        sa.event.remove(*listen)
    assert len([one for one in statements if "INSERT INTO cqgov_ledger" in one]) == 3
    assert [row["detail"]["n"] for row in ledger.listing(model.Session, subject_id=mark, limit=3)] == [
        11999,
        11998,
        11997,
    ]
    model.Session.rollback()


def test_an_entry_that_commits_late_is_sealed_late_and_nobody_waits(mark):
    engine = model.meta.engine
    with engine.connect() as slow, engine.connect() as quick:
        first = ledger.record(slow, "slow", "tested", "test", mark, {})
        second = ledger.record(quick, "quick", "tested", "test", mark, {})
        quick.commit()
        assert second > first
        ledger.seal(model.Session)
        model.Session.commit()
        assert [row["position"] is not None for row in entries(mark)] == [True]
        slow.commit()
    ledger.seal(model.Session)
    model.Session.commit()
    late, early = sorted(entries(mark), key=lambda row: row["id"])
    assert late["position"] > early["position"]
    verdict = ledger.verify(model.Session)
    assert (verdict.broken, verdict.unsealed) == (None, 0)
    assert ledger.seal(model.Session) == 0


def test_the_commands_seal_verify_and_list(cli, mark):
    ledger.record(model.Session, "someone", "tested", "test", mark, {"字": "中文"})
    model.Session.commit()
    assert "sealed" in cli.invoke(ckan, ["cqgov", "ledger", "seal"]).output
    done = cli.invoke(ckan, ["cqgov", "ledger", "verify"])
    assert done.exit_code == 0 and "intact" in done.output, done.output
    assert "中文" in cli.invoke(ckan, ["cqgov", "ledger", "list", "--subject-id", mark]).output


def test_the_command_tells_the_first_broken_entry(cli, mark):
    number = ledger.record(model.Session, "someone", "tested", "test", mark, {})
    model.Session.commit()
    position = model.Session.execute(sa.select(sa.func.coalesce(sa.func.max(ledger.seals.c.position), 0))).scalar()
    ledger.seal(model.Session)
    # What a forger with the database password can still do is to add; here a seal with an invented hash, undone below.
    forged = ledger.record(model.Session, "forger", "tested", "test", mark, {})
    link = {"position": position + 2, "entry_id": forged, "prev_hash": "f" * 64, "hash": "f" * 64}
    model.Session.execute(sa.insert(ledger.seals), link)
    verdict = ledger.verify(model.Session)
    model.Session.rollback()
    assert (verdict.broken.entry_id, verdict.broken.code) == (forged, "link")
    assert number < forged


@pytest.mark.parametrize(
    "data",
    [
        {"limit": 0},
        {"limit": "1001"},
        {"limit": "x"},
        {"before": -1},
        {"since": "yesterday"},
        {"verb": ["x"]},
        {"actor": {"a": 1}},
    ],
)
def test_a_bad_filter_is_a_message_beside_its_field(data):
    with pytest.raises(tk.ValidationError) as refused:
        call_action("cqgov_ledger_list", **data)
    assert set(refused.value.error_dict) == set(data)


def test_the_list_is_paged_by_id_filtered_and_names_the_actor(mark):
    user = factories.User()
    ids = [ledger.record(model.Session, user["id"], "tested", "test", mark, {"n": n}) for n in range(3)]
    model.Session.commit()
    newest = call_action("cqgov_ledger_list", subject_id=mark, actor=user["name"], limit=2)["results"]
    assert [row["id"] for row in newest] == ids[:0:-1]
    assert newest[0]["actor_name"] == user["name"] and newest[0]["at"].endswith("+08:00")
    rest = call_action("cqgov_ledger_list", subject_id=mark, before=newest[-1]["id"])["results"]
    assert [row["id"] for row in rest] == ids[:1]
    assert call_action("cqgov_ledger_list", subject_id=mark, since="2100-01-01")["results"] == []


def test_strangers_and_ordinary_users_may_not_read_the_ledger():
    for user in ("", factories.User()["name"]):
        with pytest.raises(tk.NotAuthorized):
            call_auth("cqgov_ledger_list", {"user": user, "model": model})
    assert call_auth("cqgov_ledger_list", {"user": factories.Sysadmin()["name"], "model": model})
