"""Alembic environment of the cqgov tables (``ckan db upgrade -p cqgov``)."""

from __future__ import annotations

from alembic import context
from ckan.model.meta import metadata
from sqlalchemy import engine_from_config, pool

config = context.config
VERSION_TABLE = "cqgov_alembic_version"


def run_migrations() -> None:
    """Run the migrations over the connection that CKAN's configuration names."""
    engine = engine_from_config(
        config.get_section(config.config_ini_section), prefix="sqlalchemy.", poolclass=pool.NullPool
    )
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=metadata, version_table=VERSION_TABLE)
        with context.begin_transaction():
            context.run_migrations()


run_migrations()
