"""How good a ranking is, measured on graded judgments: nDCG, precision, recall, and how sure a difference is.

A grade is 0 to 3 (``tests/data/search/GUIDE.md``). What nobody judged counts as 0; how often that happened is counted too.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log2

ANSWERS = 2
"""From this grade on a document answers the need, at least in part."""

Grades = Mapping[str, int]  # document -> grade, of one query


def gain(grade: int) -> int:
    """Return what a document of this grade is worth: 0, 1, 3 or 7."""
    return 2**grade - 1


def dcg(grades: Sequence[int]) -> float:
    """Return the discounted gain of grades in ranked order.

    >>> dcg([3, 0, 1])
    7.5
    """
    return sum(gain(grade) / log2(place + 1) for place, grade in enumerate(grades, 1))


def ndcg(ranking: Sequence[str], grades: Grades, depth: int = 10) -> float:
    """Return the discounted gain of the first ``depth`` documents, as a share of the best possible; 0 when none is relevant."""
    best = dcg(sorted(grades.values(), reverse=True)[:depth])
    return dcg([grades.get(document, 0) for document in ranking[:depth]]) / best if best else 0.0


def precision(ranking: Sequence[str], grades: Grades, depth: int = 10) -> float:
    """Return how many of the first ``depth`` places hold a document that answers the need, as a share of ``depth``."""
    return sum(grades.get(document, 0) >= ANSWERS for document in ranking[:depth]) / depth


def recall(ranking: Sequence[str], grades: Grades, depth: int = 200) -> float | None:
    """Return the share of all documents that answer the need which are among the first ``depth``; none when there are none."""
    wanted = {document for document, grade in grades.items() if grade >= ANSWERS}
    return len(wanted & set(ranking[:depth])) / len(wanted) if wanted else None


def empty(ranking: Sequence[str], grades: Grades, depth: int = 10) -> bool:
    """Say whether somebody who reads the first ``depth`` hits finds nothing that even touches the subject."""
    return not any(grades.get(document, 0) for document in ranking[:depth])


def unjudged(ranking: Sequence[str], grades: Grades, depth: int = 10) -> int:
    """Return how many of the first ``depth`` documents nobody judged."""
    return sum(document not in grades for document in ranking[:depth])


@dataclass(frozen=True)
class Difference:
    """The mean difference of paired figures, with the interval that holds it in 95 of 100 resamplings."""

    mean: float
    low: float
    high: float


def paired(ours: Sequence[float], theirs: Sequence[float], rounds: int = 10_000, seed: int = 320) -> Difference:
    """Return ours minus theirs over the same queries, by the paired bootstrap (queries drawn with replacement).

    Raises ``ValueError`` when the two do not pair up.
    """
    gaps = [our - their for our, their in zip(ours, theirs, strict=True)]
    if not gaps:
        raise ValueError("nothing to compare")
    draw = random.Random(seed)
    means = sorted(sum(draw.choices(gaps, k=len(gaps))) / len(gaps) for _ in range(rounds))
    tail = round(rounds * 0.025)
    return Difference(sum(gaps) / len(gaps), means[tail], means[-tail - 1])
