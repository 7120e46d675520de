"""Looking something up in one small statement, over connections that are kept for it.

The session asks PostgreSQL three things around a lone question: whether the connection still lives, to begin and to end a
transaction. Searching looks up its hits with every page and waits for each of them, so these connections have no transactions,
and a dead one is noticed by the question itself, which is then asked once more.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import ckan.model as model
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

KEPT = 4
"""Connections that a process keeps, one for each of its threads; more threads open and close their own."""


def rows(statement: sa.Select, values: Mapping[str, Any]) -> Sequence[sa.Row]:
    """Return the rows of one statement that changes nothing; ``values`` are its parameters by name.

    In the session where it has a transaction: what that changed counts, and its connection is at hand. Else what is committed.
    Raises what the database raises.
    """
    session = model.Session()
    if session.in_transaction():
        return session.execute(statement, values).all()
    try:
        return _asked(statement, values)
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        return _asked(statement, values)  # the others of its age have been thrown away, too: this one is new


def _asked(statement: sa.Select, values: Mapping[str, Any]) -> Sequence[sa.Row]:
    with _engine().connect() as connection:
        return connection.execute(statement, values).all()


_kept: tuple[tuple[Any, ...], sa.Engine] | None = None


def _engine() -> sa.Engine:
    """Return this process's engine for lookups in the database of CKAN's (a forked process opens its own)."""
    global _kept
    key, kept = (os.getpid(), model.meta.engine), _kept
    if kept is None or kept[0] != key:
        if kept is not None:
            kept[1].dispose(close=kept[0][0] == key[0])  # what a parent opened is the parent's to close
        url = model.meta.engine.url
        engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", pool_size=KEPT, pool_reset_on_return=None)
        kept = _kept = key, engine
    return kept[1]
