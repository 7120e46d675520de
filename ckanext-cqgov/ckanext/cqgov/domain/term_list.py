"""A list of groups of words for the search, and what importing it would change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from ckanext.cqgov.domain.search_terms import key_of
from ckanext.cqgov.domain.term_groups import FAULTS, Fault, Group, Holders, checked, distinct


@dataclass(frozen=True)
class Entry:
    """One row of a list to be imported: its number in the file, and what it says."""

    row: int
    kind: str
    words: tuple[str, ...]
    present: str = ""
    note: str = ""
    id: str = ""
    related: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """What importing a list would do. With faults nothing is to be written."""

    created: tuple[Group, ...]
    updated: tuple[Group, ...]
    unchanged: int
    faults: tuple[Fault, ...]


def planned(existing: Iterable[Group], entries: Iterable[Entry], new_id: Callable[[], str]) -> Plan:
    """Return what importing ``entries`` changes; importing the same list again changes nothing.

    A row that bears the id of a group says what that group is from now on. Any other row adds its words to the group
    of its kind that holds one of them already, or is a new group. Groups that no row speaks of stay.
    """
    before = {group.id: group for group in existing}
    holders = Holders(before.values())
    faults: list[Fault] = []
    rows: dict[str, int] = {}
    waiting: list[tuple[Entry, Group]] = []
    for entry in entries:
        group, wrong = checked(entry.id, entry.kind, entry.words, entry.present, entry.note, entry.related)
        faults += [replace(fault, row=entry.row) for fault in wrong]
        if wrong:
            continue
        if entry.id in before and entry.id not in rows:  # what replaces comes first: it may give words up for others
            holders.put(group)
            rows[entry.id] = entry.row
        else:
            waiting.append((entry, group))
    faults += _collisions(holders, rows)
    for entry, group in waiting:
        near = holders.of(replace(group, id=""))
        if len(near) > 1:
            text = FAULTS["between"].filled(words="; ".join(one.shown() for one in near))
            faults.append(Fault("words", text, entry.row))
            continue
        if near and near[0].id in rows:
            common = next(word for key, word in group.keys().items() if key in near[0].keys())
            if not _said_before(group, near[0]):
                fault = FAULTS["twice"].filled(word=common, row=rows[near[0].id])
                faults.append(Fault("words", fault, entry.row))
            continue
        if near:
            present = group.present or near[0].present
            words = [word for word in (*near[0].everything, *group.words) if key_of(word) != key_of(present)]
            related = (*near[0].related, *group.related)
            group, wrong = checked(near[0].id, group.kind, words, present, group.note or near[0].note, related)
            faults += [replace(fault, row=entry.row) for fault in wrong]
        else:
            group = replace(group, id=new_id())
        holders.put(group)
        rows[group.id] = entry.row
    touched = [holders.groups[id] for id in rows]
    return Plan(
        tuple(group for group in touched if group.id not in before),
        tuple(group for group in touched if group.id in before and group != before[group.id]),
        sum(group == before.get(group.id) for group in touched),
        tuple(sorted(faults, key=lambda fault: fault.row or 0)),
    )


def _said_before(group: Group, other: Group) -> bool:
    """Return whether ``other`` says all that ``group`` does."""
    said = (
        group.keys().keys() <= other.keys().keys() and distinct(group.related).keys() <= distinct(other.related).keys()
    )
    return said and group.present in ("", other.present)


def _collisions(holders: Holders, rows: Mapping[str, int]) -> list[Fault]:
    """Return a fault for each word that a replaced group took although another group still holds it."""
    again = Holders(())
    order = sorted(holders.groups, key=lambda id: rows.get(id, 0))  # those that stay come before those of the file
    found = []
    for id in order:
        if id in rows:
            found += [replace(fault, row=rows[id]) for fault in again.faults(holders.groups[id])]
        again.put(holders.groups[id])
    return found
