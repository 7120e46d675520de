"""Duties (岗位): who holds which duty at which organisation, from when to when (Art. 4-6)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import uuid4

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from ckanext.cqgov.domain import duties as domain


class Duty(tk.BaseModel):
    """One assignment. ``valid_to`` is its last day, None while open-ended; a cancelled one never began."""

    __tablename__ = "cqgov_duty"

    id: Mapped[str] = mapped_column(sa.Text, primary_key=True, default=lambda: str(uuid4()))
    user_id: Mapped[str] = mapped_column(sa.Text, sa.ForeignKey("user.id", ondelete="CASCADE"), index=True)
    organization_id: Mapped[str] = mapped_column(sa.Text, sa.ForeignKey("group.id", ondelete="CASCADE"), index=True)
    duty: Mapped[str] = mapped_column(sa.Text)
    valid_from: Mapped[date] = mapped_column(sa.Date)
    valid_to: Mapped[date | None] = mapped_column(sa.Date)
    acting: Mapped[bool] = mapped_column(sa.Boolean, server_default=sa.false(), default=False)
    cancelled: Mapped[bool] = mapped_column(sa.Boolean, server_default=sa.false(), default=False)
    assigned_by: Mapped[str] = mapped_column(sa.Text)
    assigned_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True), server_default=sa.func.now())
    ended_by: Mapped[str | None] = mapped_column(sa.Text)
    ended_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    reason: Mapped[str | None] = mapped_column(sa.Text)

    def current(self, on: date) -> bool:
        """Say whether the duty is held on that legal day."""
        return not self.cancelled and self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


def held(on: date) -> list[sa.ColumnElement[bool]]:
    """Return the conditions of a duty in force on the legal day ``on``, held by somebody whose account is active."""
    return [
        Duty.cancelled.is_(False),
        Duty.valid_from <= on,
        sa.or_(Duty.valid_to.is_(None), Duty.valid_to >= on),
        model.User.id == Duty.user_id,
        model.User.state == "active",
    ]


def holds(user_id: str, org_id: str, duty: str, on: date) -> bool:
    """Say whether the person holds ``duty`` at that organisation on the legal day ``on`` (Asia/Shanghai)."""
    return holds_any(user_id, org_id, [duty], on)


def holds_any(user_id: str, org_id: str, duties: Iterable[str], on: date) -> bool:
    """Say whether the person holds at least one of ``duties`` at that organisation on the legal day ``on``."""
    found = sa.exists().where(
        Duty.user_id == user_id, Duty.organization_id == org_id, Duty.duty.in_(list(duties)), *held(on)
    )
    return bool(model.Session.execute(sa.select(found)).scalar())


def duties_of(user_id: str, on: date) -> list[Duty]:
    """Return what the person holds on the legal day ``on``, over all organisations."""
    query = sa.select(Duty).where(Duty.user_id == user_id, *held(on)).order_by(Duty.organization_id, Duty.duty)
    return list(model.Session.execute(query).scalars())


def holders(org_id: str, duty: str, on: date) -> list[str]:
    """Return the ids of those who hold ``duty`` at that organisation on the legal day ``on``."""
    query = sa.select(Duty.user_id).where(Duty.organization_id == org_id, Duty.duty == duty, *held(on))
    return list(model.Session.execute(query.order_by(Duty.user_id)).scalars())


def person(user: Any, on: date) -> domain.Person:
    """Return who asks, with the duties held on the legal day ``on``; ``user`` is a CKAN user."""
    held = tuple(domain.Held(one.organization_id, one.duty) for one in duties_of(user.id, on))
    return domain.Person(user.id, bool(user.sysadmin), held)


def get(duty_id: str) -> Duty | None:
    """Return one assignment, None when there is none."""
    return model.Session.get(Duty, duty_id)


def locked(duty_id: str) -> Duty | None:
    """Return one assignment, its row locked until the transaction ends; None when there is none."""
    return model.Session.get(Duty, duty_id, with_for_update=True, populate_existing=True)


def listing(user_id: str | None = None, org_id: str | None = None, on: date | None = None) -> list[Duty]:
    """Return assignments, newest first: of a person, of an organisation, or in force on a day."""
    query = sa.select(Duty).order_by(Duty.valid_from.desc(), Duty.id)
    if user_id is not None:
        query = query.where(Duty.user_id == user_id)
    if org_id is not None:
        query = query.where(Duty.organization_id == org_id)
    if on is not None:
        query = query.where(*held(on))
    return list(model.Session.execute(query).scalars())


def overlapping(user_id: str, org_id: str, duty: str, valid_from: date, valid_to: date | None) -> bool:
    """Say whether the person already holds that duty there on any of those days (the database refuses it anyway)."""
    days = sa.func.daterange(Duty.valid_from, Duty.valid_to, "[]")
    wanted = sa.func.daterange(sa.cast(valid_from, sa.Date), sa.cast(valid_to, sa.Date), "[]")
    found = sa.exists().where(
        Duty.user_id == user_id,
        Duty.organization_id == org_id,
        Duty.duty == duty,
        Duty.cancelled.is_(False),
        days.op("&&")(wanted),
    )
    return bool(model.Session.execute(sa.select(found)).scalar())
