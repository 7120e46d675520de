"""In a cluster of its own the ledger belongs to a role of its own: the portal's role adds to it and reads it, no more."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import psycopg2
import pytest
import sqlalchemy as sa

from ckanext.cqgov.ledger import verification
from ckanext.cqgov.model import ledger, ledger_owner

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "config"))

from stack import postgres  # noqa: E402
from stack.places import Places  # noqa: E402

KEYS = {"postgres": "one", "cqgov": "two", "cqgov_reader": "three"}
TABLES = ("cqgov_ledger", "cqgov_ledger_seal", "cqgov_ledger_checkpoint")


@pytest.fixture(scope="module")
def cluster():
    """A cluster as ``make run`` sets it up, migrated and guarded; stopped and deleted afterwards."""
    root = Path(tempfile.mkdtemp(prefix="cqgov-"))
    root.chmod(0o755)
    places = Places(root)
    places.log.mkdir(parents=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = postgres.create(places, KEYS)
    control = [postgres.binaries() / "pg_ctl", "-D", folder, "-w", "-s"]
    options = " ".join(postgres.command(places, port)[3:])
    try:
        subprocess.run(postgres.as_owner([*control, "-l", folder / "log", "-o", options, "start"]), check=True, cwd="/")
        postgres.create_databases(port, KEYS)
        url = f"postgresql://cqgov:two@127.0.0.1:{port}/cqgov"
        made = SimpleNamespace(port=port, url=url, engine=sa.create_engine(url))
        upgrade(made)
        assert postgres.guard_ledger(port, KEYS)
        yield made
        made.engine.dispose()
    finally:
        subprocess.run(postgres.as_owner([*control, "-m", "immediate", "stop"]), cwd="/")
        shutil.rmtree(root)


def upgrade(cluster):
    command = [str(Path(sys.executable).with_name("ckan")), "-c", os.environ["CKAN_INI"], "db", "upgrade"]
    env = {**os.environ, "CKAN_SQLALCHEMY_URL": cluster.url}
    done = subprocess.run(command, capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.fixture
def entry(cluster):
    """An entry that is sealed, written and sealed by the portal's own role."""
    with cluster.engine.begin() as connection:
        number = ledger.record(connection, "someone", "tested", "test", "x", {})
        ledger.record_many(connection, [ledger.Act("someone", "tested", "test", "y", {})])
        assert ledger.seal(connection) == 2
    return number


def test_the_portal_s_role_writes_seals_reads_and_verifies(cluster, entry):
    with cluster.engine.connect() as connection:
        assert ledger.show(connection, entry)["position"]
        found = verification.verify(connection)
        assert found.is_whole and found.unsealed == 0
        assert ledger_owner.standing(connection) == ledger_owner.Standing(False, False, ())
        assert not any("owns" in str(text) for text in found.remarks)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {table} SET {column} = {column}",
        "DELETE FROM {table}",
        "TRUNCATE {table} CASCADE",
        "ALTER TABLE {table} DISABLE TRIGGER USER",
        "ALTER TABLE {table} DISABLE TRIGGER ALL",
        "DROP TRIGGER {table}_append_only ON {table}",
        "CREATE TRIGGER mine BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION cqgov_ledger_refuse()",
        "CREATE RULE mine AS ON INSERT TO {table} DO INSTEAD NOTHING",
        "DROP TABLE {table} CASCADE",
        "ALTER TABLE {table} RENAME TO gone",
        "ALTER TABLE {table} OWNER TO cqgov",
        "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE {table} ADD COLUMN mine text",
        "GRANT UPDATE ON {table} TO cqgov",
    ],
)
def test_the_portal_s_role_can_change_nothing_and_switch_nothing_off(cluster, entry, table, statement):
    column = {"cqgov_ledger": "actor"}.get(table, "hash")
    before = contents(cluster)
    with cluster.engine.connect() as connection:
        try:
            connection.execute(sa.text(statement.format(table=table, column=column)))
            connection.commit()
            refused = ""
        except sa.exc.DBAPIError as error:
            refused = str(error.orig)
    if statement.startswith("GRANT"):  # PostgreSQL only warns that nothing was granted
        with pytest.raises(sa.exc.ProgrammingError), cluster.engine.begin() as connection:
            connection.execute(sa.text(f"UPDATE {table} SET {column} = {column}"))
    else:
        assert "permission denied" in refused or "must be owner" in refused, refused
    assert contents(cluster) == before


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE OR REPLACE FUNCTION cqgov_ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "DROP FUNCTION cqgov_ledger_refuse() CASCADE",
        "DROP SCHEMA public CASCADE",
        "ALTER SCHEMA public RENAME TO gone",
        "ALTER SCHEMA public OWNER TO cqgov",
        "SET ROLE cqgov_ledger",
        "GRANT cqgov_ledger TO cqgov",
        "SET session_replication_role = replica",
        "SELECT setval('cqgov_ledger_id_seq', 1)",
        "INSERT INTO cqgov_ledger (id, actor, verb, subject_type, subject_id, detail) VALUES (1, 'x', 'x', 'x', 'x', '{}')",
        "INSERT INTO cqgov_ledger (at, actor, verb, subject_type, subject_id, detail) "
        "VALUES ('2020-01-01', 'x', 'x', 'x', 'x', '{}')",
        "INSERT INTO cqgov_ledger (version, actor, verb, subject_type, subject_id, detail) "
        "VALUES (1, 'x', 'x', 'x', 'x', '{}')",
    ],
)
def test_no_way_round_is_open_to_the_portal_s_role(cluster, entry, statement):
    before = contents(cluster)
    with cluster.engine.connect() as connection, pytest.raises(sa.exc.DBAPIError) as refused:
        connection.execute(sa.text(statement))
    assert any(word in str(refused.value.orig) for word in ("permission denied", "must be", "must have"))
    assert contents(cluster) == before


def contents(cluster):
    """Return everything in the ledger, its owners and triggers, as the administrator sees them."""
    connection = postgres.connect(cluster.port, KEYS, "cqgov")
    found = []
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"select md5(coalesce(string_agg(t::text, ',' order by 1), '')) from {table} t")
            found += cursor.fetchall()
        cursor.execute(
            "select tgname, tgenabled, proname, prosrc, pg_get_userbyid(proowner), pg_get_userbyid(relowner) "
            "from pg_trigger t join pg_class c on c.oid = tgrelid join pg_proc p on p.oid = tgfoid "
            "where relname = any(%s) and not tgisinternal order by 1",
            [list(TABLES)],
        )
        found += cursor.fetchall()
    connection.close()
    return found


def test_the_portal_s_role_still_makes_tables_of_its_own(cluster):
    with cluster.engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE mine (id int); DROP TABLE mine"))


def test_guarding_twice_does_nothing_and_a_migration_is_let_in_and_guarded_again(cluster, entry):
    before = contents(cluster)
    assert not postgres.guard_ledger(cluster.port, KEYS)
    postgres.open_ledger(cluster.port, KEYS)
    with cluster.engine.begin() as connection:
        assert ledger_owner.standing(connection).owned
        connection.execute(sa.text("ALTER TABLE cqgov_ledger ADD COLUMN later text"))
        connection.execute(sa.text("ALTER TABLE cqgov_ledger DROP COLUMN later"))
    assert postgres.guard_ledger(cluster.port, KEYS)
    assert contents(cluster) == before
    with cluster.engine.connect() as connection:
        assert not ledger_owner.standing(connection).owned


def test_a_database_without_the_ledger_is_left_alone(cluster):
    assert postgres.ledger_owners(cluster.port, KEYS, "postgres") == set()
    assert not postgres.guard_ledger(cluster.port, KEYS, "postgres")
    postgres.open_ledger(cluster.port, KEYS, "postgres")


def test_a_superuser_is_told_that_no_database_protects_from_it(cluster, entry):
    engine = sa.create_engine(f"postgresql://postgres:one@127.0.0.1:{cluster.port}/cqgov")
    with engine.connect() as connection:
        assert "superuser" in str(verification.verify(connection).remarks)
    engine.dispose()


def test_the_portal_s_role_needs_its_password(cluster):
    with pytest.raises(psycopg2.OperationalError):
        psycopg2.connect(cluster.url.replace("two", "wrong"))
