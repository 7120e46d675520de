"""Arguments of a query over granted data: what they mean, and that reading them takes no longer than they are long."""

from __future__ import annotations

import pytest

from ckanext.cqgov.domain import data_search
from ckanext.cqgov.domain.data_search import Order, SearchFault


@pytest.mark.parametrize(
    "given, expected",
    [
        (None, ()),
        ("", ()),
        ("区县", (Order("区县"),)),
        (" 区县  DESC , 泊位 数 asc nulls first", (Order("区县", True), Order("泊位 数", False, "first"))),
        ('"a, b" desc nulls last,"c"', (Order("a, b", True, "last"), Order("c"))),
        ("desc", (Order("desc"),)),
        ("desc desc", (Order("desc", True),)),
        ("nulls first", (Order("nulls first"),)),
        ('"x desc"', (Order("x desc"),)),
        ('"x desc', (Order('"x', True),)),
        (["区县 desc", "rank a"], (Order("区县", True), Order("rank a"))),
    ],
)
def test_sort_is_read_as_the_datastore_reads_it(given, expected):
    assert data_search.order(given) == expected


@pytest.mark.parametrize("given", [" ", "a,,b", [""], 5, True, {"a": "desc"}])
def test_what_is_no_order_is_refused_at_its_argument(given):
    with pytest.raises(SearchFault) as refused:
        data_search.order(given)
    assert refused.value.argument == "sort" and refused.value.text.zh


@pytest.mark.parametrize(
    "given, expected",
    [
        (None, None),
        ([], None),
        ("a, b,a", ("a", "b")),
        ('"a, b",c', ("a, b", "c")),
        (["a", "a", "b, c", ""], ("a", "b, c")),
        ([1], ("1",)),
    ],
)
def test_fields_are_a_list_or_a_text_with_commas(given, expected):
    assert data_search.names(given) == expected


@pytest.mark.parametrize("given", [5, True, {"a": 1}])
def test_fields_of_another_kind_are_refused(given):
    with pytest.raises(SearchFault) as refused:
        data_search.names(given)
    assert refused.value.argument == "fields"


@pytest.mark.parametrize("text", [",", " ", '"', '",', "a ", " \n", "nulls ", "a desc,"])
def test_long_arguments_are_read_in_a_moment(text):
    """A request may have megabytes: whatever takes the square of its length would stop the portal."""
    data_search.names(text * 200_000)
    try:
        data_search.order("a" + text * 200_000 + "b")
    except SearchFault:
        pass
