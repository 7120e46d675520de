"""A facet whose values stand above and below each other: the providers of what was found, as a tree.

The index gives for each organisation how many entries it and all below it provide; here these counts take their places.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Branch:
    """One value with those below it. ``total`` is how many entries a click finds; ``None`` where a click widens the
    search (the value stands above a selected one), because the counts of a narrowed search do not say that."""

    name: str
    total: int | None
    selected: bool
    open: bool
    children: tuple[Branch, ...]


def grown(
    counts: Mapping[str, int],
    parents: Mapping[str, str | None],
    selected: Collection[str],
    order: Callable[[str], object] = str,
) -> tuple[Branch, ...]:
    """Return the tree of the values that have entries or are selected, the largest first, equal ones by ``order``.

    ``parents`` gives the value above each. A value whose superior has no entries hangs below the next one that has, and one that
    would be its own superior is a root. A lone root is open, and so is everything above a selected value and that itself.
    """
    present = dict.fromkeys([*counts, *selected])
    above = {name: _superior(name, parents, present) for name in present}
    below: dict[str | None, list[str]] = {}
    for name in present:
        below.setdefault(above[name], []).append(name)
    path = {name for chosen in selected for name in _line(chosen, above)[1:]}

    def branches(parent: str | None, alone: bool) -> tuple[Branch, ...]:
        names = sorted(below.get(parent, ()), key=lambda name: (-counts.get(name, 0), order(name), name))
        alone = alone and len(names) == 1
        return tuple(
            Branch(
                name,
                None if name in path else counts.get(name, 0),
                name in selected,
                alone or name in path or name in selected,
                branches(name, alone),
            )
            for name in names
        )

    return branches(None, True)


def _line(name: str, above: Mapping[str, str | None]) -> list[str]:
    found = [name]
    while (parent := above.get(found[-1])) and parent not in found:
        found.append(parent)
    return found


def _superior(name: str, parents: Mapping[str, str | None], present: Collection[str]) -> str | None:
    line = _line(name, parents)
    if parents.get(line[-1]) in line:  # a circle in the data: its smallest name is the root of all others
        line = line[: line.index(min(line)) + 1] if name != min(line) else [name]
    return next((one for one in line[1:] if one in present), None)
