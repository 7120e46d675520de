"""The names of organisations as words of the search."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from ckanext.cqgov.domain.organization import Organization
from ckanext.cqgov.domain.search_terms import NAME, RENAMED, Row, key_of
from ckanext.cqgov.domain.term_groups import SHORTEST


def of_organizations(organizations: Iterable[Organization], managed: Iterable[Row] = ()) -> Iterator[Row]:
    """Yield the names of organisations: title and aliases are one thing's names, former ones lead to the title.

    So do the names of one that gave way to another. A name that two organisations bear is a word, but stands for
    neither of them: guessing would search for the wrong one. Where ``managed`` words say what a name means, they decide.
    """
    known = {one.id: one for one in organizations}
    decided = {(row.kind, key_of(row.word)) for row in managed}
    today = {one.id: _usable((one.title, *one.aliases)) for one in known.values()}
    former = {one.id: _usable(one.former_names) for one in known.values()}
    bearers = Counter(key for names in today.values() for key in names)
    bearers_then = Counter(key for names in former.values() for key in names)
    for one in known.values():
        group = f"organization:{one.id}"
        names = {key: name for key, name in today[one.id].items() if (NAME, key) not in decided}
        for key, name in names.items():
            yield Row(group if bearers[key] == 1 else f"shared:{key}", name, NAME)
        then = {key: name for key, name in former[one.id].items() if bearers_then[key] == 1 and key not in bearers}
        yield from _renamed(group, then, one, decided)
        if (heir := known.get(one.successor_id or "")) is not None:
            yield from _renamed(
                f"{group}:heir", {key: name for key, name in names.items() if bearers[key] == 1}, heir, decided
            )


def _usable(names: Iterable[str]) -> dict[str, str]:
    """Return names by their keys, without those too short to be found in a query."""
    keys = {key_of(name): name for name in names}
    return {key: name for key, name in keys.items() if len(key) >= SHORTEST}


def _renamed(group: str, names: dict[str, str], heir: Organization, decided: set[tuple[str, str]]) -> Iterator[Row]:
    """Yield rows that lead from ``names`` to the title of ``heir``."""
    left = [name for key, name in names.items() if (RENAMED, key) not in decided and key != key_of(heir.title)]
    if left and len(key_of(heir.title)) >= SHORTEST:
        yield from (Row(group, name, RENAMED) for name in left)
        yield Row(group, heir.title, RENAMED, True)
