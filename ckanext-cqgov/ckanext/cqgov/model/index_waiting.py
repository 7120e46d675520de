"""Datasets that the index has yet to hear of; a row each, until they are indexed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column


class IndexWaiting(tk.BaseModel):
    """A dataset that was changed while Solr was away, and when that was last."""

    __tablename__ = "cqgov_index_waiting"

    package_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    since: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"))


_table = IndexWaiting.__table__


def add(package_id: str) -> None:
    """Note that the dataset waits, in a transaction of its own: whatever becomes of the caller's, indexing it does no harm."""
    now = sa.func.clock_timestamp()
    statement = insert(_table).values(package_id=package_id, since=now)
    with model.meta.engine.begin() as connection:
        connection.execute(statement.on_conflict_do_update(index_elements=[_table.c.package_id], set_={"since": now}))


def oldest(limit: int, age: timedelta) -> dict[str, datetime]:
    """Return at most ``limit`` datasets that have waited for ``age`` or longer, with the time of their row; one query."""
    query = sa.select(_table.c.package_id, _table.c.since).order_by(_table.c.since).limit(limit)
    query = query.where(_table.c.since <= sa.func.clock_timestamp() - age)
    return {row.package_id: row.since for row in model.Session.execute(query)}


def remove(done: Mapping[str, datetime]) -> None:
    """Forget datasets in the caller's transaction, unless they were noted anew since; commits nothing."""
    for package_id, since in done.items():
        row = sa.delete(_table).where(_table.c.package_id == package_id, _table.c.since == since)
        model.Session.execute(row)
