"""Which parts of a known word stand for it in a loose reading."""

from __future__ import annotations

import pytest

from ckanext.cqgov.domain.search_query import parts
from ckanext.cqgov.domain.search_reading import read
from ckanext.cqgov.domain.search_terms import Terms

TERMS = Terms.of(
    [
        ("1", "璧山区", "name"),
        ("1", "璧山", "name"),
        ("2", "璧山县", "renamed"),
        ("2", "璧山区", "renamed", True),
        ("3", "石柱土家族自治县", "name"),
        ("3", "石柱", "name"),
        ("4", "大渡口区", "name"),
        ("4", "大渡口", "name"),
        ("5", "旅游局", "name"),
        ("6", "三甲医院", "name"),
        ("7", "covid-19", "synonym"),
        ("8", "綦江", "name"),
    ]
)


@pytest.mark.parametrize(
    ("word", "expected"),
    (
        ("璧山区", []),
        ("璧山县", []),
        ("石柱土家族自治县", []),
        ("大渡口区", []),
        ("大渡口", ["大渡"]),
        ("旅游局", ["旅游"]),
        ("三甲医院", ["三甲", "甲医", "医院"]),
        ("covid-19", ["covid", "19"]),
        ("綦江", ["綦江"]),
    ),
)
def test_no_part_cuts_a_name_wrongly(word, expected):
    (piece,) = read(word, TERMS).pieces
    assert [part.text() for part in parts(piece)] == expected
