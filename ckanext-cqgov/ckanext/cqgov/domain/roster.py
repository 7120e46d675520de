"""The list of organisations that an operator imports, matched against what exists and turned into a plan.

One bad row never stops the rest: it is rejected with the column, the value, what is wrong and how to mend it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from ckanext.cqgov.domain.identifiers import readable_name
from ckanext.cqgov.domain.organization import Directory, Organization, would_circle
from ckanext.cqgov.domain.roster_rows import COLUMNS, Refused, headings, read, whole
from ckanext.cqgov.domain.text import Text, folded


@dataclass(frozen=True)
class Reject:
    """Why one row was not taken: column, value, what is wrong, how to mend it."""

    row: int
    column: str
    value: str
    problem: Text
    remedy: Text


@dataclass(frozen=True)
class Taken:
    """One row that is taken: ``outcome`` is created, updated or unchanged."""

    row: int
    outcome: str
    organization: Organization
    before: Organization | None
    changed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """What an import will do, and what it will not."""

    taken: tuple[Taken, ...]
    rejected: tuple[Reject, ...]
    unknown_columns: tuple[str, ...] = ()


@dataclass
class _Draft:
    row: int
    given: dict[str, Any]
    links: dict[str, str] = field(default_factory=dict)
    organization: Organization | None = None
    before: Organization | None = None


def changes(before: Organization, after: Organization) -> tuple[str, ...]:
    """Return the names of the fields that differ."""
    return tuple(one.name for one in fields(Organization) if getattr(before, one.name) != getattr(after, one.name))


def cleared(columns: Iterable[str]) -> dict[str, Any]:
    """Return the fields of ``columns`` at their empty values; title, name and kind can't be emptied."""
    links = {"parent": "parent_id", "successor": "successor_id"}
    empty = {one.name: one.default for one in fields(Organization)}
    names = (links.get(column, column) for column in columns if column not in ("title", "name", "kind"))
    return {name: empty[name] for name in names}


def detail(taken: Taken) -> dict[str, Any]:
    """Return what the ledger keeps of a row: everything of a new organisation, old and new of a changed one."""
    if taken.before is None:
        return {one.name: value for one in fields(Organization) if (value := getattr(taken.organization, one.name))}
    return {key: [getattr(taken.before, key), getattr(taken.organization, key)] for key in taken.changed}


class Planner:
    """Turns rows into a plan against what exists; pure, so a dry run is the same walk."""

    def __init__(
        self,
        existing: Iterable[Organization],
        taken_names: Collection[str],
        known_division: Callable[[str], bool],
        new_id: Callable[[], str],
        taken_usccs: Collection[str] = (),
    ) -> None:
        """Take all organisations that exist, the divisions, and a maker of ids.

        ``taken_names`` and ``taken_usccs`` are all that the database holds, those of groups and deleted organisations
        too.
        """
        self.existing = {one.id: one for one in existing}
        self.taken = set(taken_names)
        self.taken_usccs = set(taken_usccs)
        self.known_division = known_division
        self.new_id = new_id
        self.rejected: list[Reject] = []
        self.drafts: dict[str, _Draft] = {}
        self.by_name = {one.name: one for one in self.existing.values()}
        self.by_uscc = {one.uscc: one for one in self.existing.values() if one.uscc}
        self.by_title: dict[str, list[Organization]] = {}
        for one in self.existing.values():
            self.by_title.setdefault(folded(one.title), []).append(one)
        self.seen: dict[tuple[str, str], int] = {}

    def plan(self, rows: Iterable[tuple[int, Mapping[Any, Any]]], as_id: str | None = None) -> Plan:
        """Return the plan for ``(row number, row)`` pairs; ``as_id`` says which organisation a single row is of."""
        unknown: dict[str, None] = {}
        for number, raw in rows:
            try:
                if not isinstance(raw, Mapping):
                    raise Refused("", raw, "row")
                row, strangers = headings(raw)
                unknown.update(dict.fromkeys(strangers))
                self._take(number, row, as_id)
            except Refused as refused:
                self.rejected.append(Reject(number, *refused.parts))
        while self._link():
            pass
        taken = tuple(self._outcome(draft) for draft in self.drafts.values())
        return Plan(taken, tuple(sorted(self.rejected, key=lambda one: one.row)), tuple(unknown))

    def _take(self, number: int, row: Mapping[str, Any], as_id: str | None) -> None:
        given, links = read(row, self.known_division)
        before = self._match(given) if as_id is None else self.existing[as_id]
        holder = self.by_uscc.get(given.get("uscc", ""))
        if holder is not None and before is not None and holder.id != before.id:
            raise Refused("uscc", given["uscc"], "two")
        if holder is None and given.get("uscc") in self.taken_usccs:
            raise Refused("uscc", given["uscc"], "deleted")
        keys = [("uscc", given["uscc"])] if "uscc" in given else []
        keys += [("name", given["name"])] if "name" in given else []
        if not keys or before is not None:
            keys.append(("id", before.id) if before else ("title", folded(given["title"])))
        for key in keys:
            if key in self.seen:
                raise Refused(key[0] if key[0] in COLUMNS else "title", given["title"], "twice", row=self.seen[key])
        wanted = given.get("name")
        if wanted in self.taken and (before is None or before.name != wanted):
            raise Refused("name", wanted, "taken")
        if before is None:
            given.setdefault("name", readable_name(given["title"], self.taken))
            one = whole(Organization(id=self.new_id(), **given))
        else:
            if folded(before.title) != folded(given["title"]) and before.title:
                former = (*before.former_names, *given.get("former_names", ()), before.title)
                given["former_names"] = tuple(dict.fromkeys(former))
            one = whole(replace(before, **given))
        self.taken.add(one.name)
        self.seen.update(dict.fromkeys(keys, number))
        self.drafts[one.id] = _Draft(number, given, links, one, before)

    def _match(self, given: Mapping[str, Any]) -> Organization | None:
        by_uscc, by_name = self.by_uscc.get(given.get("uscc", "")), self.by_name.get(given.get("name", ""))
        if by_uscc and by_name and by_uscc.id != by_name.id:
            raise Refused("uscc", given["uscc"], "two")
        if by_uscc or by_name:
            return by_uscc or by_name
        if "name" in given:
            return None
        same = [
            one
            for one in self.by_title.get(folded(given["title"]), [])
            if not (one.uscc and given.get("uscc")) or one.uscc == given.get("uscc")
        ]
        if len(same) > 1:
            raise Refused("title", given["title"], "same-title")
        return same[0] if same else None

    def _link(self) -> bool:
        """Resolve parents and successors; return whether a row fell, since others may have named it."""
        now = {**self.existing, **{key: draft.organization for key, draft in self.drafts.items()}}
        directory = Directory(now.values())
        parents = {key: one.parent_id for key, one in now.items()}
        fallen = []
        for key, draft in self.drafts.items():
            try:
                found = {f"{link}_id": self._find(directory, link, name) for link, name in draft.links.items()}
                if found.get("successor_id") == key:
                    raise Refused("successor", draft.links["successor"], "self")
                if would_circle(key, found.get("parent_id"), parents):
                    raise Refused("parent", draft.links["parent"], "circle")
                draft.organization = replace(draft.organization, **found)
                parents[key] = draft.organization.parent_id
            except Refused as refused:
                self.rejected.append(Reject(draft.row, *refused.parts))
                fallen.append(key)
        for key in fallen:
            del self.drafts[key]
        return bool(fallen)

    @staticmethod
    def _find(directory: Directory, link: str, name: str) -> str:
        found = directory.candidates(name)
        if len(found) != 1:
            raise Refused(link, name, "ambiguous" if found else "unknown")
        return found.pop()

    @staticmethod
    def _outcome(draft: _Draft) -> Taken:
        one, before = draft.organization, draft.before
        if before is None:
            return Taken(draft.row, "created", one, None)
        changed = changes(before, one)
        return Taken(draft.row, "updated" if changed else "unchanged", one, before, changed)
