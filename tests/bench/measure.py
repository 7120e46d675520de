"""One row of the bench: our way and the peers' way, run in turn on the same machine, with median and spread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from statistics import median
from typing import Any

Side = Callable[[], float]  # does the work once and returns its figure in the row's unit


@dataclass(frozen=True)
class Row:
    """What is measured. ``ratio`` is ours / peer; ``bound`` is what it must reach, or stay under when lower is better.

    With several peers the best of them counts. ``around`` is entered once for the row, before the first round.
    """

    name: str
    unit: str
    better: str  # higher | lower
    bound: float
    ours: Side
    peers: Mapping[str, Side]
    rounds: int = 3
    around: Callable[[], AbstractContextManager[Any]] = nullcontext
    said: Callable[[], Mapping[str, Any]] = field(default=dict)  # further figures, asked when the row is done


def measured(row: Row) -> dict[str, Any]:
    """Return the row's line for ``bench.json``: the sides are run in turn, so that both see the same weather."""
    figures: dict[str, list[float]] = {"ours": [], **{name: [] for name in row.peers}}
    with row.around():
        for _round in range(row.rounds):
            for name, side in {"ours": row.ours, **row.peers}.items():
                figures[name].append(side())
        said = dict(row.said())
    best = (max if row.better == "higher" else min)(row.peers, key=lambda name: median(figures[name]))
    ours, peer = median(figures["ours"]), median(figures[best])
    ratio = ours / peer
    return {
        "name": row.name,
        "ours": round(ours, 3),
        "peer": round(peer, 3),
        "ratio": round(ratio, 3),
        "better": row.better,
        "bound": row.bound,
        "unit": row.unit,
        "n": row.rounds,
        "holds": ratio >= row.bound if row.better == "higher" else ratio <= row.bound,
        "peer_name": best,
        "spread": {name: [round(min(found), 3), round(max(found), 3)] for name, found in figures.items()},
        **said,
    }
