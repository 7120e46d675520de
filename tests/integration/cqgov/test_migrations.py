"""The migrations of cqgov: the whole chain goes down to nothing and up again to the same schema."""

from __future__ import annotations

import ckan.model as model
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from ckan.cli.cli import ckan

from ckanext.cqgov.model import granted_table, ledger, public_change

pytestmark = pytest.mark.usefixtures("with_plugins")

SCHEMA = """
SELECT 'column', table_name, column_name || ' ' || data_type || ' ' || is_nullable || ' ' || coalesce(column_default, '')
  FROM information_schema.columns WHERE table_schema = 'public' AND table_name LIKE 'cqgov%'
UNION ALL SELECT 'constraint', conrelid::regclass::text, conname || ' ' || pg_get_constraintdef(oid)
  FROM pg_constraint WHERE conrelid::regclass::text LIKE 'cqgov%'
UNION ALL SELECT 'index', tablename, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename LIKE 'cqgov%'
UNION ALL SELECT 'trigger', tgrelid::regclass::text, pg_get_triggerdef(oid)
  FROM pg_trigger WHERE tgrelid::regclass::text LIKE 'cqgov%' AND NOT tgisinternal AND tgname <> 'cqgov_public'
UNION ALL SELECT 'function', proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proname LIKE 'cqgov%'
"""


def schema() -> set[tuple[str, ...]]:
    """Return what the database holds of cqgov besides the table that keeps the version."""
    with model.meta.engine.connect() as connection:
        rows = {tuple(row) for row in connection.execute(sa.text(SCHEMA))}
    return {row for row in rows if "alembic" not in row[1]}


def empty_ledger() -> None:
    """Take out of the test database what no portal ever takes out, so that the migrations go down."""
    tables = ("cqgov_ledger_checkpoint", "cqgov_ledger_seal", "cqgov_ledger")
    with model.meta.engine.begin() as connection:
        for table in tables:
            connection.execute(sa.text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        connection.execute(sa.text(f"TRUNCATE {', '.join(tables)}"))
        for table in tables:
            connection.execute(sa.text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))


def test_a_ledger_that_holds_entries_is_not_taken_back(cli):
    ledger.record(model.Session, "someone", "tested", "test", "migration", {})
    model.Session.commit()
    model.Session.remove()
    before = schema()
    for version in ("0012", "base"):
        down = cli.invoke(ckan, ["db", "downgrade", "-p", "cqgov", "-v", version])
        assert down.exit_code != 0 and "the ledger holds entries" in str(down.exception) + down.output
    assert schema() == before


def test_what_is_still_to_be_removed_after_a_reclassification_is_not_left_lying_in_the_open(cli):
    empty_ledger()
    asked = sa.text(
        "INSERT INTO cqgov_reclassification (dataset_id, course, asked_by) VALUES ('migration', 'purge', 'someone')"
    )
    with model.meta.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM cqgov_grant"))  # what other tests have left
        connection.execute(asked)
    before = schema()
    model.Session.remove()
    try:
        down = cli.invoke(ckan, ["db", "downgrade", "-p", "cqgov", "-v", "0013"])
        assert down.exit_code != 0 and "reclassifications are not finished" in str(down.exception) + down.output
    finally:
        cli.invoke(ckan, ["db", "upgrade", "-p", "cqgov"])
        with model.meta.engine.begin() as connection:
            connection.execute(sa.text("DELETE FROM cqgov_reclassification WHERE dataset_id = 'migration'"))
    assert schema() == before


def test_who_holds_which_data_is_not_forgotten(cli):
    empty_ledger()
    package, user = model.Package(name="migration-grant"), model.User(name="migration-grant")
    model.Session.add_all([package, user])
    model.Session.commit()
    given = {"dataset": package.id, "user": user.id}
    model.Session.remove()
    with model.meta.engine.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO cqgov_grant (id, dataset_id, holder_user, purpose, terms_version, valid_from, created_by) "
                "VALUES ('migration', :dataset, :user, 'x', '1', '2026-01-01', 'someone')"
            ),
            given,
        )
    before = schema()
    try:
        down = cli.invoke(ckan, ["db", "downgrade", "-p", "cqgov", "-v", "0013"])
        assert down.exit_code != 0 and "there are grants" in str(down.exception) + down.output
    finally:
        cli.invoke(ckan, ["db", "upgrade", "-p", "cqgov"])
        with model.meta.engine.begin() as connection:
            connection.execute(sa.text("DELETE FROM package WHERE id = :dataset"), given)
            connection.execute(sa.text('DELETE FROM "user" WHERE id = :user'), given)
    assert schema() == before


def test_the_chain_goes_down_to_nothing_and_up_to_the_same_schema(cli):
    model.Session.remove()
    empty_ledger()
    with model.meta.engine.begin() as connection:  # what other tests have left
        connection.execute(sa.text("TRUNCATE cqgov_vault, cqgov_reclassification, cqgov_granted_table, cqgov_grant"))
    granted_table.sweep()
    model.Session.commit()
    model.Session.remove()
    before = schema()
    assert {"cqgov_organization", "cqgov_duty", "cqgov_ledger", "cqgov_ledger_seal"} <= {row[1] for row in before}
    model.Session.remove()
    model.meta.engine.dispose()
    try:
        down = cli.invoke(ckan, ["db", "downgrade", "-p", "cqgov"])
        assert down.exit_code == 0, down.output
        left = schema()
    finally:
        up = cli.invoke(ckan, ["db", "upgrade", "-p", "cqgov"])
    assert up.exit_code == 0, up.output
    assert left == set()
    assert schema() == before


@pytest.mark.parametrize(
    "name",
    [
        "calendar",
        "organization",
        "duty",
        "membership",
        "ledger",
        "dataset",
        "import_run",
        "public_change",
        "search_term",
        "search_rebuild",
        "grant",
        "granted_table",
    ],
)
def test_the_models_name_the_columns_that_the_migrations_made(name):
    import importlib

    module = importlib.import_module(f"ckanext.cqgov.model.{name}")
    tables = [one.__table__ for one in vars(module).values() if hasattr(one, "__table__")] + [
        one for one in vars(module).values() if isinstance(one, sa.Table)
    ]
    inspector = sa.inspect(model.meta.engine)
    tables = [table for table in tables if table.name.startswith("cqgov_")]
    assert tables
    for table in tables:
        made = {column["name"]: column["nullable"] for column in inspector.get_columns(table.name)}
        assert {column.name: column.nullable for column in table.columns} == made


@pytest.mark.parametrize(
    "metadata",
    [model.meta.metadata, ledger.metadata, public_change.metadata],
    ids=["CKAN's", "the ledger's", "the changes'"],
)
def test_types_defaults_keys_and_indexes_of_the_models_are_those_of_the_migrations(metadata):
    ours = {name for name in metadata.tables if name.startswith("cqgov_")}
    assert ours
    options = {
        "compare_type": True,
        "compare_server_default": True,
        "include_name": lambda name, kind, _parents: kind != "table" or name in ours,
        "include_object": lambda _one, name, kind, _reflected, _other: kind != "table" or name in ours,
    }
    with model.meta.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []
