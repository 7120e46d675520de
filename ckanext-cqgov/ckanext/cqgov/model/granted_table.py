"""Granted tables: the rows of tabular files that are not open, in a PostgreSQL schema that the DataStore does not know.

``cqgov_granted_table`` says which table holds which resource and how its columns are called; the tables themselves are
``cqgov_granted.t_…`` with columns ``c1``, ``c2`` …, so that no name from a file is ever part of a statement. They can be made
again from the vault at any time (ADR 0007).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple
from uuid import uuid4

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, mapped_column

from ckanext.cqgov.domain.table_file import ENDING, FORMATS
from ckanext.cqgov.domain.text import Text
from ckanext.cqgov.domain.vault import FILE
from ckanext.cqgov.model import lock, vault, visibility

SCHEMA = "cqgov_granted"
TYPES = {"numeric": sa.Numeric, "date": sa.Date, "timestamp": sa.DateTime, "text": sa.Text}
BATCH = 5_000
MOST_COLUMNS = 1_500
"""PostgreSQL ends at 1,600."""


class GrantedTable(tk.BaseModel):
    """What is loaded of a resource. ``source`` is the key of the vault's file that was read; ``fault`` why there is no table of it."""

    __tablename__ = "cqgov_granted_table"

    resource_id: Mapped[str] = mapped_column(
        sa.Text, sa.ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True
    )
    package_id: Mapped[str] = mapped_column(sa.Text, sa.ForeignKey("package.id", ondelete="CASCADE"), index=True)
    source: Mapped[str] = mapped_column(sa.Text)
    table_name: Mapped[str | None] = mapped_column(sa.Text, unique=True)
    columns: Mapped[list[dict[str, str]]] = mapped_column(JSONB)
    row_count: Mapped[int] = mapped_column(sa.BigInteger)
    fault: Mapped[dict[str, str] | None] = mapped_column(JSONB(none_as_null=True))
    loaded_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True), server_default=sa.func.now())


registry = GrantedTable.__table__
_package, _resource, _vault = model.package_table, model.resource_table, vault.table


class Loaded(NamedTuple):
    """A table as it is loaded: where it is, and the kind of each column by name, in order."""

    resource_id: str
    table_name: str
    kinds: dict[str, str]
    labels: dict[str, str]
    rows: int

    def table(self) -> sa.TableClause:
        """Return the table, its ordinal ``_id`` and its columns ``c1`` … under their places."""
        places = (sa.column(f"c{place}", TYPES[kind]()) for place, kind in enumerate(self.kinds.values(), start=1))
        return sa.table(self.table_name, sa.column("_id", sa.BigInteger), *places, schema=SCHEMA)


class State(NamedTuple):
    """How the table of a resource stands: ``loaded``, or why there is none; ``waiting`` says that a newer file is to be read."""

    loaded: Loaded | None
    fault: Text | None
    waiting: bool


def state(session: Any, resource_id: str) -> State:
    """Return how the table of the resource stands; one query."""
    key = sa.select(_vault.c.address).where(_vault.c.resource_id == resource_id).scalar_subquery()
    row = session.execute(sa.select(registry, key.label("key")).where(registry.c.resource_id == resource_id)).first()
    if row is None:
        return State(None, None, bool(due(resource_id=resource_id)))
    if row.key != row.source:
        return State(None, None, True)
    if row.table_name is None:
        return State(None, Text(row.fault["zh"], row.fault["en"]) if row.fault else None, False)
    kinds = {each["name"]: each["kind"] for each in row.columns}
    labels = {each["name"]: each["label"] for each in row.columns if each.get("label")}
    return State(Loaded(row.resource_id, row.table_name, kinds, labels, row.row_count), None, False)


def columns_of(package_id: str) -> dict[str, dict[str, str] | None]:
    """Return the active resources of a dataset by id, each with its table's columns and kinds; None where none is loaded."""
    resources = sa.select(_resource.c.id, registry.c.columns, registry.c.table_name).where(
        _resource.c.package_id == package_id, _resource.c.state == "active"
    )
    joined = resources.select_from(_resource.outerjoin(registry, registry.c.resource_id == _resource.c.id))
    return {
        row.id: {each["name"]: each["kind"] for each in row.columns} if row.table_name else None
        for row in model.Session.execute(joined)
    }


def hold_shared(session: Any, resource_id: str) -> None:
    """Keep the resource's table from being replaced until the session's transaction ends; readers don't wait for each other."""
    session.execute(sa.select(sa.func.pg_advisory_xact_lock_shared(lock.GRANTED_TABLE, sa.func.hashtext(resource_id))))


class Due(NamedTuple):
    """A file of the vault that is to be loaded: its key there, its name and size in bytes."""

    resource_id: str
    package_id: str
    key: str
    name: str
    size: int


def due(package_id: str | None = None, resource_id: str | None = None, *, again: bool = False) -> list[Due]:
    """Return the tabular files of grantable datasets that are not loaded as they are; with ``again`` the loaded ones too."""
    tabular = sa.or_(
        sa.func.lower(_vault.c.format).in_(FORMATS), sa.func.lower(_vault.c.original_name).regexp_match(ENDING)
    )
    joined = (
        _vault.join(_package, _package.c.id == _vault.c.package_id)
        .join(_resource, _resource.c.id == _vault.c.resource_id)
        .outerjoin(registry, registry.c.resource_id == _vault.c.resource_id)
    )
    name = sa.func.coalesce(_vault.c.original_name, _vault.c.facts["url"].astext, "")
    columns = (_vault.c.resource_id, _vault.c.package_id, _vault.c.address, name, sa.func.coalesce(_vault.c.size, 0))
    query = (
        sa.select(*columns)
        .select_from(joined)
        .where(_stored(), tabular, _resource.c.state == "active", visibility.grantable())
        .order_by(_vault.c.resource_id)
    )
    if not again:
        query = query.where(registry.c.source.is_distinct_from(_vault.c.address))
    if package_id is not None:
        query = query.where(_vault.c.package_id == package_id)
    if resource_id is not None:
        query = query.where(_vault.c.resource_id == resource_id)
    return [Due(*row) for row in model.Session.execute(query)]


def superfluous(package_id: str | None = None) -> list[str]:
    """Return the resources whose table may not be there any more: reclassified, withdrawn, deleted, or without their file."""
    kept = (
        sa.exists()
        .where(
            _vault.c.resource_id == registry.c.resource_id,
            _resource.c.id == registry.c.resource_id,
            _resource.c.state == "active",
            _package.c.id == _resource.c.package_id,
            _stored(),
            visibility.grantable(),
        )
        .correlate(registry)
    )
    query = sa.select(registry.c.resource_id).where(~kept).order_by(registry.c.resource_id)
    if package_id is not None:
        query = query.where(registry.c.package_id == package_id)
    return list(model.Session.execute(query).scalars())


def _stored() -> sa.ColumnElement[bool]:
    return sa.and_(_vault.c.kind == FILE, _vault.c.public.is_(False), _vault.c.address != "")


def _still_due(each: Due) -> bool:
    """Lock the dataset, so that nobody reclassifies it meanwhile, and say whether the file is still the one to be loaded."""
    vault.lock(each.package_id)
    return any(found.key == each.key for found in due(resource_id=each.resource_id, again=True))


def load(each: Due, columns: Sequence[dict[str, str]], rows: Iterable[Sequence[Any]]) -> bool:
    """Put the rows into a new table that takes the place of the resource's old one. Commits nothing.

    ``columns`` have ``name``, ``kind`` and, where the name had to be altered, ``label``. Readers wait only for the exchange.
    Returns False where the file was replaced or reclassified meanwhile: the caller rolls back.
    """
    session: Any = model.Session
    name = f"t_{uuid4().hex}"
    places = [sa.Column(f"c{place}", TYPES[column["kind"]]()) for place, column in enumerate(columns, start=1)]
    ordinal = sa.Column("_id", sa.BigInteger, primary_key=True, autoincrement=False)
    table = sa.Table(name, sa.MetaData(), ordinal, *places, schema=SCHEMA)
    table.create(session.connection())
    keys, source, count = [place.name for place in places], iter(rows), 0
    while batch := list(islice(source, BATCH)):
        values = [
            {"_id": count + number, **dict(zip(keys, row, strict=True))} for number, row in enumerate(batch, start=1)
        ]
        session.connection().execute(sa.insert(table), values)
        count += len(batch)
    return _put(each, name, list(columns), count, None)


def refuse(each: Due, fault: Text) -> bool:
    """Note why there is no table of the file, so that it is not tried again until the file changes; returns as ``load`` does."""
    return _put(each, None, [], 0, {"zh": fault.zh, "en": fault.en})


def _put(each: Due, name: str | None, columns: list[dict[str, str]], count: int, fault: dict[str, str] | None) -> bool:
    if not _still_due(each):
        return False
    drop([each.resource_id])
    values = {
        "resource_id": each.resource_id,
        "package_id": each.package_id,
        "source": each.key,
        "table_name": name,
        "columns": columns,
        "row_count": count,
        "fault": fault,
    }
    model.Session.execute(insert(registry).values(**values))
    return True


def of_package(package_id: str) -> list[str]:
    """Return the resources of the dataset for which something is loaded; one query."""
    query = sa.select(registry.c.resource_id).where(registry.c.package_id == package_id)
    return list(model.Session.execute(query).scalars())


def faults(package_id: str | None = None) -> list[tuple[str, Text]]:
    """Return the resources whose file is no table that can be loaded, each with the reason; one query."""
    query = sa.select(registry.c.resource_id, registry.c.fault).where(registry.c.table_name.is_(None))
    if package_id is not None:
        query = query.where(registry.c.package_id == package_id)
    return [(row.resource_id, Text(row.fault["zh"], row.fault["en"])) for row in model.Session.execute(query)]


def drop(resource_ids: Iterable[str]) -> int:
    """Drop the tables of these resources and forget them; returns how many there were. Commits nothing."""
    session, count = model.Session, 0
    for resource_id in sorted(set(resource_ids)):
        lock.hold(session, lock.GRANTED_TABLE, resource_id)
        gone = sa.delete(registry).where(registry.c.resource_id == resource_id).returning(registry.c.table_name)
        for name in session.execute(gone).scalars():
            count += 1
            if name:
                _drop(name)
    return count


def sweep() -> int:
    """Drop the tables of the schema that no row names any more (their resource was purged); returns how many. Commits nothing."""
    query = sa.text(
        "select tablename from pg_tables where schemaname = :schema and tablename not in "
        "(select table_name from cqgov_granted_table where table_name is not null)"
    )
    names = list(model.Session.execute(query, {"schema": SCHEMA}).scalars())
    for name in names:
        _drop(name)
    return len(names)


def _drop(name: str) -> None:
    sa.Table(name, sa.MetaData(), schema=SCHEMA).drop(model.Session.connection(), checkfirst=True)
