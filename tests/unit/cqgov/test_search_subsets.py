"""The smallest sets of pieces are exactly what a count of the repeated pieces would let through."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from ckanext.cqgov.domain.search_subsets import MOST_PIECES, smallest


@given(st.lists(st.integers(1, 12), min_size=2, max_size=6), st.data())
def test_the_sets_let_through_what_the_count_lets_through(parts, data):
    least = data.draw(st.integers(1, sum(parts)))
    found = smallest(parts, least)
    if found is None:
        return
    for had in product((False, True), repeat=len(parts)):
        counted = sum(part for part, has in zip(parts, had, strict=True) if has) >= least
        assert counted == any(all(had[place] for place in each) for each in found)


@given(st.lists(st.integers(1, 12), min_size=2, max_size=6))
def test_no_set_holds_another_one(parts):
    found = smallest(parts, max(1, sum(parts) // 2)) or []
    assert not [1 for one in found for other in found if one != other and set(one) <= set(other)]


def test_a_long_query_is_left_to_counting():
    assert smallest([1] * (MOST_PIECES + 1), 3) is None
    assert smallest([1] * MOST_PIECES, 4) is None
