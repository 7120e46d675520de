"""What a release brings of groups of words for the search, beside those that an operator keeps."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from ckanext.cqgov.domain.divisions import Division, Divisions
from ckanext.cqgov.domain.search_terms import NAME, RENAMED, key_of
from ckanext.cqgov.domain.term_groups import Group, Holders


def mark(group: Group) -> str:
    """Return a fingerprint of what a group says, whatever its id and note."""
    said: list[object] = [group.kind, sorted(group.words), group.present]
    said += [sorted(group.related)] if group.related else []  # the marks of other groups stay as they are
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


def shipped_key(group: Group) -> str:
    """Return by what a shipped group is known from release to release: its kind and its first word."""
    return f"{group.kind}:{key_of(group.everything[0])}"


@dataclass(frozen=True)
class Delivery:
    """What shipped groups bring: new ones, ones that a release changed and nobody else, and those left alone."""

    created: tuple[Group, ...]
    updated: tuple[Group, ...]
    kept: tuple[Group, ...]
    offered: Mapping[str, str]
    """Key and fingerprint of all that has been offered by now."""


def delivered(
    existing: Mapping[str, Group],
    origin: Mapping[str, str],
    offered: Mapping[str, str],
    shipped: Iterable[Group],
    new_id: Callable[[], str],
) -> Delivery:
    """Return what shipped groups change; what somebody entered, changed or deleted stays as they left it.

    ``existing`` holds the groups by id, ``origin`` the ids of those that were shipped by their key, ``offered`` the
    fingerprints of what was shipped before.
    """
    holders = Holders(existing.values())
    created, updated, kept, now = [], [], [], {}
    for group in shipped:
        key = shipped_key(group)
        now[key] = mark(group)
        if offered.get(key) == now[key]:
            continue  # offered before: what became of it is somebody's decision
        held = existing.get(origin.get(key, ""))
        untouched = held is not None and mark(held) == offered.get(key)
        group = replace(group, id=held.id if held is not None else new_id())
        if (key in offered and not untouched) or holders.faults(group):
            kept.append(group)
            continue
        (updated if held is not None else created).append(group)
        holders.put(group)
    return Delivery(tuple(created), tuple(updated), tuple(kept), {**offered, **now})


SUFFIXES = ("自治县", "区", "县", "市")
PEOPLES = ("土家族", "苗族")


def short_names(name: str) -> tuple[str, ...]:
    """Return how people call a division: 璧山区 also 璧山, 酉阳土家族苗族自治县 also 酉阳自治县, 酉阳县 and 酉阳.

    A name of which one character would be left (忠县) has no short form, and neither has a functional area (两江新区):
    新区 is no suffix, 两江 are two rivers.
    """
    suffix = next((one for one in SUFFIXES if name.endswith(one)), None)
    if suffix is None or name.endswith("新区"):
        return ()
    bare = name.removesuffix(suffix)
    if suffix == "自治县":
        for people in PEOPLES:
            bare = bare.replace(people, "")
        return (f"{bare}自治县", f"{bare}县", bare)
    return (bare,) if len(bare) > 1 else ()


def division_groups(divisions: Divisions) -> list[Group]:
    """Return the groups of all divisions: each with its short names, and each that ended with what it became.

    A short form that two divisions share (长寿 of 长寿区 and 长寿县) is that of the one that still exists.
    """
    every = sorted(divisions, key=lambda one: one.valid_to is not None)
    taken = {key_of(one.name) for one in every}
    found: list[Group] = []
    former: dict[str, list[str]] = {}
    for one in every:
        words = [one.name]
        for word in short_names(one.name):
            if key_of(word) not in taken:
                taken.add(key_of(word))
                words.append(word)
        found.append(Group("", NAME, tuple(words)))
        if one.valid_to is not None and (present := _present(divisions, one)) is not None:
            former.setdefault(present.name, []).append(one.name)
    found += [Group("", RENAMED, tuple(words), present) for present, words in former.items()]
    return found


def _present(divisions: Divisions, one: Division) -> Division | None:
    """Return what the division is today, None when nothing followed or it has the same name."""
    successors = divisions.successors(one)
    return successors[-1] if successors and successors[-1].name != one.name else None
