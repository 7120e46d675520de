"""One row per catalogue entry beside CKAN's package: what must be unique, and what is asked of many at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

TAKEN = {
    "cqgov_dataset_catalog_code_key": ("catalog_code", "code-taken"),
    "cqgov_dataset_source_key": ("source_key", "source-taken"),
}
"""Unique constraint -> the field and the message that a violation means."""


class Dataset(tk.BaseModel):
    """The side table of CKAN's packages.

    ``opening_type`` is the effective one (closed where none is chosen). ``published_at`` is when it became public,
    None while it is not. ``released_at`` is when the head let a closed entry into the sharing catalogue for staff, None
    while it is not there.
    """

    __tablename__ = "cqgov_dataset"

    package_id: Mapped[str] = mapped_column(sa.Text, sa.ForeignKey("package.id", ondelete="CASCADE"), primary_key=True)
    catalog_code: Mapped[str | None] = mapped_column(sa.Text)
    source_portal: Mapped[str | None] = mapped_column(sa.Text)
    source_key: Mapped[str | None] = mapped_column(sa.Text)
    origin: Mapped[str] = mapped_column(sa.Text)
    complete: Mapped[bool] = mapped_column(sa.Boolean)
    opening_type: Mapped[str] = mapped_column(sa.Text, index=True)
    sharing_type: Mapped[str | None] = mapped_column(sa.Text)
    content_hash: Mapped[str] = mapped_column(sa.Text)
    published_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    written_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    released_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))

    __table_args__ = (
        sa.UniqueConstraint("catalog_code", name="cqgov_dataset_catalog_code_key"),
        sa.UniqueConstraint("source_portal", "source_key", name="cqgov_dataset_source_key"),
        sa.Index("cqgov_dataset_released", "package_id", postgresql_where=sa.text("released_at IS NOT NULL")),
    )


table = Dataset.__table__


def published_at(package_id: str) -> datetime | None:
    """Return when the entry became public, ``None`` while it is not or has no row."""
    return model.Session.execute(sa.select(table.c.published_at).where(table.c.package_id == package_id)).scalar()


def released(package_ids: Iterable[str]) -> frozenset[str]:
    """Return those of the datasets that are in the sharing catalogue for staff; one query."""
    return _released(model.Session, package_ids)


def taken(row: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the field and message code of the first unique key of ``row`` that another entry holds, else ``None``.

    Only for a friendly answer: the constraints decide when two write at once.
    """
    others = sa.select(sa.literal(1)).where(table.c.package_id != row["package_id"])
    checks = {
        "cqgov_dataset_catalog_code_key": row["catalog_code"] and table.c.catalog_code == row["catalog_code"],
        "cqgov_dataset_source_key": row["source_key"]
        and sa.and_(table.c.source_portal == row["source_portal"], table.c.source_key == row["source_key"]),
    }
    for constraint, same in checks.items():
        if same is not None and model.Session.execute(others.where(same).limit(1)).first():
            return TAKEN[constraint]
    return None


def write(rows: Iterable[Mapping[str, Any]], session: Any = None, leaving: Iterable[str] = ()) -> frozenset[str]:
    """Insert or replace rows (as ``catalogue_entry.row`` makes them) in the caller's transaction; commits nothing.

    Returns the ids of those that leave the sharing catalogue for staff by it: what is no longer closed, is shared more
    widely than when its head released it, or is named in ``leaving`` (moved, no longer active) has to be released anew. Raises
    ``sqlalchemy.exc.IntegrityError`` when a unique key is held by another entry; ``violated`` names it.
    """
    session, rows = session or model.Session, [dict(row) for row in rows]
    if not rows:
        return frozenset()
    ids, left = [row["package_id"] for row in rows], set(leaving)
    before = _released(session, ids, lock=True)
    statement = insert(table)
    replaced = {name: statement.excluded[name] for name in rows[0] if name != "package_id"}
    was, becomes = table.c.sharing_type, statement.excluded.sharing_type
    narrower = sa.or_(becomes == was, becomes == "withheld", sa.and_(was == "unconditional", becomes == "conditional"))
    replaced["released_at"] = sa.case(
        (sa.and_(statement.excluded.opening_type == "closed", narrower), table.c.released_at)
    )
    session.execute(statement.on_conflict_do_update(index_elements=[table.c.package_id], set_=replaced), rows)
    if before & left:
        session.execute(sa.update(table).where(table.c.package_id.in_(before & left)).values(released_at=None))
    return before - _released(session, ids) if before else before


def _released(session: Any, package_ids: Iterable[str], lock: bool = False) -> frozenset[str]:
    """Return those of the datasets that are in the sharing catalogue; ``lock`` locks the rows of all, in order."""
    query = sa.select(table.c.package_id, table.c.released_at).where(table.c.package_id.in_(list(package_ids)))
    if lock:
        query = query.order_by(table.c.package_id).with_for_update()
    return frozenset(row.package_id for row in session.execute(query) if row.released_at is not None)


def row(package_id: str) -> Any:
    """Return the row of a dataset, None when it has none."""
    return model.Session.execute(sa.select(table).where(table.c.package_id == package_id)).first()


def locked(package_id: str) -> Any:
    """Return the row of a dataset, locked until the transaction ends; None when it has none."""
    return model.Session.execute(sa.select(table).where(table.c.package_id == package_id).with_for_update()).first()


def let_in(package_id: str, released_at: datetime | None) -> None:
    """Let a dataset into the sharing catalogue for staff from that instant, or out of it with None; commits nothing."""
    model.Session.execute(sa.update(table).where(table.c.package_id == package_id).values(released_at=released_at))


def violated(error: sa.exc.IntegrityError) -> tuple[str, str] | None:
    """Return the field and message code that a violated unique constraint of this table means, else ``None``."""
    diagnosis = getattr(error.orig, "diag", None)
    return TAKEN.get(getattr(diagnosis, "constraint_name", None) or "")


def free(package_id: str) -> bool:
    """Give the code and source key of a deleted entry free; returns whether staff could see it till now. Commits nothing."""
    before = _released(model.Session, [package_id], lock=True)
    model.Session.execute(
        sa.update(table)
        .where(table.c.package_id == package_id)
        .values(catalog_code=None, source_key=None, published_at=None, released_at=None)
    )
    return bool(before)
