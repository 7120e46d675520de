"""What an address of a list asks for, made safe."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.cqgov.domain.list_request import LONGEST, MOST_WORDS, clause, filters_by, page, readable, words


@pytest.mark.parametrize(
    "field", ["cqgov_theme", "tags", "organization", "res_format", "license_id", "vocab_x", "extras_y"]
)
def test_fields_of_the_index_filter(field):
    assert filters_by(field, ())


@pytest.mark.parametrize(
    "field", ["utm_source", "from", "isappinstalled", "{!x}", "a b", "cqgov_x:y", "text", "_query_", ""]
)
def test_anything_else_does_not(field):
    assert not filters_by(field, ())


def test_a_facet_of_another_plugin_filters():
    assert filters_by("station", ["station"])


@pytest.mark.parametrize("value", ["{!lucene}x", "_query_:x", "a _val_ : 1", "", "  ", "x" * (LONGEST + 1)])
def test_a_value_that_begins_a_query_of_its_own_is_not_asked_for(value):
    assert not readable(value)


@given(st.text(max_size=40))
def test_a_clause_is_one_quoted_value_whatever_the_value_is(value):
    quoted = clause("tags", value).removeprefix("+tags:")
    assert re.fullmatch(r'"(?:[^"\\]|\\["\\])*"', quoted, re.DOTALL)
    assert re.sub(r"\\(.)", r"\1", quoted[1:-1], flags=re.DOTALL) == value


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("title:(停车场", "title 停车场"),
        ("停车场 AND NOT 收费", "停车场 收费"),
        ('_query_:"停车场"', "停车场"),
        ("{!lucene}停车场", "lucene 停车场"),
        ("PM2.5 +-~*", "PM2.5"),
        ("((((", ""),
    ],
)
def test_words_are_what_is_left_of_a_query_without_its_syntax(query, left):
    assert words(query) == left


@given(st.text(max_size=300))
def test_words_have_no_syntax(query):
    left = words(query)
    assert not re.search(r'["(){}\[\]:^~*?!\\/+&|]', left)
    assert len(left.split()) <= MOST_WORDS and words(left) == left


@pytest.mark.parametrize(
    ("text", "number"),
    [("1", 1), ("0", 1), ("7", 7), ("100", 100), ("101", 100), ("999", 100), ("1000", 1), ("-1", 1), ("٣", 1), ("", 1)],
)
def test_a_page_is_a_number_within_the_list_and_else_the_first(text, number):
    assert page(text, 100) == number
