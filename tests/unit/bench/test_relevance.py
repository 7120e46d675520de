"""The measures against figures worked out by hand."""

from __future__ import annotations

from math import log2

import pytest

from tests.bench import relevance

GRADES = {"a": 3, "b": 2, "c": 0, "d": 1}
# gains 7, 3, 0, 1; the best order is a b d
BEST = 7 / log2(2) + 3 / log2(3) + 1 / log2(4)


def test_the_best_order_has_an_ndcg_of_one():
    assert relevance.ndcg(["a", "b", "d", "c"], GRADES) == pytest.approx(1.0)


def test_ndcg_of_a_worse_order_is_the_worked_out_share():
    worse = 3 / log2(2) + 0 + 7 / log2(4) + 0  # b, c, a, unknown
    assert BEST == pytest.approx(9.3928, abs=1e-4)
    assert relevance.ndcg(["b", "c", "a", "x"], GRADES) == pytest.approx(worse / BEST)
    assert worse / BEST == pytest.approx(0.69202, abs=1e-4)


def test_ndcg_looks_no_deeper_than_asked():
    assert relevance.ndcg(["c", "a"], GRADES, depth=1) == 0.0
    assert relevance.ndcg(["b", "a"], GRADES, depth=1) == pytest.approx(3 / 7)


def test_ndcg_is_nothing_when_nothing_is_relevant_or_found():
    assert relevance.ndcg(["c"], {"c": 0}) == 0.0
    assert relevance.ndcg([], GRADES) == 0.0


def test_precision_counts_the_places_that_answer_and_divides_by_the_depth():
    assert relevance.precision(["a", "d", "x", "b"], GRADES) == pytest.approx(2 / 10)
    assert relevance.precision(["a", "d", "x", "b"], GRADES, depth=2) == pytest.approx(1 / 2)


def test_recall_counts_what_answers_among_the_first():
    assert relevance.recall(["a", "x", "b"], GRADES, depth=2) == pytest.approx(1 / 2)
    assert relevance.recall(["a", "x", "b"], GRADES) == 1.0


def test_recall_is_unknown_when_nothing_answers():
    assert relevance.recall(["d"], {"d": 1}) is None


def test_a_query_is_empty_when_nothing_found_even_touches_it():
    assert relevance.empty(["c", "x"], GRADES)
    assert relevance.empty([], GRADES)
    assert not relevance.empty(["c", "d"], GRADES)
    assert relevance.empty(["c", "d"], GRADES, depth=1)


def test_unjudged_documents_are_counted_and_grade_nothing_is_judged():
    assert relevance.unjudged(["a", "x", "c", "y"], GRADES) == 2


def test_a_constant_difference_has_an_interval_of_no_width():
    found = relevance.paired([0.75, 0.5, 1.0], [0.5, 0.25, 0.75], rounds=200)
    assert (found.mean, found.low, found.high) == pytest.approx((0.25, 0.25, 0.25))


def test_the_bootstrap_interval_agrees_with_the_known_distribution():
    # Half the gaps 0 and half 1: a mean of 100 draws is binomial, 0.5 with a deviation of 0.05.
    found = relevance.paired([1.0] * 50 + [0.0] * 50, [0.0] * 100, rounds=4000)
    assert found.mean == pytest.approx(0.5)
    assert found.low == pytest.approx(0.402, abs=0.02)
    assert found.high == pytest.approx(0.598, abs=0.02)


def test_the_bootstrap_gives_the_same_interval_every_time():
    ours, theirs = [0.9, 0.2, 0.7, 0.4], [0.5, 0.3, 0.6, 0.6]
    assert relevance.paired(ours, theirs) == relevance.paired(ours, theirs)


def test_figures_that_do_not_pair_up_are_refused():
    with pytest.raises(ValueError):
        relevance.paired([1.0], [1.0, 2.0])
    with pytest.raises(ValueError):
        relevance.paired([], [])
