"""The advisory locks of the suite, so that no two share a number; each is held until the transaction ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import ckan.model as model
import sqlalchemy as sa

CALENDAR = 3_200_001
"""One import of a calendar at a time compares and writes."""

TREE = 3_200_002
"""One change of the tree of organisations at a time judges and writes: two that are right each by itself may together
make a circle, or use a code or name twice."""

SEALER = 3_200_003
"""One sealer at a time links the ledger."""

IMPORTERS = 3_200_004
"""Importers write one batch at a time, so that two never race for the same keys."""

IMPORT = 3_200_005
"""With a fingerprint: the same upload sent twice becomes one run."""

SEARCH_TERMS = 3_200_006
"""One change of the words of the search at a time judges and writes: a word stands in one group of its kind."""

GRANTED_TABLE = 3_200_008
"""With a resource: shared by who reads its granted table, alone for who replaces or drops it."""

WATCH = 3_200_010
"""One process at a time puts triggers on tables that lack them."""

VAULT_MOVE = 3_200_012
"""With a dataset: its files are moved into the vault or out of it by one at a time; held by a connection of its own."""

REBUILD = 3_200_020
"""One rebuild of the search index at a time; held by a connection of its own, not by a transaction."""


def hold(session: Any, lock: int, what: str | None = None) -> None:
    """Wait for ``lock`` (for ``what`` alone, where that is given) and hold it until the session's transaction ends."""
    part = () if what is None else (sa.func.hashtext(what),)
    session.execute(sa.select(sa.func.pg_advisory_xact_lock(lock, *part)))


@contextmanager
def alone(lock: int, what: str) -> Iterator[None]:
    """Wait for ``lock`` for ``what`` and hold it on a connection of its own, across transactions; free as soon as the process ends."""
    with model.meta.engine.connect() as connection:
        key = sa.func.hashtext(what)
        connection.execute(sa.select(sa.func.pg_advisory_lock(lock, key)))
        connection.commit()
        try:
            yield
        finally:
            connection.execute(sa.select(sa.func.pg_advisory_unlock(lock, key)))
            connection.commit()
