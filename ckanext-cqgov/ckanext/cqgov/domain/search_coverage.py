"""How much of a query an entry must have, measured in what its pieces say: by how many entries have them.

So 渝中|中区|区停|停车|车场 needs no 区停, which nobody wrote, and 统计信息 is not found by every entry with 信息.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass

from ckanext.cqgov.domain import search_weights as weights
from ckanext.cqgov.domain.search_reading import Piece, Reading

STRICT, WIDE, LOOSE, PAIRED = range(4)
"""How much of a query an entry must have; ``PAIRED``: any two pieces, for single characters say little one by one."""

FINE = 24
"""In how many parts the whole of a query is counted when it is said how much must be found."""

LINKING = "的"
"""A pair with this character says nothing about an entry."""


def terms_to_count(reading: Reading) -> list[str]:
    """Return the index terms whose frequency decides how much must be found; none when one piece is all there is."""
    if len(reading.pieces) < 2:
        return []
    return list(dict.fromkeys(term for piece in reading.pieces for way in piece.ways for term in way))


def says(piece: Piece, frequency: Callable[[str], int], total: int) -> float:
    """Return how much a piece says about an entry that has it; 0 for one that nobody wrote.

    Each pair of a longer word counts, so that a known word says as much as the pairs it would be cut into.
    """
    found = sum(min(frequency(term) for term in way) for way in piece.ways)
    if not found or all(LINKING in term and len(term) == 2 for term in piece.ways[0]):
        return 0.0
    return len(piece.ways[0]) * math.log(1 + max(total, found) / found)


def telling(characters: Iterable[str], known: Container[str], frequencies: Mapping[str, int], total: int) -> list[str]:
    """Return the characters by which entries can be told apart: known as words of their own, or rare.

    One rare character of several says nothing of what was asked for: 锁 of 门锁坏了 stands in 连锁. Then there are none.
    """
    given = list(characters)
    most = max(weights.ENOUGH, total * weights.TELLING)
    found = [each for each in given if each in known or 0 < frequencies.get(each, 0) <= most]
    return found if len(found) != 1 or len(given) == 1 or found[0] in known else []


@dataclass(frozen=True)
class Coverage:
    """Of ``parts`` (how much each piece counts) so many, ``least``, must be found."""

    parts: Mapping[Piece, int]
    least: int


def coverage(reading: Reading, frequencies: Mapping[str, int] | None, total: int, width: int) -> Coverage | None:
    """Return how much of the query an entry must have; ``None`` when any piece is enough.

    A lone character beside words is never enough: 2021年 is not found by every entry with a 年 in it.

    ``frequencies`` are the numbers of entries with each term (``None`` when the index does not say: then every piece counts
    alike), ``width`` is ``STRICT``, ``WIDE``, ``LOOSE`` or ``PAIRED``.
    """
    if width == PAIRED:
        return Coverage(dict.fromkeys(reading.pieces, 1), min(2, len(reading.pieces)))
    shares = _shares(reading, frequencies, total)
    telling = [piece for piece in reading.pieces if not piece.lone]
    beside = 0 < len(telling) < len(reading.pieces)
    any_of_them = Coverage(dict.fromkeys(shares or telling, 1), 1) if beside else None
    if len(shares) < 2:
        return any_of_them
    needed = weights.COVERED_FEW.get(len(shares), weights.COVERED)
    if width != STRICT:
        needed = min(needed, weights.COVERED_WIDELY if width == WIDE else weights.COVERED_LOOSELY)
    if needed == 1.0:
        return Coverage(dict.fromkeys(shares, 1), len(shares))
    parts = {piece: max(1, round(share * FINE)) for piece, share in shares.items()}
    common = math.gcd(*parts.values())
    parts = {piece: count // common for piece, count in parts.items()}
    least = math.ceil(needed * sum(parts.values()) - 1e-9)
    return Coverage(parts, least) if least > min(parts.values()) else any_of_them


def _shares(reading: Reading, frequencies: Mapping[str, int] | None, total: int) -> dict[Piece, float]:
    """Return which part of all that the query says each piece says, without those that say nothing: the lone characters beside words."""
    if frequencies is None:
        said = dict.fromkeys(reading.pieces, 1.0)
    else:
        said = {piece: says(piece, lambda term: frequencies.get(term, 0), total) for piece in reading.pieces}
    if not all(piece.lone for piece in reading.pieces):
        said = {piece: amount for piece, amount in said.items() if not piece.lone}
    everything = sum(said.values())
    return {piece: amount / everything for piece, amount in said.items() if amount}
