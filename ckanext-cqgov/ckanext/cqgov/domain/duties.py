"""Duties (岗位): the six of them, what each brings in CKAN, who may assign them and who may read them (Art. 4-6).

The city's competent department (主管部门) oversees the whole city, a district's its own district; the head of an
organisation is first responsible and names the staff. Nobody assigns to themselves or ends their own, so that no
power is self-given; only a sysadmin, who sets up the portal, may.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from ckanext.cqgov.domain.access import CITY as AREA_CITY
from ckanext.cqgov.domain.organization import Organization, district_of
from ckanext.cqgov.domain.text import Text

# duty -> (who besides a sysadmin may assign and end it, the CKAN capacity that comes with it)
CITY, DISTRICT, HEAD = "city-authority", "district-authority", "head"
DUTIES: Mapping[str, tuple[frozenset[str], str]] = {
    "head": (frozenset({CITY, DISTRICT}), "editor"),
    "handler": (frozenset({CITY, DISTRICT, HEAD}), "editor"),
    "catalogue-officer": (frozenset({CITY, DISTRICT, HEAD}), "editor"),
    "confidentiality-reviewer": (frozenset({CITY, DISTRICT, HEAD}), "member"),
    # These two oversee others: a district or a head can't appoint its own overseer.
    "authority-officer": (frozenset({CITY}), "member"),
    "inspector": (frozenset({CITY}), "member"),
}

SHARING = frozenset({"head", "handler", "catalogue-officer", "confidentiality-reviewer", "authority-officer"})
"""Who holds one of these works for a department that shares data (Art. 16); an inspector only inspects (Art. 31)."""

# Capacities of CKAN, the weaker first.
CAPACITIES = ("member", "editor", "admin")

FAULTS: Mapping[str, Text] = {
    "unknown": Text("没有这个岗位，可填：{known}", "no such duty; one of: {known}"),
    "not-authority": Text(
        "主管部门工作人员只能设在主管部门（规章第五条）；请先在机构信息中标明该机构为主管部门",
        "authority officers exist only at a competent department (Art. 5): "
        "first mark the organisation as one in its details",
    ),
    "order": Text("结束日期早于开始日期", "the last day is before the first"),
    "overlap": Text(
        "该人员在此期间已在本机构担任同一岗位，请先结束原任职或改期",
        "this person already holds the same duty here in that time: end it first or choose other days",
    ),
    "organization-ended": Text(
        "该机构已于 {day} 终止，任职须在其存续期内", "the organisation ended on {day}; the duty must lie before"
    ),
    "prolonged": Text(
        "任职已定于 {day} 结束，不能以“结束”延长；请另行任职",
        "the duty already ends on {day}; ending it can't prolong it: assign it anew",
    ),
    "ended": Text("该任职已经结束", "this duty has already ended"),
}


@dataclass(frozen=True)
class Held:
    """A duty that someone holds at an organisation on the day in question."""

    organization_id: str
    duty: str


@dataclass(frozen=True)
class Person:
    """Who asks: id, whether sysadmin, and the duties held today."""

    id: str
    sysadmin: bool = False
    duties: tuple[Held, ...] = ()


def _oversees(held: Held, organization_id: str, organizations: Mapping[str, Organization]) -> str | None:
    """Return CITY or DISTRICT when the office that ``held`` is in oversees ``organization_id``, else None."""
    office = organizations.get(held.organization_id)
    if office is None or organization_id not in organizations:
        return None
    if office.level == "city":
        return CITY
    district = district_of(office.id, organizations)
    if district is not None and district == district_of(organization_id, organizations):
        return DISTRICT
    return None


def standings(person: Person, organization_id: str, organizations: Mapping[str, Organization]) -> frozenset[str]:
    """Return as what ``person`` may dispose over the duties of an organisation: CITY, DISTRICT, HEAD."""
    found = set()
    for held in person.duties:
        if held.duty == "authority-officer" and getattr(organizations.get(held.organization_id), "authority", False):
            found.add(_oversees(held, organization_id, organizations))
        if held.duty == "head" and held.organization_id == organization_id:
            found.add(HEAD)
    return frozenset(found - {None})


def may_assign(
    person: Person, duty: str, user_id: str, organization_id: str, organizations: Mapping[str, Organization]
) -> bool:
    """Say whether ``person`` may give ``duty`` at ``organization_id`` to ``user_id``, or end it (Art. 4-6)."""
    if person.sysadmin:
        return True
    if duty not in DUTIES or person.id == user_id:
        return False
    return bool(standings(person, organization_id, organizations) & DUTIES[duty][0])


def assignable(person: Person, organization_id: str, organizations: Mapping[str, Organization]) -> tuple[str, ...]:
    """Return the duties that ``person`` may give to others at ``organization_id``."""
    return tuple(duty for duty in DUTIES if may_assign(person, duty, "", organization_id, organizations))


def may_list(
    person: Person, organization_id: str | None, user_id: str | None, organizations: Mapping[str, Organization]
) -> bool:
    """Say whether ``person`` may read duties: their own, their organisation's, or those they oversee or inspect."""
    if person.sysadmin or (user_id is not None and user_id == person.id):
        return True
    if organization_id is None:
        return city_wide(person, organizations)
    if any(held.organization_id == organization_id for held in person.duties):
        return True
    return any(
        _overseer(held, organizations) and _oversees(held, organization_id, organizations) for held in person.duties
    )


def city_wide(person: Person, organizations: Mapping[str, Organization]) -> bool:
    """Say whether ``person`` reads everything: sysadmin, or overseer or inspector of the city."""
    return person.sysadmin or any(
        _overseer(held, organizations) and _level(held, organizations) == "city" for held in person.duties
    )


def city_authority(person: Person, organizations: Mapping[str, Organization]) -> bool:
    """Say whether ``person`` acts for the city's competent department (Art. 5), or is a sysadmin."""
    return person.sysadmin or any(
        held.duty == "authority-officer" and _overseer(held, organizations) and _level(held, organizations) == "city"
        for held in person.duties
    )


def areas(person: Person, duty: str, organizations: Mapping[str, Organization]) -> frozenset[str]:
    """Return where ``person`` oversees (duty ``authority-officer``) or inspects (``inspector``): ``access.CITY``, ids of districts.

    An office of the city covers the whole city, one of a district its own district, one that stands nowhere nothing.
    """
    offices = [held.organization_id for held in person.duties if held.duty == duty and _overseer(held, organizations)]
    levels = {office: getattr(organizations.get(office), "level", None) for office in offices}
    found = (AREA_CITY if level == "city" else district_of(office, organizations) for office, level in levels.items())
    return frozenset(filter(None, found))


def _overseer(held: Held, organizations: Mapping[str, Organization]) -> bool:
    if held.duty == "authority-officer":
        return getattr(organizations.get(held.organization_id), "authority", False)
    return held.duty == "inspector"


def _level(held: Held, organizations: Mapping[str, Organization]) -> str | None:
    return getattr(organizations.get(held.organization_id), "level", None)


def capacity(duties: Iterable[str]) -> str | None:
    """Return the strongest CKAN capacity that ``duties`` bring, None without any."""
    return max((DUTIES[duty][1] for duty in duties if duty in DUTIES), key=_strength, default=None)


def fault_of_post(
    duty: str, organization: Organization, valid_from: date, valid_to: date | None
) -> tuple[str, Text] | None:
    """Return ``(field, what is wrong)`` with giving ``duty`` at ``organization`` for those days, None when right."""
    if duty not in DUTIES:
        return "duty", FAULTS["unknown"].filled(known="、".join(DUTIES))
    if duty == "authority-officer" and not organization.authority:
        return "duty", FAULTS["not-authority"]
    if valid_to is not None and valid_to < valid_from:
        return "valid_to", FAULTS["order"]
    last = organization.valid_to
    if last is not None and (valid_from > last or (valid_to is not None and valid_to > last)):
        return "valid_from" if valid_from > last else "valid_to", FAULTS["organization-ended"].filled(day=last)
    return None


def ending(valid_from: date, valid_to: date | None, last_day: date) -> tuple[date | None, bool]:
    """Return ``(valid_to, cancelled)`` of a duty ended with ``last_day``; before its first day it is cancelled."""
    if last_day < valid_from:
        return valid_to, True
    return last_day, False


def fault_of_ending(valid_to: date | None, cancelled: bool, last_day: date, today: date) -> Text | None:
    """Return what is wrong with ending a duty on ``last_day``, None when it may be."""
    if cancelled or (valid_to is not None and valid_to < today):
        return FAULTS["ended"]
    if valid_to is not None and last_day > valid_to:
        return FAULTS["prolonged"].filled(day=valid_to)
    return None


def change_of_membership(
    existing: str | None, ours: tuple[str, str | None] | None, wanted: str | None
) -> tuple[str | None, tuple[str, str | None] | None]:
    """Return ``(capacity to have, mark to keep)`` for a person in an organisation.

    ``existing`` is the CKAN capacity now; ``ours`` is ``(what we set, what was there before)`` when duties gave it.
    What somebody else gave is never taken away and never weakened; what we gave ends with the last duty.
    """
    if ours is not None and existing != ours[0]:
        ours = None  # somebody changed it by hand since; it is theirs now
    before = ours[1] if ours is not None else existing
    if wanted is None or (before is not None and _strength(before) >= _strength(wanted)):
        return before, None
    return wanted, (wanted, before)


def _strength(capacity: str) -> int:
    """Rank a capacity; one that the operator invented counts as the strongest, so it is never overwritten."""
    return CAPACITIES.index(capacity) if capacity in CAPACITIES else len(CAPACITIES)
