"""What the rules of an entry need to know from the database and from shipped tables."""

from __future__ import annotations

from functools import lru_cache

from ckanext.cqgov import divisions
from ckanext.cqgov.domain.catalogue_rules import Surroundings
from ckanext.cqgov.model import organization


def surroundings(owner_org: str | None) -> Surroundings:
    """Return what the rules need to know about an entry of the organisation with this id."""
    owner = organization.get(owner_org) if owner_org else None
    return Surroundings(division_exists=division_exists, provider_code=owner.uscc if owner else None)


@lru_cache(maxsize=4096)
def division_exists(code: str) -> bool | None:
    """Say whether a division code (6 digits, 9 or 12 below a county) is known; None outside the table's area."""
    known = divisions.current()
    if known.known(code) or known.known(code[:6]):
        return True
    covered = {division.code[:2] for division in known if division.code}
    return False if code[:2] in covered and code.isdecimal() and len(code) in (6, 9, 12) else None
