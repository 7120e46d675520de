"""Duties (岗位): assigning, ending and reading them (Art. 4-6)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.cqgov import rules
from ckanext.cqgov.clock import LEGAL_ZONE, today
from ckanext.cqgov.domain import duties as domain
from ckanext.cqgov.domain.text import Text
from ckanext.cqgov.language import pick
from ckanext.cqgov.logic import asking
from ckanext.cqgov.logic.input import Input
from ckanext.cqgov.model import duty, ledger, membership, organization

__all__ = ["cqgov_duty_assign", "cqgov_duty_end", "cqgov_duty_list"]

NO_USER = Text("没有这个用户", "there is no such user")
NO_ORGANIZATION = Text("没有这个机构", "there is no such organisation")


def cqgov_duty_assign(context: Any, data_dict: Any) -> dict[str, Any]:
    """Give a person a duty at an organisation; one ledger row, and the CKAN membership that goes with it.

    ``user_id`` and ``organization_id`` (ids or names), ``duty`` (code), ``valid_from`` (ISO date, today by default),
    ``valid_to`` (last day, open-ended by default), ``acting`` (代理, default false), ``reason``. Days are legal days
    (Asia/Shanghai). Sysadmins, officers of the competent department in their scope and the head may (Art. 4-6).

    :returns: as an element of ``cqgov_duty_list``.
    """
    tk.check_access("cqgov_duty_assign", context, data_dict)
    given = Input(data_dict)
    user_key, organization_key = given.text("user_id", required=True), given.text("organization_id", required=True)
    code, reason = given.text("duty", required=True), given.text("reason", limit=1000)
    valid_from, valid_to = given.day("valid_from") or today(), given.day("valid_to")
    acting = given.flag("acting")
    given.done()
    user, place = model.User.get(user_key), organization.get(organization_key)
    if user is None or user.state != "active":
        given.wrong("user_id", NO_USER)
    if place is None:
        given.wrong("organization_id", NO_ORGANIZATION)
    given.done()
    if fault := domain.fault_of_post(code, place, valid_from, valid_to):
        given.wrong(*fault)
    given.done()
    membership.lock(user.id)
    one = duty.Duty(
        user_id=user.id,
        organization_id=place.id,
        duty=code,
        valid_from=valid_from,
        valid_to=valid_to,
        acting=acting,
        cancelled=False,
        assigned_by=asking.actor(context),
        reason=reason,
    )
    if duty.overlapping(user.id, place.id, code, valid_from, valid_to):
        raise tk.ValidationError({"valid_from": [pick(domain.FAULTS["overlap"])]})
    model.Session.add(one)
    _write(one, "duty.assign", {"acting": acting, "reason": reason}, context)
    return _shown([one])[0]


def cqgov_duty_end(context: Any, data_dict: Any) -> dict[str, Any]:
    """End a duty: ``id``, ``valid_to`` (its last day; by default yesterday, so that it ends at once), ``reason``.

    A duty whose first day is after the last one is cancelled: it never was. Whoever may assign it may end it.

    :returns: as an element of ``cqgov_duty_list``.
    """
    tk.check_access("cqgov_duty_end", context, data_dict)
    given = Input(data_dict)
    key, reason = given.text("id", required=True), given.text("reason", limit=1000)
    last_day = given.day("valid_to") or today() - timedelta(days=1)
    given.done()
    found = duty.get(key)
    if found is None:
        raise tk.ObjectNotFound("Duty not found")
    membership.lock(found.user_id)
    one = duty.locked(key)
    if fault := domain.fault_of_ending(one.valid_to, one.cancelled, last_day, today()):
        raise tk.ValidationError({"valid_to": [pick(fault)]})
    one.valid_to, one.cancelled = domain.ending(one.valid_from, one.valid_to, last_day)
    one.ended_by, one.ended_at = asking.actor(context), sa.func.now()
    one.reason = reason or one.reason
    _write(one, "duty.end", {"cancelled": one.cancelled, "reason": reason}, context)
    return _shown([one])[0]


@tk.side_effect_free
def cqgov_duty_list(context: Any, data_dict: Any) -> list[dict[str, Any]]:
    """Return duties, newest first: of ``organization_id``, of ``user_id``, of both; ``current`` keeps today's.

    Open to the person, to those on duty at the organisation, and to those who oversee or inspect it.

    :returns: list of ``{id, user_id, user_name, user_title, organization_id, organization_name, organization_title,
        duty, duty_title, valid_from, valid_to, acting, cancelled, current, assigned_by, assigned_at, ended_by,
        ended_at, reason}``.
    """
    tk.check_access("cqgov_duty_list", context, data_dict)
    given = Input(data_dict)
    user_key, organization_key = given.text("user_id"), given.text("organization_id")
    current = given.flag("current")
    given.done()
    user, group = user_key and model.User.get(user_key), organization_key and model.Group.get(organization_key)
    if (user_key and user is None) or (organization_key and group is None):
        raise tk.ObjectNotFound("User or organization not found")
    rows = duty.listing(user.id if user else None, group.id if group else None, today() if current else None)
    return _shown(rows)


def _write(one: duty.Duty, verb: str, detail: dict[str, Any], context: Any) -> None:
    """Write the duty, the membership that follows and the ledger row in one transaction."""
    try:
        model.Session.flush()
    except sa.exc.IntegrityError as error:
        model.Session.rollback()
        raise tk.ValidationError({"valid_from": [pick(domain.FAULTS["overlap"])]}) from error
    before, after = membership.follow(one.user_id, one.organization_id, today())
    described = {
        "user_id": one.user_id,
        "organization_id": one.organization_id,
        "duty": one.duty,
        "valid_from": one.valid_from,
        "valid_to": one.valid_to,
        "membership": [before, after],
        **detail,
    }
    ledger.record(model.Session, asking.actor(context), verb, "duty", one.id, described)
    if not context.get("defer_commit"):
        model.repo.commit()


def _shown(rows: list[duty.Duty]) -> list[dict[str, Any]]:
    """Return the rows as the API gives them, with names; three queries however many there are."""
    session, day, law = model.Session, today(), rules.current().duties
    people = {one.user_id for one in rows} | {one.assigned_by for one in rows} | {one.ended_by for one in rows}
    users = {one.id: one for one in session.execute(sa.select(model.User).where(model.User.id.in_(people))).scalars()}
    places = {one.organization_id for one in rows}
    groups = {
        one.id: one for one in session.execute(sa.select(model.Group).where(model.Group.id.in_(places))).scalars()
    }

    def moment(value: Any) -> str | None:
        return value.astimezone(LEGAL_ZONE).isoformat(timespec="seconds") if value else None

    return [
        {
            "id": one.id,
            "user_id": one.user_id,
            "user_name": users[one.user_id].name,
            "user_title": users[one.user_id].display_name,
            "organization_id": one.organization_id,
            "organization_name": groups[one.organization_id].name,
            "organization_title": groups[one.organization_id].title,
            "duty": one.duty,
            "duty_title": pick(law[one.duty].text) if one.duty in law else one.duty,
            "valid_from": one.valid_from.isoformat(),
            "valid_to": one.valid_to.isoformat() if one.valid_to else None,
            "acting": one.acting,
            "cancelled": one.cancelled,
            "current": one.current(day),
            "assigned_by": getattr(users.get(one.assigned_by), "name", one.assigned_by),
            "assigned_at": moment(one.assigned_at),
            "ended_by": getattr(users.get(one.ended_by), "name", one.ended_by),
            "ended_at": moment(one.ended_at),
            "reason": one.reason,
        }
        for one in rows
    ]
