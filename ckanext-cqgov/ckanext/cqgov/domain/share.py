"""How a total is shared out over a bar: pure arithmetic for the small charts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """One part of a bar: where it starts and how wide it is (per cent of the bar), and its share in whole per cent."""

    code: str
    count: int
    start: float
    width: float
    percent: int


def bar(counts: Sequence[tuple[str, int]]) -> list[Part]:
    """Return the parts of a bar for ``(code, count)`` pairs, in their order.

    The shares are whole per cents that add up to 100 (the largest remainders are rounded up); with a total of 0 all are 0.
    Raises ``ValueError`` for a negative count.
    """
    if any(count < 0 for _, count in counts):
        raise ValueError("a count is negative")
    total = sum(count for _, count in counts)
    exact = [count * 100 / total if total else 0.0 for _, count in counts]
    whole = [int(share) for share in exact]
    for place in sorted(range(len(exact)), key=lambda i: exact[i] - whole[i], reverse=True)[
        : (100 - sum(whole)) if total else 0
    ]:
        whole[place] += 1
    parts, start = [], 0.0
    for (code, count), width, percent in zip(counts, exact, whole, strict=True):
        parts.append(Part(code, count, round(start, 3), round(width, 3), percent))
        start += width
    return parts
