"""Whose entries of the ledger somebody may read (Art. 5, 31)."""

from __future__ import annotations

from collections.abc import Mapping

from ckanext.cqgov.domain import duties
from ckanext.cqgov.domain.access import CITY
from ckanext.cqgov.domain.organization import Organization, districts

OVERSEEING = ("authority-officer", "inspector")


def scope(person: duties.Person, organizations: Mapping[str, Organization]) -> frozenset[str] | None:
    """Return the ids of the organisations of which ``person`` may read the entries; None is all, empty is nobody's.

    Officers of the competent department and inspectors read what they oversee or inspect: those of the city everything,
    those of a district what is about the organisations of their district. Entries that are about no organisation (the
    calendar, the words of the search) are the city's.
    """
    areas = frozenset().union(*(duties.areas(person, duty, organizations) for duty in OVERSEEING))
    if person.sysadmin or CITY in areas:
        return None
    return frozenset(id for id, district in districts(organizations.values()).items() if district in areas)
