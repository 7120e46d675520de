"""The tree of a facet whose values stand above and below each other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ckanext.cqgov.domain.facet_tree import grown

PARENTS = {"gov": None, "health": "gov", "hospital": "health", "district": "gov", "office": "district"}
COUNTS = {"gov": 9, "health": 4, "hospital": 3, "district": 5, "office": 5}
NAMES = st.sampled_from("abcdef")


def flat(branches):
    """Return every branch, superiors first."""
    return [one for branch in branches for one in (branch, *flat(branch.children))]


def shape(branches):
    """Return the names with those below them."""
    return [(one.name, shape(one.children)) for one in branches]


def test_values_hang_below_their_superior_the_largest_first():
    assert shape(grown(COUNTS, PARENTS, ())) == [
        ("gov", [("district", [("office", [])]), ("health", [("hospital", [])])])
    ]


def test_a_lone_root_is_open_and_its_branches_are_not():
    found = {one.name: one.open for one in flat(grown(COUNTS, PARENTS, ()))}
    assert found == {"gov": True, "district": False, "office": False, "health": False, "hospital": False}


def test_the_way_to_a_selected_value_is_open_and_counts_nothing():
    found = {one.name: one for one in flat(grown({"gov": 3, "health": 3, "hospital": 2}, PARENTS, ["health"]))}
    assert found["gov"].open and found["gov"].total is None
    assert found["health"].selected and found["health"].open and found["health"].total == 3
    assert found["hospital"].total == 2


def test_a_selected_value_without_entries_is_still_there_to_be_taken_away():
    (branch,) = grown({}, PARENTS, ["office"])
    assert (branch.name, branch.total, branch.selected) == ("office", 0, True)


def test_a_value_whose_superior_has_no_entries_hangs_below_the_next_that_has():
    assert shape(grown({"gov": 1, "office": 1}, PARENTS, ())) == [("gov", [("office", [])])]


def test_equal_counts_are_ordered_as_asked():
    found = grown({"a": 1, "b": 1}, {}, (), order={"a": "乙", "b": "甲"}.__getitem__)
    assert [one.name for one in found] == sorted("ab", key={"a": "乙", "b": "甲"}.__getitem__)


@given(
    st.dictionaries(NAMES, st.integers(0, 9)), st.dictionaries(NAMES, st.none() | NAMES), st.lists(NAMES, max_size=2)
)
def test_every_value_has_one_place_whatever_the_data_are(counts, parents, selected):
    found = [one.name for one in flat(grown(counts, parents, selected))]
    assert sorted(found) == sorted({*counts, *selected})
