"""Whoever holds the database changes the ledger: each change is found, and so is the place (Art. 27-29, 33).

Each test has tables of its own, in a schema of its own, so that it may commit what a real forger would commit.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from uuid import uuid4

import ckan.model as model
import pytest
import sqlalchemy as sa

from ckanext.cqgov import keyring
from ckanext.cqgov.domain import ledger as domain
from ckanext.cqgov.domain.ledger_checkpoint import Checkpoint
from ckanext.cqgov.ledger import checkpoints, export, verification
from ckanext.cqgov.model import ledger, ledger_checkpoint

pytestmark = pytest.mark.usefixtures("with_plugins", "clean_db")

TABLES = ("cqgov_ledger", "cqgov_ledger_seal", "cqgov_ledger_checkpoint")


@pytest.fixture
def place(tmp_path):
    """Tables, keys and checkpoint file of this test's own."""
    schema, url = f"trial_{uuid4().hex[:12]}", model.meta.engine.url
    engine = sa.create_engine(url, connect_args={"options": f"-csearch_path={schema},public"})
    with engine.begin() as connection:
        connection.execute(sa.text(f"CREATE SCHEMA {schema}"))
        for table in TABLES:
            connection.execute(sa.text(f"CREATE TABLE {schema}.{table} (LIKE public.{table} INCLUDING ALL)"))
            connection.execute(
                sa.text(
                    f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.{table} "
                    "FOR EACH STATEMENT EXECUTE FUNCTION public.cqgov_ledger_refuse()"
                )
            )
    key = tmp_path / "keys" / "signing.pem"
    keyring.make_signing_key(key)
    yield SimpleNamespace(
        engine=engine, schema=schema, key=key, public=keyring.public_file(key), file=tmp_path / "checkpoints.jsonl"
    )
    with engine.begin() as connection:
        connection.execute(sa.text(f"DROP SCHEMA {schema} CASCADE"))
    engine.dispose()


def written(place, count, actor="someone"):
    with place.engine.begin() as connection:
        acts = (ledger.Act(actor, "tested", "test", f"s{n}", {"n": n, "字": "中文"}) for n in range(count))
        ledger.record_many(connection, acts)


def sealed(place, checkpoint=True):
    """Seal as the upkeep does: the seals, then the checkpoint, then the file."""
    with place.engine.begin() as connection:
        ledger.seal(connection)
    if checkpoint:
        with place.engine.begin() as connection:
            checkpoints.make(connection, place.key)
        with place.engine.begin() as connection:
            checkpoints.publish(connection, place.file)


def forged(place, *statements, **values):
    """Do what the owner of the tables can: switch the triggers off, write, and switch them on again."""
    with place.engine.begin() as connection:
        for table in TABLES:
            connection.execute(sa.text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        for statement in statements:
            connection.execute(sa.text(statement), values)
        for table in TABLES:
            connection.execute(sa.text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))


def sealed_anew(place):
    """Throw all seals away and compute the chain afresh, as a forger would who knows this program."""
    forged(place, "DELETE FROM cqgov_ledger_seal")
    with place.engine.begin() as connection:
        ledger.seal(connection)


def report(place, **more):
    with place.engine.connect() as connection:
        return verification.verify(connection, more.get("public", place.public), more.get("file", place.file))


def entry_at(place, position):
    with place.engine.connect() as connection:
        query = sa.select(ledger.seals.c.entry_id).where(ledger.seals.c.position == position)
        return connection.execute(query).scalar_one()


@pytest.fixture
def ten(place):
    """Ten sealed entries, signed after the fourth and the tenth."""
    written(place, 4)
    sealed(place)
    written(place, 6)
    sealed(place)
    found = report(place)
    assert found.is_whole and (found.sealed, found.unsealed, found.checkpoint.position) == (10, 0, 10)
    return place


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("actor", "'zhang'"),
        ("verb", "'other'"),
        ("subject_type", "'dataset'"),
        ("subject_id", "'s99'"),
        ("detail", """'{"n": 99}'"""),
        ("at", "at + interval '1 microsecond'"),
        ("version", "1"),
        ("duties", """'[{"duty": "head", "organization_id": "x"}]'"""),
        ("outcome", "'refused'"),
        ("request_id", "'x'"),
        ("address", "'x'"),
        ("organization_id", "'x'"),
    ],
)
def test_an_edited_column_of_an_entry_is_found_and_located(ten, column, value):
    entry = entry_at(ten, 7)
    forged(ten, f"UPDATE cqgov_ledger SET {column} = {value} WHERE id = :id", id=entry)
    broken = report(ten).broken
    assert (broken.position, broken.entry_id) == (7, entry)
    assert broken.code == ("version" if column == "version" else "hash")


def test_a_deleted_entry_is_found_and_located(ten):
    entry = entry_at(ten, 3)
    forged(ten, "DELETE FROM cqgov_ledger WHERE id = :id", id=entry)
    broken = report(ten).broken
    assert (broken.position, broken.entry_id, broken.code) == (3, entry, "missing")


def test_an_entry_deleted_with_its_seal_is_found_and_located(ten):
    entry = entry_at(ten, 3)
    forged(
        ten,
        "DELETE FROM cqgov_ledger_seal WHERE entry_id = :id",
        "DELETE FROM cqgov_ledger WHERE id = :id",
        id=entry,
    )
    broken = report(ten).broken
    assert (broken.position, broken.code) == (3, "gap")


def test_two_swapped_entries_are_found_and_located(ten):
    forged(
        ten,
        "UPDATE cqgov_ledger_seal SET entry_id = -entry_id WHERE position IN (5, 6)",
        "UPDATE cqgov_ledger_seal s SET entry_id = (SELECT -o.entry_id FROM cqgov_ledger_seal o "
        "WHERE o.position = 11 - s.position) WHERE position = 5",
        "UPDATE cqgov_ledger_seal SET entry_id = :sixth WHERE position = 6",
        sixth=entry_at(ten, 5),
    )
    broken = report(ten).broken
    assert (broken.position, broken.code) == (5, "hash")


def test_an_inserted_entry_with_an_invented_seal_is_found_and_located(ten):
    forged(
        ten,
        "INSERT INTO cqgov_ledger (id, actor, verb, subject_type, subject_id, detail) "
        "VALUES (-5, 'forger', 'x', 'x', 'x', '{}')",
        "UPDATE cqgov_ledger_seal SET position = position + 100 WHERE position > 6",
        "UPDATE cqgov_ledger_seal SET position = position - 99 WHERE position > 100",
        "INSERT INTO cqgov_ledger_seal (position, entry_id, prev_hash, hash) "
        "SELECT 7, -5, hash, repeat('a', 64) FROM cqgov_ledger_seal WHERE position = 6",
    )
    found = report(ten)
    assert (found.broken.position, found.broken.entry_id, found.broken.code) == (7, -5, "hash")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE cqgov_ledger SET actor = 'zhang' WHERE subject_id = 's2'",
        "DELETE FROM cqgov_ledger WHERE id = (SELECT max(id) FROM cqgov_ledger WHERE subject_id = 's1')",
        "INSERT INTO cqgov_ledger (id, actor, verb, subject_type, subject_id, detail) "
        "VALUES (-5, 'forger', 'x', 'x', 'x', '{}')",
        "UPDATE cqgov_ledger SET outcome = 'refused', actor = 'r' || id WHERE subject_id = 's3'",
        "UPDATE cqgov_ledger SET duties = '[{\"duty\": \"head\"}]' WHERE subject_id = 's5'",
    ],
    ids=["edited", "deleted", "inserted", "outcome", "duties"],
)
def test_a_chain_computed_anew_over_a_change_is_found_between_two_checkpoints(ten, change):
    forged(ten, "DELETE FROM cqgov_ledger_seal", change)
    sealed_anew(ten)
    found = report(ten)
    assert found.broken is None, "the chain itself was made to fit"
    places = {(fault.source, fault.code, fault.after, fault.position) for fault in found.faults}
    if "s1" in change:  # one entry less: the chain is too short for its last checkpoint
        wanted = ("cut", 4, 10)
    else:
        wanted = ("mismatch", 4, 10) if "s5" in change else ("mismatch", 0, 4)
    assert places == {("table", *wanted), ("file", *wanted)}


def test_an_end_cut_off_is_found_and_located_although_its_checkpoint_went_with_it(ten):
    entry = entry_at(ten, 8)
    forged(
        ten,
        "DELETE FROM cqgov_ledger_checkpoint WHERE position > 7",
        "DELETE FROM cqgov_ledger_seal WHERE position > 7",
        "DELETE FROM cqgov_ledger WHERE id >= :id",
        id=entry,
    )
    found = report(ten)
    assert found.broken is None and found.sealed == 7
    assert [(one.source, one.code, one.after, one.position) for one in found.faults] == [("file", "cut", 4, 10)]
    assert "ends at 7" in str(found.faults[0].text)
    sealed(ten)  # going on from there hides nothing
    written(ten, 9)
    sealed(ten)
    later = report(ten).faults
    assert ("file", "mismatch", 4, 10) in [(one.source, one.code, one.after, one.position) for one in later]


def test_an_emptied_ledger_is_found(ten):
    forged(ten, f"TRUNCATE {', '.join(TABLES)}")
    found = report(ten)
    assert [(one.source, one.code, one.after, one.position) for one in found.faults] == [("file", "cut", 0, 10)]


def test_an_end_cut_off_behind_the_last_checkpoint_shows_nothing_which_the_documentation_says(ten):
    written(ten, 2)
    sealed(ten, checkpoint=False)
    forged(
        ten,
        "DELETE FROM cqgov_ledger_seal WHERE position > 10",
        "DELETE FROM cqgov_ledger WHERE id > :id",
        id=entry_at(ten, 10),
    )
    assert report(ten).is_whole


def test_a_checkpoint_forged_with_another_key_is_found(ten, tmp_path):
    other = tmp_path / "other.pem"
    keyring.make_signing_key(other)
    written(ten, 1)
    sealed(ten, checkpoint=False)
    with ten.engine.begin() as connection:
        checkpoints.make(connection, other)
        checkpoints.publish(connection, ten.file)
    found = report(ten).faults
    assert {(one.source, one.code, one.after, one.position) for one in found} == {
        ("table", "unknown-key", 10, 11),
        ("file", "unknown-key", 10, 11),
    }


@pytest.mark.parametrize(
    "change", ["hash = repeat('0', 64)", "at = at + interval '1 day'", "signature = 'AAAA'", "position = 9"]
)
def test_a_changed_checkpoint_is_found_and_located(ten, change):
    forged(ten, f"UPDATE cqgov_ledger_checkpoint SET {change} WHERE position = 10")
    found = report(ten).faults
    assert [(one.source, one.code, one.after) for one in found] == [("table", "forged", 4)]


def test_a_checkpoint_taken_out_of_the_database_is_found(ten):
    forged(ten, "DELETE FROM cqgov_ledger_checkpoint WHERE position = 4")
    found = report(ten).faults
    assert [(one.source, one.code, one.position) for one in found] == [("table", "removed", 4)]


def test_a_checkpoint_taken_out_of_the_file_is_found(ten):
    written(ten, 2)
    sealed(ten)
    lines = ten.file.read_text().splitlines(keepends=True)
    ten.file.write_text(lines[0] + lines[2])
    found = report(ten).faults
    assert [(one.source, one.code, one.position) for one in found] == [("file", "removed", 10)]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (lambda lines: lines[1] + lines[0], "order"),
        (lambda lines: lines[0] + "{}\n" + lines[1], "unreadable"),
        (lambda lines: lines[0] + lines[1].replace('"position":10', '"position":9'), "forged"),
    ],
    ids=["out of order", "no checkpoint", "edited"],
)
def test_a_file_of_checkpoints_that_somebody_edited_is_found(ten, content, code):
    ten.file.write_text(content(ten.file.read_text().splitlines(keepends=True)))
    assert [(one.source, one.code) for one in report(ten).faults] == [("file", code)]


def test_a_file_that_is_gone_is_not_taken_for_whole(ten):
    ten.file.unlink()
    found = report(ten)
    assert found.is_whole and "is not there" in str(found.gaps[0])


def test_triggers_that_are_off_are_told(ten):
    with ten.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE cqgov_ledger DISABLE TRIGGER USER"))
    assert "cqgov_ledger" in str(report(ten).gaps[0])


def test_entries_of_the_first_version_stay_verifiable_and_nothing_more_can_be_put_into_them(place):
    with place.engine.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO cqgov_ledger (actor, verb, subject_type, subject_id, detail, version) "
                "SELECT 'old', 'tested', 'test', 'old' || n, '{}', 1 FROM generate_series(1, 3) n"
            )
        )
    written(place, 2)
    sealed(place)
    assert report(place).is_whole
    with place.engine.connect() as connection:
        row = connection.execute(sa.select(ledger.entries).order_by(ledger.entries.c.id).limit(1)).one()
    assert b"version" not in domain.canonical(domain.Entry(**row._mapping))
    for number, change in enumerate(("outcome = 'failed'", "duties = '[1]'", "organization_id = 'x'", "address = 'x'")):
        column = change.split(" ")[0]
        default = {"outcome": "'done'", "duties": "'[]'"}.get(column, "NULL")
        forged(place, f"UPDATE cqgov_ledger SET {change} WHERE subject_id = 'old2'")
        assert (report(place).broken.position, report(place).broken.code) == (2, "hash"), number
        forged(place, f"UPDATE cqgov_ledger SET {column} = {default} WHERE subject_id = 'old2'")
    assert report(place).is_whole


def test_an_entry_of_the_first_version_behind_one_of_the_second_is_found(ten):
    forged(
        ten,
        "INSERT INTO cqgov_ledger (actor, verb, subject_type, subject_id, detail, version) "
        "VALUES ('forger', 'x', 'x', 'x', '{}', 1)",
    )
    sealed(ten, checkpoint=False)
    assert (report(ten).broken.position, report(ten).broken.code) == (11, "version")


def test_verify_states_the_unsealed_window(ten):
    before = datetime.now(UTC)
    written(ten, 3)
    found = report(ten)
    assert (found.sealed, found.unsealed) == (10, 3)
    assert timedelta() <= found.since - before < timedelta(minutes=1)


def test_writers_never_wait_for_each_other_nor_for_the_sealer(place):
    written(place, 1)
    with place.engine.connect() as one, place.engine.connect() as two, place.engine.connect() as sealer:
        for connection in (one, two):
            connection.execute(sa.text("SET LOCAL lock_timeout = '1s'"))
        ledger.record(one, "one", "tested", "test", "x", {})
        ledger.seal(sealer)  # not committed: it holds its lock
        ledger.record(two, "two", "tested", "test", "x", {})
        ledger.record(one, "one", "tested", "test", "y", {})
        two.commit()
        one.commit()
        sealer.commit()
    sealed(place)
    found = report(place)
    assert found.is_whole and (found.sealed, found.unsealed) == (4, 0)


def test_two_sealers_at_once_make_one_chain(place):
    written(place, 500)
    begun = threading.Barrier(4)

    def work(number):
        begun.wait()
        for _ in range(5):
            written(place, 20, actor=f"writer{number}")
            with place.engine.begin() as connection:
                ledger.seal(connection)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = report(place)
    assert found.is_whole and (found.sealed, found.unsealed) == (900, 0)


def test_looking_at_the_newest_only_seals_what_a_whole_sealing_does_and_leaves_the_very_late_to_it(place, monkeypatch):
    monkeypatch.setattr(ledger, "WINDOW", 50)
    with place.engine.connect() as late, place.engine.begin() as connection:
        ledger.record(late, "late", "tested", "test", "late", {})
        ledger.record_many(connection, (ledger.Act("a", "tested", "test", f"{n}", {}) for n in range(100)))
        connection.commit()
        with place.engine.begin() as sealer:
            assert ledger.seal(sealer, whole=False) == 100
        late.commit()
    with place.engine.begin() as sealer:
        assert ledger.seal(sealer, whole=False) == 0
        assert ledger.waiting(sealer)[0] == 1
        assert ledger.seal(sealer) == 1
    assert report(place).is_whole


CRASHING = """
import os, signal, sys
from pathlib import Path
import sqlalchemy as sa
from ckanext.cqgov.ledger import checkpoints
from ckanext.cqgov.model import ledger
url, schema, key, file, where = sys.argv[1:]
engine = sa.create_engine(url, connect_args={"options": f"-csearch_path={schema},public"})
def die(at):
    if at == where:
        os.kill(os.getpid(), signal.SIGKILL)
with engine.begin() as connection:
    ledger.seal(connection)
    die("before the seals are committed")
die("between seals and checkpoint")
with engine.begin() as connection:
    checkpoints.make(connection, Path(key))
    die("before the checkpoint is committed")
die("between checkpoint and file")
"""


@pytest.mark.parametrize(
    "where",
    [
        "before the seals are committed",
        "between seals and checkpoint",
        "before the checkpoint is committed",
        "between checkpoint and file",
    ],
)
def test_a_sealer_that_is_killed_loses_nothing(ten, where):
    written(ten, 3)
    url = ten.engine.url.render_as_string(hide_password=False)
    words = [sys.executable, "-c", CRASHING, url, ten.schema, str(ten.key), str(ten.file), where]
    done = subprocess.run(words, capture_output=True, text=True, env=dict(os.environ))
    assert done.returncode == -signal.SIGKILL, done.stderr
    between = report(ten)
    assert between.is_whole, between.faults
    sealed(ten)
    after = report(ten)
    assert after.is_whole and (after.sealed, after.unsealed, after.checkpoint.position) == (13, 0, 13)
    assert [one.position for one in checkpoints.lines(ten.file)] == [4, 10, 13]


def test_half_a_line_from_a_crash_is_written_anew(ten):
    whole = ten.file.read_text()
    ten.file.write_text(whole[:-40])
    assert report(ten).is_whole
    written(ten, 1)
    sealed(ten)
    assert [one.position for one in checkpoints.lines(ten.file)] == [4, 10, 11]
    assert report(ten).is_whole


def test_a_checkpoint_is_made_when_the_head_has_moved_and_the_last_is_old_enough(ten):
    with ten.engine.begin() as connection:
        assert checkpoints.make(connection, ten.key) is None
    written(ten, 1)
    sealed(ten, checkpoint=False)
    with ten.engine.begin() as connection:
        assert checkpoints.make(connection, ten.key, timedelta(minutes=1)) is None
        made = checkpoints.make(connection, ten.key, timedelta())
    assert made.position == 11 and isinstance(made, Checkpoint)
    with ten.engine.connect() as connection:
        assert ledger_checkpoint.last(connection) == made


def test_what_an_earlier_key_signed_stays_verifiable_after_a_new_key(ten):
    first = keyring.signer(ten.key)
    assert keyring.make_signing_key(ten.key) is None
    assert keyring.make_signing_key(ten.key, another=True) != first
    written(ten, 1)
    sealed(ten)
    found = report(ten)
    assert found.is_whole and found.checkpoint.key == keyring.signer(ten.key) != first


def test_an_export_is_verified_without_the_database_and_a_changed_one_is_located(ten, tmp_path):
    written(ten, 1)
    path = tmp_path / "export.jsonl"
    with ten.engine.connect() as connection:
        path.write_text("".join(export.lines(connection, ledger.Wanted(), "jsonl")))
    found = verification.verify_export(path, ten.public, ten.file)
    assert found.is_whole and (found.sealed, found.unsealed, found.checkpoint.position) == (10, 1, 10)
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    rows[5]["outcome"] = "refused"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    broken = verification.verify_export(path, ten.public, ten.file).broken
    assert (broken.position, broken.code) == (6, "hash")
    path.write_text("".join(json.dumps(row) + "\n" for row in rows[:4]))
    fault = verification.verify_export(path, ten.public, ten.file).faults[0]
    assert (fault.code, fault.after, fault.position) == ("cut", 4, 10)
