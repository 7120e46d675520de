"""Which parts of a query stand for it in a loose reading, and that a lone character beside words is never enough."""

from __future__ import annotations

import pytest

from ckanext.cqgov.domain.search_coverage import LOOSE, PAIRED, STRICT, WIDE, coverage, telling
from ckanext.cqgov.domain.search_query import parts
from ckanext.cqgov.domain.search_reading import characters, read
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
        ("9", "R&D", "synonym"),
        ("9", "研发", "synonym"),
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
        ("R&D", []),
    ),
)
def test_no_part_cuts_a_name_wrongly(word, expected):
    (piece,) = read(word, TERMS).pieces
    assert [part.text() for part in parts(piece)] == expected


@pytest.mark.parametrize("width", (STRICT, WIDE))
@pytest.mark.parametrize(
    ("query", "frequencies", "needed"),
    (
        ("2021年", {"2021": 40, "年": 900}, ["2021"]),
        ("2021年", {"年": 900}, ["2021"]),
        ("2021年gdp", {"2021": 40, "年": 900}, ["2021"]),
    ),
)
def test_a_lone_character_beside_words_is_not_enough(query, frequencies, needed, width):
    found = coverage(read(query, Terms.of([])), frequencies, 1000, width)
    assert ([piece.text() for piece in found.parts], found.least) == (needed, 1)


def test_lone_characters_alone_are_searched_for():
    assert coverage(read("水", Terms.of([])), {"水": 30}, 1000, STRICT) is None


def test_nor_is_it_in_a_loose_reading():
    found = coverage(read("足球场", Terms.of([("1", "足球", "name")])), {"场": 900}, 1000, LOOSE)
    assert ([piece.text() for piece in found.parts], found.least) == (["足球"], 1)


@pytest.mark.parametrize(
    ("query", "expected"),
    (
        ("旧衣服捐到哪里", "旧衣服捐"),
        ("请问璧山区的路", "路"),
        ("想养只猫", "养猫"),
        ("三甲医院", ""),
        ("发票", ""),
        ("bus 停车", ""),
        ('"旧衣服"', ""),
        ("旧衣服 -捐赠", ""),
    ),
)
def test_of_longer_words_single_characters_are_left_at_last(query, expected):
    assert characters(query, TERMS) == list(expected)


def test_only_characters_that_tell_entries_apart_are_looked_for():
    known = Terms.of([("1", "猫", "related"), ("1", "宠物", "related", True)])
    assert telling("旧衣服捐猫", known, {"旧": 60, "衣": 100, "服": 3000, "猫": 0}, 5000) == ["旧", "衣", "猫"]
    assert telling("旧衣服", known, {"旧": 20, "衣": 20, "服": 21}, 50) == ["旧", "衣"]


def test_one_rare_character_of_several_says_nothing():
    known = Terms.of([("1", "猫", "related"), ("1", "宠物", "related", True)])
    assert telling("旧衣", known, {"旧": 20, "衣": 21}, 50) == []
    assert telling("旧", known, {"旧": 20}, 50) == ["旧"]
    assert telling("养猫", known, {"养": 900, "猫": 0}, 1000) == ["猫"]


def test_two_of_several_single_characters_are_needed_and_a_lone_one_itself():
    several, one = read("园 林 绿 化 处", Terms.of([])), read("捐", Terms.of([]))
    assert [coverage(each, {"处": 9}, 1000, PAIRED).least for each in (several, one)] == [2, 1]
