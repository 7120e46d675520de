"""Who sees what of a dataset: one table for every viewer, classification and publication state (Arts. 5, 6, 16, 19, 22, 30, 31).

Three projections are made of ``TABLE``, and nothing else decides: ``access`` for one dataset, ``labels_of`` and ``labels_for``
for lists (whoever has a label in common with a dataset sees its catalogue entry), and the conditions of
``model.visibility`` for the database. What no row permits is refused; a classification or a state that nobody knows is
read as the strictest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum, StrEnum

CITY = "city"
"""The area of those who oversee or inspect the whole city; any other area is the id of a district's government."""

CLOSED, CONDITIONAL, UNCONDITIONAL = "closed", "conditional", "unconditional"


class Level(IntEnum):
    """How much of a dataset somebody sees; who sees ``NONE`` can't tell it from one that does not exist."""

    NONE = 0
    CATALOGUE = 1
    DATA = 2


class Standing(StrEnum):
    """How far a dataset has come: the states of publication."""

    DRAFT = "draft"
    REGISTERED = "registered"
    RELEASED = "released"
    PUBLISHED = "published"
    DELETED = "deleted"


class Audience(StrEnum):
    """As whom somebody looks at a dataset; the values are the labels in the search index."""

    PUBLIC = "public"
    STAFF = "staff"
    MEMBER = "member"
    CREATOR = "creator"
    REVIEWER = "reviewer"
    AUTHORITY = "authority"
    INSPECTOR = "inspector"
    SYSADMIN = "sysadmin"


@dataclass(frozen=True)
class Dataset:
    """What of a dataset decides over access.

    ``state`` is CKAN's; ``published``: not private and active, and its opening type is listed; ``released``: the head
    has let the closed entry into the sharing catalogue for staff. ``provider`` and ``district`` are ids of organisations
    (``district`` None for the city's own), ``creator`` the id of who made an entry that has no provider.
    """

    id: str
    provider: str | None
    district: str | None
    state: str
    published: bool
    released: bool
    opening_type: str | None
    sharing_type: str | None
    creator: str | None = None


@dataclass(frozen=True)
class Viewer:
    """Who looks; the default is a visitor of whom nothing is known.

    ``staff``: holds a duty of a department today. ``member_of`` and ``reviews``: ids of the organisations whose staff, or
    confidentiality reviewer, they are; ``oversees`` and ``inspects``: areas (``CITY`` or ids of districts); ``granted``: ids of
    the datasets for which they hold a valid grant.
    """

    id: str | None = None
    sysadmin: bool = False
    staff: bool = False
    member_of: frozenset[str] = frozenset()
    oversees: frozenset[str] = frozenset()
    inspects: frozenset[str] = frozenset()
    reviews: frozenset[str] = frozenset()
    granted: frozenset[str] = frozenset()


ANONYMOUS = Viewer()
SYSTEM = Viewer(sysadmin=True)
"""The portal's own code, which acts for nobody."""


@dataclass(frozen=True)
class Rule:
    """One row: ``audience`` sees ``level`` of a dataset that stands so and is classified so.

    ``None`` for a classification is any, even an unknown one. ``granted``: only with a grant for the dataset.
    """

    audience: Audience
    standings: frozenset[Standing]
    opening: str | None
    sharing: str | None
    granted: bool
    level: Level
    article: str


def _at(*standings: Standing) -> frozenset[Standing]:
    return frozenset(standings)


PUBLISHED, RELEASED = _at(Standing.PUBLISHED), _at(Standing.RELEASED)
ANY = frozenset(Standing)
NO_DRAFT = ANY - {Standing.DRAFT}

TABLE: tuple[Rule, ...] = (
    Rule(Audience.PUBLIC, PUBLISHED, UNCONDITIONAL, None, False, Level.DATA, "22"),
    Rule(Audience.PUBLIC, PUBLISHED, CONDITIONAL, None, False, Level.CATALOGUE, "22"),
    Rule(Audience.PUBLIC, PUBLISHED, CONDITIONAL, None, True, Level.DATA, "24"),
    Rule(Audience.STAFF, PUBLISHED, CONDITIONAL, UNCONDITIONAL, False, Level.DATA, "16"),
    Rule(Audience.STAFF, RELEASED, CLOSED, UNCONDITIONAL, False, Level.DATA, "16"),
    Rule(Audience.STAFF, RELEASED, CLOSED, CONDITIONAL, False, Level.CATALOGUE, "16"),
    Rule(Audience.STAFF, RELEASED, CLOSED, CONDITIONAL, True, Level.DATA, "19"),
    Rule(Audience.MEMBER, ANY, None, None, False, Level.DATA, "6"),
    Rule(Audience.CREATOR, ANY, None, None, False, Level.DATA, "6"),
    Rule(Audience.REVIEWER, ANY, None, None, False, Level.DATA, "30"),
    Rule(Audience.AUTHORITY, NO_DRAFT, None, None, False, Level.CATALOGUE, "5"),
    Rule(Audience.INSPECTOR, NO_DRAFT, None, None, False, Level.DATA, "31"),
    Rule(Audience.SYSADMIN, ANY, None, None, False, Level.DATA, "29"),
)


def is_listed(state: str | None, private: bool | None, opening_type: str | None) -> bool:
    """Say whether the public finds the entry: active, not private, of a listed opening type; what is not known is not (Art. 22)."""
    return state == "active" and private is False and opening_type in (CONDITIONAL, UNCONDITIONAL)


def standing(dataset: Dataset) -> Standing:
    """Return how far the dataset has come; of what contradicts itself, the stricter."""
    if dataset.state == "deleted":
        return Standing.DELETED
    if dataset.state != "active":
        return Standing.DRAFT
    if dataset.published and dataset.opening_type in (CONDITIONAL, UNCONDITIONAL):
        return Standing.PUBLISHED
    if dataset.released and dataset.opening_type == CLOSED:
        return Standing.RELEASED
    return Standing.REGISTERED


def access(viewer: Viewer, dataset: Dataset) -> Level:
    """Return how much of ``dataset`` is open to ``viewer``: the most that any row of the table permits (Arts. 16, 19, 22, 31)."""
    return max((rule.level for rule in _permitting(viewer, dataset)), default=Level.NONE)


def labels_of(dataset: Dataset) -> tuple[str, ...]:
    """Return the labels of those who see the dataset's catalogue entry; ``("public",)`` alone where everybody does."""
    audiences = [rule.audience for rule in TABLE if not rule.granted and _applies(rule, dataset)]
    if Audience.PUBLIC in audiences:
        return (Audience.PUBLIC.value,)
    found = (label(audience, key) for audience in audiences for key in sorted(dataset_keys(audience, dataset)))
    return tuple(dict.fromkeys(found))


def labels_for(viewer: Viewer) -> tuple[str, ...]:
    """Return the labels that ``viewer`` bears; with one in common with ``labels_of`` a dataset is in the viewer's lists."""
    return tuple(label(audience, key) for audience in Audience for key in sorted(viewer_keys(audience, viewer)))


def bearer(labels: Iterable[str]) -> Viewer:
    """Return the viewer who bears ``labels``, as far as the catalogue goes: the inverse of ``labels_for``, without grants.

    What is no label of ours gives nothing.
    """
    keys: dict[str, set[str]] = {}
    for each in labels:
        audience, _, key = each.partition("-")
        keys.setdefault(audience, set()).add(key)

    def held(audience: Audience) -> frozenset[str]:
        return frozenset(keys.get(audience.value, ())) - {""}

    return Viewer(
        id=next(iter(sorted(held(Audience.CREATOR))), None),
        sysadmin="" in keys.get(Audience.SYSADMIN.value, ()),
        staff="" in keys.get(Audience.STAFF.value, ()),
        member_of=held(Audience.MEMBER),
        oversees=held(Audience.AUTHORITY),
        inspects=held(Audience.INSPECTOR),
        reviews=held(Audience.REVIEWER),
    )


def label(audience: Audience, key: str) -> str:
    """Return the label of an audience, ``member-<id>`` where it has a key."""
    return f"{audience}-{key}" if key else audience.value


def dataset_keys(audience: Audience, dataset: Dataset) -> frozenset[str]:
    """Return by what the audience is bound to ``dataset``: ids, areas, or the empty key of who is not bound by anything."""
    if audience in (Audience.MEMBER, Audience.REVIEWER):
        return frozenset(filter(None, [dataset.provider]))
    if audience is Audience.CREATOR:
        return frozenset(filter(None, [None if dataset.provider else dataset.creator]))
    if audience in (Audience.AUTHORITY, Audience.INSPECTOR):
        return frozenset(filter(None, [CITY, dataset.district]))
    return frozenset([""])


def viewer_keys(audience: Audience, viewer: Viewer) -> frozenset[str]:
    """Return the keys with which ``viewer`` is one of the audience; none when they are not."""
    one = frozenset([""])
    keys: dict[Audience, frozenset[str]] = {
        Audience.PUBLIC: one,
        Audience.STAFF: one if viewer.staff else frozenset(),
        Audience.MEMBER: viewer.member_of,
        Audience.CREATOR: frozenset(filter(None, [viewer.id])),
        Audience.REVIEWER: viewer.reviews,
        Audience.AUTHORITY: viewer.oversees,
        Audience.INSPECTOR: viewer.inspects,
        Audience.SYSADMIN: one if viewer.sysadmin else frozenset(),
    }
    return keys[audience]


CONCERNED = (Audience.SYSADMIN, Audience.MEMBER, Audience.REVIEWER, Audience.AUTHORITY, Audience.INSPECTOR)
"""Those whom it concerns what becomes of an entry: its provider's people, and whoever oversees, reviews or inspects it."""


def concerned(viewer: Viewer, dataset: Dataset) -> bool:
    """Say whether what becomes of the dataset concerns ``viewer`` by a duty or an office (Arts. 5, 6, 30, 31)."""
    return any(viewer_keys(each, viewer) & dataset_keys(each, dataset) for each in CONCERNED)


def _permitting(viewer: Viewer, dataset: Dataset) -> Iterator[Rule]:
    for rule in TABLE:
        if rule.granted and dataset.id not in viewer.granted:
            continue
        if _applies(rule, dataset) and viewer_keys(rule.audience, viewer) & dataset_keys(rule.audience, dataset):
            yield rule


def _applies(rule: Rule, dataset: Dataset) -> bool:
    return (
        standing(dataset) in rule.standings
        and rule.opening in (None, dataset.opening_type)
        and rule.sharing in (None, dataset.sharing_type)
    )
