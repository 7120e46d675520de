"""Grants (数据使用授权): who may use which data of a dataset, for what, and from when to when (Arts. 19, 24, 34)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any
from uuid import uuid4

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ckanext.cqgov.domain import grant as domain
from ckanext.cqgov.domain import grant_rows


class Grant(tk.BaseModel):
    """One grant; see ``domain.grant.Grant``. What was granted never changes: a trigger lets through its revoking alone."""

    __tablename__ = "cqgov_grant"

    id: Mapped[str] = mapped_column(sa.Text, primary_key=True, default=lambda: str(uuid4()))
    dataset_id: Mapped[str] = mapped_column(sa.Text, sa.ForeignKey("package.id", ondelete="CASCADE"), index=True)
    holder_user: Mapped[str | None] = mapped_column(sa.Text, sa.ForeignKey("user.id", ondelete="CASCADE"), index=True)
    holder_organization: Mapped[str | None] = mapped_column(
        sa.Text, sa.ForeignKey("group.id", ondelete="CASCADE"), index=True
    )
    staff: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), server_default="{}", default=list)
    resources: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), server_default="{}", default=list)
    columns: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), server_default="{}", default=list)
    rows: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=sa.text("'[]'::jsonb"), default=list)
    purpose: Mapped[str] = mapped_column(sa.Text)
    terms_version: Mapped[str] = mapped_column(sa.Text)
    valid_from: Mapped[date] = mapped_column(sa.Date)
    valid_until: Mapped[date | None] = mapped_column(sa.Date)
    storage: Mapped[bool] = mapped_column(sa.Boolean, server_default=sa.false(), default=False)
    created_by: Mapped[str] = mapped_column(sa.Text)
    created_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True), server_default=sa.func.now())
    revoked_by: Mapped[str | None] = mapped_column(sa.Text)
    revoked_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    revoke_reason: Mapped[str | None] = mapped_column(sa.Text)

    def value(self) -> domain.Grant:
        """Return the grant as the rules take it."""
        return domain.Grant(
            id=self.id,
            dataset_id=self.dataset_id,
            holder_user=self.holder_user,
            holder_organization=self.holder_organization,
            staff=frozenset(self.staff),
            resources=frozenset(self.resources),
            columns=tuple(self.columns),
            rows=grant_rows.read(self.rows),
            purpose=self.purpose,
            terms_version=self.terms_version,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            storage=self.storage,
            revoked_at=self.revoked_at,
        )


def row(grant: domain.Grant, created_by: str) -> Grant:
    """Return the row of a grant that is given; ``created_by`` is the ledger's actor."""
    return Grant(
        id=grant.id,
        dataset_id=grant.dataset_id,
        holder_user=grant.holder_user,
        holder_organization=grant.holder_organization,
        staff=sorted(grant.staff),
        resources=sorted(grant.resources),
        columns=list(grant.columns),
        rows=[each.told() for each in grant.rows],
        purpose=grant.purpose,
        terms_version=grant.terms_version,
        valid_from=grant.valid_from,
        valid_until=grant.valid_until,
        storage=grant.storage,
        created_by=created_by,
    )


def _covering(user_id: str, organization_ids: Collection[str]) -> sa.ColumnElement[bool]:
    named = sa.and_(
        Grant.holder_organization.in_(sorted(organization_ids)), sa.literal(user_id) == sa.any_(Grant.staff)
    )
    return sa.or_(Grant.holder_user == user_id, named) if organization_ids else Grant.holder_user == user_id


def running(user_id: str, organization_ids: Collection[str], day: date) -> list[domain.Grant]:
    """Return the grants that the person, staff of these organisations, may use on the legal day ``day``; one query."""
    query = sa.select(Grant).where(
        _covering(user_id, organization_ids),
        Grant.revoked_at.is_(None),
        Grant.valid_from <= day,
        sa.or_(Grant.valid_until.is_(None), Grant.valid_until >= day),
    )
    return [each.value() for each in model.Session.execute(query).scalars()]


def get(grant_id: Any) -> Grant | None:
    """Return one grant, None when there is none."""
    if not isinstance(grant_id, str) or not grant_id or "\0" in grant_id:
        return None
    return model.Session.get(Grant, grant_id)


def locked(grant_id: str) -> Grant | None:
    """Return one grant as it is now, its row locked until the transaction ends; None when there is none."""
    return model.Session.get(Grant, grant_id, with_for_update=True, populate_existing=True)


def listing(
    dataset_id: str | None = None,
    holder: tuple[str, Collection[str]] | None = None,
    *,
    limit: int = 100,
    offset: int = 0,
) -> list[Grant]:
    """Return grants, the newest first: of a dataset, or those that cover a ``holder`` (user id, ids of their organisations)."""
    query = sa.select(Grant).order_by(Grant.created_at.desc(), Grant.id).limit(limit).offset(offset)
    if dataset_id is not None:
        query = query.where(Grant.dataset_id == dataset_id)
    if holder is not None:
        query = query.where(_covering(*holder))
    return list(model.Session.execute(query).scalars())


def resource_titles(ids: Iterable[str]) -> dict[str, str]:
    """Return what the resources with these ids are called, by id; one query, none where there are no ids."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    query = sa.select(model.Resource.id, model.Resource.name).where(model.Resource.id.in_(wanted))
    return {each.id: each.name for each in model.Session.execute(query) if each.name}


def titles(ids: Iterable[str | None]) -> dict[str, str]:
    """Return what the people and organisations with these ids are called, by id; two queries."""
    wanted = sorted({each for each in ids if each})
    people = sa.select(model.User).where(model.User.id.in_(wanted))
    found = {each.id: each.display_name for each in model.Session.execute(people).scalars()}
    places = sa.select(model.Group.id, model.Group.title, model.Group.name).where(model.Group.id.in_(wanted))
    return found | {each.id: each.title or each.name for each in model.Session.execute(places)}
