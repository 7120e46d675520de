"""Rows ``search-quality.*``: how well people find things, ours beside stock CKAN and the ways of cutting Chinese tried before.

All systems answer the same judged queries over the same two real catalogues; ours through ``package_search`` as any caller
gets it. A table with every system is printed and kept as ``var/search-quality.json``.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from statistics import mean, median
from typing import Any

from tests.bench import catalogue, judged, pooling, relevance
from tests.bench.analysers import BEFORE, SPLIT, STOCK, Answer
from tests.bench.judged import FOLDER, Query
from tests.bench.measure import Row

OURS = "ours"
BETTER = 0.02  # what nDCG must gain on the best row tried before
OUTPUT = Path(__file__).resolve().parents[2] / "var" / "search-quality.json"
JUDGMENTS = Path(os.environ.get("BENCH_JUDGMENTS") or FOLDER / "judgments.jsonl.gz")


@dataclass(frozen=True)
class Score:
    """How a system did on one query."""

    ndcg: float
    precision: float
    recall: float | None
    empty: bool
    hits: int
    unjudged: int


def score(answer: Answer, grades: relevance.Grades) -> Score:
    """Return how good an answer is by the grades of its query."""
    found = answer.ranking
    return Score(
        relevance.ndcg(found, grades),
        relevance.precision(found, grades),
        relevance.recall(found, grades),
        relevance.empty(found, grades),
        answer.hits,
        relevance.unjudged(found, grades),
    )


@dataclass(frozen=True)
class Board:
    """The scores of every system, each in the order of the queries."""

    queries: Sequence[Query]
    scores: Mapping[str, Sequence[Score]]

    def ndcg(self, system: str, chosen: Callable[[Query], bool] = lambda query: True) -> list[float]:
        """Return a system's nDCG@10 on the chosen queries."""
        return [score.ndcg for query, score in zip(self.queries, self.scores[system], strict=True) if chosen(query)]

    def figures(self, system: str) -> dict[str, float]:
        """Return a system's means over all queries (``hits``: also the median), and counts of empty and unjudged."""
        scores = self.scores[system]
        recalls = [score.recall for score in scores if score.recall is not None]
        return {
            "ndcg": mean(score.ndcg for score in scores),
            "precision": mean(score.precision for score in scores),
            "recall": mean(recalls) if recalls else 0.0,
            "empty": sum(score.empty for score in scores),
            "hits": mean(score.hits for score in scores),
            "hits_median": median(score.hits for score in scores),
            "unjudged": sum(score.unjudged for score in scores),
        }

    def best(self) -> str:
        """Return the best of the rows to beat, by nDCG."""
        return max((system for system in self.scores if system in BEFORE), key=lambda name: mean(self.ndcg(name)))


def board(queries: Sequence[Query], answers: Mapping[str, Sequence[Answer]], grades: Mapping[str, Any]) -> Board:
    """Return the scores of every system.

    Raises ``ValueError`` when a query has no document that even touches its subject: nothing could be measured on it.
    """
    blank = [query.id for query in queries if not any(grades.get(query.id, {}).values())]
    if blank:
        raise ValueError(f"nothing relevant is judged for {', '.join(blank)}")
    return Board(
        queries,
        {
            name: [score(answer, grades[query.id]) for query, answer in zip(queries, found, strict=True)]
            for name, found in answers.items()
        },
    )


def graded(queries: Sequence[Query], grades: Mapping[str, Any]) -> list[Query]:
    """Return the queries that somebody has judged; the others are said and left out, for nothing could be measured."""
    left = [query.id for query in queries if query.id not in grades]
    if left:
        print(f"not judged yet and left out: {', '.join(left)}", file=sys.stderr)
    return [query for query in queries if query.id in grades]


@cache
def measured() -> Board:
    """Ask every system every judged query, once for all rows; print and keep the table."""
    grades = judged.judgments(JUDGMENTS)
    queries = graded(judged.queries(), grades)
    with catalogue.loaded():
        result = board(queries, pooling.systems(queries), grades)
    print(table(result), file=sys.stderr)
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text(json.dumps(kept(result), ensure_ascii=False, indent=1) + "\n", "utf-8")
    return result


def table(result: Board) -> str:
    """Return the table of all systems, the best nDCG first."""
    lines = ["nDCG@10  P@10   R@200  empty  hits/query (median)  unjudged@10  system"]
    for name in sorted(result.scores, key=lambda name: -mean(result.ndcg(name))):
        each = result.figures(name)
        lines.append(
            f"{each['ndcg']:7.3f} {each['precision']:6.3f} {each['recall']:6.3f} {each['empty']:6.0f} "
            f"{each['hits']:11.1f} ({each['hits_median']:6.1f}) {each['unjudged']:11.0f}  {name}"
        )
    return "\n".join(lines)


def kept(result: Board) -> dict[str, Any]:
    """Return what is worth reading afterwards: the figures of every system, by kind and half, and each query."""
    kinds = dict.fromkeys(query.kind for query in result.queries)
    halves = dict.fromkeys(query.half for query in result.queries)
    return {
        "systems": {name: result.figures(name) for name in result.scores},
        "kinds": {kind: {name: mean(result.ndcg(name, _of(kind))) for name in result.scores} for kind in kinds},
        "halves": {half: {name: mean(result.ndcg(name, _in(half))) for name in result.scores} for half in halves},
        "queries": [
            {**asdict(query), **{name: asdict(scores[place]) for name, scores in result.scores.items()}}
            for place, query in enumerate(result.queries)
        ],
    }


def _of(kind: str) -> Callable[[Query], bool]:
    return lambda query: query.kind == kind


def _in(half: str) -> Callable[[Query], bool]:
    return lambda query: query.half == half


def gained() -> dict[str, Any]:
    """Return what the nDCG row tells: the gain on the best row with its interval, and the same on parts of the queries.

    The row holds when the gain is ``BETTER`` at least and the whole interval lies above nothing; its bound is the ratio
    which that gain means.
    """
    result = measured()
    peer = result.best()

    def gain(chosen: Callable[[Query], bool] = lambda query: True) -> dict[str, float] | None:
        if not any(map(chosen, result.queries)):  # nobody has graded these yet
            return None
        found = relevance.paired(result.ndcg(OURS, chosen), result.ndcg(peer, chosen))
        return {key: round(value, 3) for key, value in asdict(found).items()}

    whole = relevance.paired(result.ndcg(OURS), result.ndcg(peer))
    reached = result.figures(peer)["ndcg"]
    return {
        "bound": round((reached + BETTER) / reached, 3),
        "holds": whole.mean >= BETTER and whole.low > 0,
        "gain": gain(),
        "gain_without_pinyin": gain(lambda query: query.kind != "pinyin"),
        "gain_on_queries_never_tuned_by": gain(_in("check")),
        "gain_on_queries_held_back": gain(_in("held")),
        "queries": len(result.queries),
        "unjudged_in_top_10": {name: result.figures(name)["unjudged"] for name in (OURS, peer)},
        "stock_ckan": round(result.figures(STOCK)["ndcg"], 3),
    }


def side(system: str, figure: str) -> Callable[[], float]:
    """Return the side of a row: one figure of one system."""
    return lambda: float(measured().figures(system)[figure])


def row(figure: str, unit: str, better: str, bound: float, peers: Sequence[str], **further: Any) -> Row:
    """Return the row of one figure; it is measured once, for the same answers give the same figures."""
    name = f"search-quality.{figure}"
    sides = {peer: side(peer, figure) for peer in peers}
    return Row(name, unit, better, bound, side(OURS, figure), sides, rounds=1, **further)


ROWS = [
    row("ndcg", "nDCG@10", "higher", 1 + BETTER, list(BEFORE), said=gained),
    row("precision", "P@10", "higher", 1.0, list(BEFORE)),
    row("recall", "R@200", "higher", 0.95, list(BEFORE)),
    row("empty", "queries", "lower", 0.0, [STOCK]),
    row("hits", "hits/query", "lower", 0.5, [SPLIT]),
]
