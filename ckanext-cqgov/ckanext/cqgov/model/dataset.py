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
    )


table = Dataset.__table__


def published_at(package_id: str) -> datetime | None:
    """Return when the entry became public, ``None`` while it is not or has no row."""
    return model.Session.execute(sa.select(table.c.published_at).where(table.c.package_id == package_id)).scalar()


def released(package_ids: Iterable[str]) -> frozenset[str]:
    """Return those of the datasets that are in the sharing catalogue for staff; one query."""
    query = sa.select(table.c.package_id).where(
        table.c.package_id.in_(list(package_ids)), table.c.released_at.is_not(None)
    )
    return frozenset(model.Session.execute(query).scalars())


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


def write(rows: Iterable[Mapping[str, Any]], session: Any = None) -> None:
    """Insert or replace rows (as ``catalogue_entry.row`` makes them) in the caller's transaction; commits nothing.

    Raises ``sqlalchemy.exc.IntegrityError`` when a unique key is held by another entry; ``violated`` names it.
    """
    rows = [dict(row) for row in rows]
    if not rows:
        return
    statement = insert(table)
    replaced = {name: statement.excluded[name] for name in rows[0] if name != "package_id"}
    # Only what is closed is released: whatever becomes something else leaves the sharing catalogue in the same statement.
    replaced["released_at"] = sa.case((statement.excluded.opening_type == "closed", table.c.released_at))
    (session or model.Session).execute(
        statement.on_conflict_do_update(index_elements=[table.c.package_id], set_=replaced), rows
    )


def violated(error: sa.exc.IntegrityError) -> tuple[str, str] | None:
    """Return the field and message code that a violated unique constraint of this table means, else ``None``."""
    diagnosis = getattr(error.orig, "diag", None)
    return TAKEN.get(getattr(diagnosis, "constraint_name", None) or "")


def release(package_id: str) -> None:
    """Give the code and source key of a deleted entry free; commits nothing."""
    model.Session.execute(
        sa.update(table)
        .where(table.c.package_id == package_id)
        .values(catalog_code=None, source_key=None, published_at=None, released_at=None)
    )
