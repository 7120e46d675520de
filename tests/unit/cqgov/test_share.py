"""The small bar on the home page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.cqgov.domain.share import bar


def test_parts_follow_each_other_and_fill_the_bar():
    first, second = bar([("unconditional", 3), ("conditional", 1)])
    assert (first.start, first.width, first.percent) == (0.0, 75.0, 75)
    assert (second.start, second.width, second.percent) == (75.0, 25.0, 25)


def test_whole_per_cents_add_up_to_a_hundred():
    assert [part.percent for part in bar([("a", 1), ("b", 1), ("c", 1)])] == [34, 33, 33]


def test_nothing_to_share_out_is_no_division_by_zero():
    assert [(part.width, part.percent) for part in bar([("a", 0), ("b", 0)])] == [(0.0, 0), (0.0, 0)]
    assert bar([]) == []


def test_a_negative_count_is_refused():
    with pytest.raises(ValueError):
        bar([("a", -1)])


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=12))
def test_shares_always_add_up_and_are_off_by_less_than_one(counts):
    parts = bar([(str(place), count) for place, count in enumerate(counts)])
    if sum(counts):
        assert sum(part.percent for part in parts) == 100
        assert all(abs(part.percent - part.width) < 1.001 for part in parts)
        assert parts[-1].start + parts[-1].width == pytest.approx(100, abs=0.01)
