"""Organisations: kinds, levels, the tree, and finding one by any of its names (Art. 2, 4-6, 43)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any

from ckanext.cqgov.domain.text import Text, folded

# The names are those of the rules file; a test holds the two together.
LEVELS: Mapping[str, Text] = {"city": Text("市级", "municipal"), "district": Text("区县级", "district")}

KINDS: Mapping[str, Text] = {
    "city-government": Text("市政府", "municipal government"),
    "district-government": Text("区县（自治县）政府", "district or county government"),
    "city-department": Text("市级政务部门", "municipal department"),
    "district-department": Text("区县政务部门", "district department"),
    "public-institution": Text("事业单位和社会组织", "public institution or social organisation"),
    "public-utility": Text("公共服务企业", "public utility"),
    "central-unit": Text("中央在渝单位", "central unit in Chongqing"),
}

# The level that goes with a kind when none is given; the others exist at both levels.
LEVEL_OF_KIND: Mapping[str, str] = {
    "city-government": "city",
    "city-department": "city",
    "central-unit": "city",
    "district-government": "district",
    "district-department": "district",
}


@dataclass(frozen=True)
class Organization:
    """One organisation. ``valid_to`` is its last day; ``authority`` marks the competent department of its level."""

    id: str
    name: str
    title: str = ""
    description: str = ""
    uscc: str | None = None
    kind: str | None = None
    level: str | None = None
    parent_id: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    successor_id: str | None = None
    division_code: str | None = None
    aliases: tuple[str, ...] = ()
    former_names: tuple[str, ...] = ()
    authority: bool = False
    demo: bool = False

    def valid(self, on: date) -> bool:
        """Say whether the organisation existed on that day."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on <= self.valid_to)


def from_row(row: Mapping[str, Any]) -> Organization:
    """Return the organisation that a database row describes; columns of a missing side row are None."""
    values = {field.name: row[field.name] for field in fields(Organization) if row[field.name] is not None}
    for key in ("aliases", "former_names"):
        values[key] = tuple(values.get(key, ()))
    return Organization(**values)


def succeeded_on(one: Organization) -> date | None:
    """Return the first day of the successor, the day after the last of ``one``; None where there is none."""
    return one.valid_to + timedelta(days=1) if one.successor_id and one.valid_to else None


class Directory:
    """Finds organisations by any of their names. Earlier ways win: title, name, USCC, alias, former name."""

    def __init__(self, organizations: Iterable[Organization]) -> None:
        self._ways: list[dict[str, set[str]]] = [{}, {}, {}, {}, {}]
        self._ids: set[str] = set()
        for one in organizations:
            self.add(one)

    def add(self, one: Organization) -> None:
        """Make ``one`` known under all its names."""
        self._ids.add(one.id)
        ways = ((one.title,), (one.name,), (one.uscc or "",), one.aliases, one.former_names)
        for index, names in zip(self._ways, ways, strict=True):
            for key in filter(None, map(folded, names)):
                index.setdefault(key, set()).add(one.id)

    def candidates(self, name: str) -> set[str]:
        """Return the ids that ``name`` may mean by the first way that knows it; several when it is ambiguous."""
        if name in self._ids:
            return {name}
        key = folded(name)
        return next((set(index[key]) for index in self._ways if key in index), set())

    def find(self, name: str) -> str | None:
        """Return the id that ``name`` means, None when nobody or more than one bears it."""
        found = self.candidates(name)
        return found.pop() if len(found) == 1 else None


def line(group_id: str, parents: Mapping[str, str | None]) -> list[str]:
    """Return ``group_id`` and its ancestors, nearest first; a circle in the data ends the walk."""
    found = [group_id]
    while (above := parents.get(found[-1])) and above not in found:
        found.append(above)
    return found


def would_circle(group_id: str, parent_id: str | None, parents: Mapping[str, str | None]) -> bool:
    """Say whether putting ``group_id`` below ``parent_id`` would make it its own ancestor."""
    return parent_id is not None and group_id in line(parent_id, parents)


def district_of(group_id: str, organizations: Mapping[str, Organization]) -> str | None:
    """Return the id of the district government that ``group_id`` belongs to, None for city-level organisations."""
    parents = {key: one.parent_id for key, one in organizations.items()}
    for above in line(group_id, parents):
        if above in organizations and organizations[above].kind == "district-government":
            return above
    return None


def districts(organizations: Iterable[Organization]) -> dict[str, str | None]:
    """Return ``district_of`` for every one of ``organizations`` by id."""
    known = {one.id: one for one in organizations}
    parents = {key: one.parent_id for key, one in known.items()}
    governments = {key for key, one in known.items() if one.kind == "district-government"}
    return {key: next((above for above in line(key, parents) if above in governments), None) for key in known}


@dataclass(frozen=True)
class Node:
    """An organisation in the tree with its place and counts; ``total`` includes all below it."""

    organization: Organization
    children: tuple[Node, ...]
    count: int
    total: int


# As an official list reads: the government, its departments and other city units, then the districts.
_ORDER = {
    kind: rank
    for rank, kind in enumerate(
        (
            "city-government",
            "city-department",
            "public-institution",
            "public-utility",
            "central-unit",
            "district-government",
            "district-department",
        )
    )
}


def tree(organizations: Iterable[Organization], counts: Mapping[str, int]) -> tuple[Node, ...]:
    """Return the roots of the tree; what names a missing parent, or sits in a circle, is a root."""
    known = {one.id: one for one in organizations}
    parents = {key: one.parent_id if one.parent_id in known else None for key, one in known.items()}
    below: dict[str | None, list[Organization]] = {}
    for one in known.values():
        above = parents[one.id]
        below.setdefault(None if would_circle(one.id, above, parents) else above, []).append(one)

    def node(one: Organization) -> Node:
        children = nodes(one.id)
        count = counts.get(one.id, 0)
        return Node(one, children, count, count + sum(child.total for child in children))

    def nodes(parent: str | None) -> tuple[Node, ...]:
        return tuple(node(one) for one in sorted(below.get(parent, ()), key=_place))

    return nodes(None)


def _place(one: Organization) -> tuple[int, str, str]:
    return (_ORDER.get(one.kind or "", len(_ORDER)), one.division_code or "999999", one.name)


def pruned(nodes: Iterable[Node], query: str) -> tuple[Node, ...]:
    """Return the tree with only what matches ``query`` (part of a name, or a USCC) and what stands above it.

    Counts stay those of the whole tree; a match keeps all that is below it.
    """
    wanted = folded(query)
    if not wanted:
        return tuple(nodes)

    def matches(one: Organization) -> bool:
        names = (one.title, one.name, one.uscc or "", *one.aliases, *one.former_names)
        return any(wanted in folded(name) for name in names)

    kept = []
    for node in nodes:
        if matches(node.organization):
            kept.append(node)
        elif children := pruned(node.children, query):
            kept.append(Node(node.organization, children, node.count, node.total))
    return tuple(kept)


def walk(nodes: Iterable[Node]) -> Iterator[Node]:
    """Yield every node, parents before their children."""
    for node in nodes:
        yield node
        yield from walk(node.children)
