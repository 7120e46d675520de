"""CKAN memberships that follow from duties: given with the first, strengthened, and taken back with the last."""

from __future__ import annotations

from datetime import date
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from ckanext.cqgov.domain import duties as domain
from ckanext.cqgov.model.duty import Duty, held


class Membership(tk.BaseModel):
    """A CKAN membership that a duty gave, so that the end of the last duty takes back exactly that.

    ``capacity`` is what we set; ``previous`` what the person had before (None: nothing).
    """

    __tablename__ = "cqgov_duty_membership"

    user_id: Mapped[str] = mapped_column(sa.Text, sa.ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    organization_id: Mapped[str] = mapped_column(
        sa.Text, sa.ForeignKey("group.id", ondelete="CASCADE"), primary_key=True
    )
    capacity: Mapped[str] = mapped_column(sa.Text)
    previous: Mapped[str | None] = mapped_column(sa.Text)


def lock(user_id: str) -> None:
    """Lock a person until the transaction ends: two changes of their duties happen one after the other."""
    query = sa.select(model.User.id).where(model.User.id == user_id)
    model.Session.execute(query.with_for_update(key_share=True))


def follow(user_id: str, org_id: str, on: date) -> tuple[str | None, str | None]:
    """Make the person's CKAN capacity there what their duties of the day ``on`` ask; returns (before, after).

    Call it with the person locked; commits nothing.
    """
    session: Any = model.Session
    session.flush()
    duties = session.execute(
        sa.select(Duty.duty).where(Duty.user_id == user_id, Duty.organization_id == org_id, *held(on))
    ).scalars()
    wanted = domain.capacity(duties)
    member = next(iter(sorted(_members(user_id, org_id), key=lambda one: one.state)), None)
    before = member.capacity if member is not None and member.state == "active" else None
    mark = session.get(Membership, (user_id, org_id))
    after, keep = domain.change_of_membership(before, (mark.capacity, mark.previous) if mark else None, wanted)
    if after != before:
        if member is None:
            # The group itself, not its id: the constructor's empty ``group`` would win over ``group_id``.
            group = session.get(model.Group, org_id)
            member = model.Member(group=group, table_name="user", table_id=user_id, capacity=after)
            session.add(member)
        member.state = "active" if after else "deleted"
        member.capacity = after or member.capacity
    if keep is None and mark is not None:
        session.delete(mark)
    elif keep is not None:
        session.merge(Membership(user_id=user_id, organization_id=org_id, capacity=keep[0], previous=keep[1]))
    session.flush()
    return before, after


def due(on: date) -> list[tuple[str, str]]:
    """Return the (user, organisation) pairs whose membership no longer fits the duties of the day; three queries."""
    session: Any = model.Session
    duties: dict[tuple[str, str], list[str]] = {}
    for user_id, org_id, duty in session.execute(
        sa.select(Duty.user_id, Duty.organization_id, Duty.duty).where(*held(on))
    ):
        duties.setdefault((user_id, org_id), []).append(duty)
    marks = {
        (one.user_id, one.organization_id): (one.capacity, one.previous)
        for one in session.execute(sa.select(Membership)).scalars()
    }
    member = model.Member
    capacities = {
        (user_id, org_id): capacity
        for user_id, org_id, capacity in session.execute(
            sa.select(member.table_id, member.group_id, member.capacity).where(
                member.table_name == "user", member.state == "active"
            )
        )
    }
    stale = []
    for pair in sorted(duties.keys() | marks.keys()):
        now, mark = capacities.get(pair), marks.get(pair)
        if domain.change_of_membership(now, mark, domain.capacity(duties.get(pair, ()))) != (now, mark):
            stale.append(pair)
    return stale


def organizations(user_id: str) -> frozenset[str]:
    """Return the ids of the active organisations whose staff the person is, in whatever capacity; one query."""
    member, group = model.member_table, model.group_table
    query = sa.select(member.c.group_id).where(
        member.c.table_name == "user",
        member.c.table_id == user_id,
        member.c.state == "active",
        group.c.id == member.c.group_id,
        group.c.is_organization,
        group.c.state == "active",
    )
    return frozenset(model.Session.execute(query).scalars())


def _members(user_id: str, org_id: str) -> list[Any]:
    member = model.Member
    return list(
        model.Session.execute(
            sa.select(member).where(member.table_name == "user", member.table_id == user_id, member.group_id == org_id)
        ).scalars()
    )
