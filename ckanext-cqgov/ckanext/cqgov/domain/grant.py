"""Grants (数据使用授权): leave to use the data of one dataset, for a purpose, on terms and for a time (Arts. 19, 24, 34).

A grant is held by a person, or by an organisation for the staff that it names. It opens the whole dataset, some of its
resources, or columns and rows of one table. What is not expressly opened stays shut; several grants add up cell by cell.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from ckanext.cqgov.domain import access, duties
from ckanext.cqgov.domain.duties import Person
from ckanext.cqgov.domain.grant_rows import Condition
from ckanext.cqgov.domain.organization import Organization, district_of
from ckanext.cqgov.domain.text import Text

STORAGE_ARTICLE = "34(5)"
"""No department stores what it got from the platform without the provider's consent: then the data are queried, not downloaded."""


@dataclass(frozen=True)
class Grant:
    """What was granted, to whom and for how long.

    Exactly one of ``holder_user`` and ``holder_organization`` is set; ``staff`` are the ids of those of the organisation who
    may use it. ``resources`` (ids; none: all of the dataset), ``columns`` (names; none: all) and ``rows`` (none: all) say what
    is open. ``valid_from`` and ``valid_until`` are its first and last legal day (None: until it is revoked); ``storage`` says
    that the provider consents to the data being stored, that is downloaded.
    """

    id: str
    dataset_id: str
    holder_user: str | None = None
    holder_organization: str | None = None
    staff: frozenset[str] = frozenset()
    resources: frozenset[str] = frozenset()
    columns: tuple[str, ...] = ()
    rows: tuple[Condition, ...] = ()
    purpose: str = ""
    terms_version: str = ""
    valid_from: date = date.min
    valid_until: date | None = None
    storage: bool = False
    revoked_at: datetime | None = None


class State(StrEnum):
    """How a grant stands on a legal day; nothing of it is stored, so that a day that passes changes it by itself."""

    UPCOMING = "upcoming"
    RUNNING = "running"
    EXPIRED = "expired"
    REVOKED = "revoked"


STATES: Mapping[State, Text] = {
    State.UPCOMING: Text("尚未生效", "not yet in force"),
    State.RUNNING: Text("有效", "in force"),
    State.EXPIRED: Text("已到期", "expired"),
    State.REVOKED: Text("已撤销", "revoked"),
}

# Who acts next, and until when. ``{provider}`` and ``{holder}`` are names, the days are legal days.
NEXT: Mapping[State, Text] = {
    State.UPCOMING: Text(
        "{holder}自 {valid_from} 起可以使用；在此之前无须任何人办理",
        "{holder} may use the data from {valid_from}; until then nobody has to do anything",
    ),
    State.RUNNING: Text(
        "{holder}可使用至 {valid_until}（含当日）；需继续使用的，应在该日前向{provider}提出",
        "{holder} may use the data up to and including {valid_until}; who needs them longer asks {provider} before that day",
    ),
    State.EXPIRED: Text(
        "已于 {valid_until} 到期；仍需使用的，由{holder}向{provider}重新申请",
        "it ended with {valid_until}; if the data are still needed {holder} applies to {provider} again",
    ),
    State.REVOKED: Text(
        "已于 {revoked_on} 撤销；有异议的，由{holder}向{provider}提出，争议由主管部门协调处理（规章第十九条）",
        "it was revoked on {revoked_on}; {holder} may object to {provider}, and the competent department mediates (Art. 19)",
    ),
}
NEXT_WITHOUT_END = Text(
    "{holder}可一直使用，直至提供部门或主管部门撤销；无须任何人办理",
    "{holder} may use the data until the provider or the competent department revokes it; nobody has to do anything",
)


def state(grant: Grant, day: date) -> State:
    """Return how the grant stands on the legal day; revoked wins over every date."""
    if grant.revoked_at is not None:
        return State.REVOKED
    if day < grant.valid_from:
        return State.UPCOMING
    return State.RUNNING if grant.valid_until is None or day <= grant.valid_until else State.EXPIRED


def next_step(grant: Grant, day: date, *, holder: str, provider: str, revoked_on: date | None = None) -> Text:
    """Return who acts next and until when, on the legal day; ``holder`` and ``provider`` are names."""
    stands = state(grant, day)
    told = NEXT_WITHOUT_END if stands is State.RUNNING and grant.valid_until is None else NEXT[stands]
    return told.filled(
        holder=holder,
        provider=provider,
        valid_from=grant.valid_from,
        valid_until=grant.valid_until,
        revoked_on=revoked_on,
    )


def covers(grant: Grant, user_id: str, organization_ids: Collection[str]) -> bool:
    """Say whether the grant is the person's: in their own name, or as named staff of an organisation that they belong to."""
    if grant.holder_user is not None:
        return grant.holder_user == user_id
    return grant.holder_organization in organization_ids and user_id in grant.staff


def holds(grant: Grant, user_id: str, organization_ids: Collection[str], day: date) -> bool:
    """Say whether the person, staff of ``organization_ids``, may use the grant on the legal day (Arts. 19, 24)."""
    return covers(grant, user_id, organization_ids) and state(grant, day) is State.RUNNING


@dataclass(frozen=True)
class Window:
    """Which cells of a table are open: ``columns`` (None: all) in those rows for which every condition holds (none: all)."""

    columns: frozenset[str] | None = None
    rows: tuple[Condition, ...] = ()

    def shows(self, column: str) -> bool:
        """Say whether the column is open, in whichever rows."""
        return self.columns is None or column in self.columns


WHOLE = Window()
"""All columns and rows: the resource as it is."""


def window(grant: Grant) -> Window:
    """Return which cells of its resource's table the grant opens."""
    return Window(frozenset(grant.columns) or None, grant.rows)


def windows(grants: Iterable[Grant], resource_id: str) -> tuple[Window, ...]:
    """Return what the grants open of the resource, together: the union of their cells; nothing where none reaches it."""
    found = [window(each) for each in grants if not each.resources or resource_id in each.resources]
    return (WHOLE,) if WHOLE in found else tuple(dict.fromkeys(found))


def opened(shown: Iterable[Window], columns: Iterable[str]) -> tuple[str, ...]:
    """Return those of a table's ``columns`` that any window opens, in the table's order."""
    shown = tuple(shown)
    return tuple(column for column in columns if any(each.shows(column) for each in shown))


def every_row(shown: Iterable[Window]) -> bool:
    """Say whether every row of the table is open at least in part."""
    return any(not each.rows for each in shown)


def opens(dataset: access.Dataset, *, staff: bool) -> bool:
    """Say whether a grant opens anything of the dataset to its holder, who works for a department (``staff``) or does not.

    It is the table of access that says it: a grant is of use where it makes a difference there (Arts. 19, 22, 24).
    """
    without = access.Viewer(id="holder", staff=staff)
    with_one = access.Viewer(id="holder", staff=staff, granted=frozenset([dataset.id]))
    return access.access(without, dataset) < access.access(with_one, dataset) is access.Level.DATA


def grantable(dataset: access.Dataset) -> bool:
    """Say whether there can be a grant for the dataset, and so a table for those who hold one."""
    return opens(dataset, staff=False) or opens(dataset, staff=True)


KEEPERS = frozenset({"head", "handler"})
"""Duties at the provider whose holders see the grants of its datasets."""


def may_give(person: Person, provider: str | None, organizations: Mapping[str, Organization]) -> bool:
    """Say whether ``person`` may give and revoke grants for data of ``provider`` (id of its organisation; Arts. 5, 6, 19, 24).

    The head of the provider may, the competent department for its area, and a sysadmin.
    """
    return person.sysadmin or (provider is not None and bool(duties.standings(person, provider, organizations)))


def may_consent(person: Person, provider: str | None) -> bool:
    """Say whether ``person`` may consent to the storing of the provider's data: its head, and a sysadmin for it (Art. 34(5)).

    The competent department gives grants, but doesn't consent in the provider's place.
    """
    if person.sysadmin or provider is None:
        return person.sysadmin
    return any(held.duty == "head" and held.organization_id == provider for held in person.duties)


def may_oversee(person: Person, provider: str | None, organizations: Mapping[str, Organization]) -> bool:
    """Say whether ``person`` may see every grant for data of ``provider``: who gives them, its handlers, and inspectors (Art. 31)."""
    if may_give(person, provider, organizations):
        return True
    if provider is None:
        return False
    if any(held.duty in KEEPERS and held.organization_id == provider for held in person.duties):
        return True
    inspected = duties.areas(person, "inspector", organizations)
    return bool(inspected & {access.CITY, district_of(provider, organizations)})
