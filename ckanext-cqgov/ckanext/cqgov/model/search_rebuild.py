"""Rebuilds of the search index: how far each came, so that another process can go on where one was ended."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

RUNNING, DONE, GIVEN_UP = "running", "done", "given-up"
SECOND_CORE, IN_PLACE = "second-core", "in-place"


class SearchRebuild(tk.BaseModel):
    """One rebuild. ``cursor`` is the id of the last dataset whose document has arrived.

    ``folder`` is where the second core lies and ``since`` the moment (by Solr's clock) from which on the live core's
    changes have to be brought into it; both are ``None`` in place. ``refused`` says by dataset id why it is not in the index.
    """

    __tablename__ = "cqgov_search_rebuild"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    state: Mapped[str] = mapped_column(sa.Text)
    way: Mapped[str] = mapped_column(sa.Text)
    why: Mapped[str | None] = mapped_column(sa.Text)
    folder: Mapped[str | None] = mapped_column(sa.Text)
    since: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    cursor: Mapped[str | None] = mapped_column(sa.Text)
    done: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    total: Mapped[int] = mapped_column(sa.Integer)
    refused: Mapped[dict[str, Any]] = mapped_column(JSONB)
    started_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True), server_default=sa.func.now())
    touched_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True), server_default=sa.func.now())
    finished_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))


table = SearchRebuild.__table__


def latest() -> dict[str, Any] | None:
    """Return the last rebuild's row, ``None`` when there was none."""
    row = model.Session.execute(sa.select(table).order_by(table.c.id.desc()).limit(1)).mappings().first()
    return dict(row) if row else None


def begin(**values: Any) -> int:
    """Write a new rebuild, and that those not finished were given up; returns its id. Commits nothing."""
    session = model.Session
    session.execute(sa.update(table).where(table.c.state == RUNNING).values(state=GIVEN_UP))
    return session.execute(
        sa.insert(table).values(state=RUNNING, refused={}, **values).returning(table.c.id)
    ).scalar_one()


def note(id_: int, **values: Any) -> None:
    """Write how far a rebuild came; commits nothing."""
    model.Session.execute(sa.update(table).where(table.c.id == id_).values(touched_at=sa.func.now(), **values))
