"""Which few pieces of a query are enough together.

Solr counts clauses when so much of a query must match; where some clauses count more than others they would have to be
repeated, and every entry that has one of them be looked at for each repetition. To name the smallest sets of pieces that
are enough is several times quicker, as long as there are few of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

MOST_PIECES = 8
MOST_SETS = 24


def smallest(parts: Sequence[int], least: int) -> list[tuple[int, ...]] | None:
    """Return the smallest sets of places in ``parts`` whose sum is at least ``least``; ``None`` when there are too many.

    No set holds another one.

    >>> smallest([3, 2, 1], 4)
    [(0, 1), (0, 2)]
    """
    if len(parts) > MOST_PIECES:
        return None
    found: list[tuple[int, ...]] = []
    for size in range(1, len(parts) + 1):
        for places in combinations(range(len(parts)), size):
            if sum(parts[place] for place in places) >= least and not any(set(each) <= set(places) for each in found):
                found.append(places)
                if len(found) > MOST_SETS:
                    return None
    return found
