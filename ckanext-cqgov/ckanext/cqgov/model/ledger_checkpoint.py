"""Checkpoints of the ledger in the database, append-only like the ledger itself (Art. 27-29, 33)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from ckanext.cqgov.domain.ledger_checkpoint import Checkpoint
from ckanext.cqgov.model.ledger import BATCH, metadata

checkpoints = sa.Table(
    "cqgov_ledger_checkpoint",
    metadata,
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("signature", sa.Text, nullable=False),
)
COLUMNS = [checkpoints.c[name] for name in ("position", "hash", "at", "key", "signature")]


def add(session: Any, one: Checkpoint) -> None:
    """Write a checkpoint; commits nothing."""
    session.execute(sa.insert(checkpoints).values(**vars(one)))


def last(session: Any) -> Checkpoint | None:
    """Return the newest checkpoint."""
    found = session.execute(sa.select(*COLUMNS).order_by(checkpoints.c.position.desc()).limit(1)).one_or_none()
    return Checkpoint(*found) if found else None


def behind(session: Any, position: int) -> Iterator[Checkpoint]:
    """Yield the checkpoints behind ``position``, in their order and in constant memory."""
    query = sa.select(*COLUMNS).where(checkpoints.c.position > position).order_by(checkpoints.c.position)
    for row in session.execute(query, execution_options={"yield_per": BATCH}):
        yield Checkpoint(*row)
