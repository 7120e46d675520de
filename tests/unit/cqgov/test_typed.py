"""How names are spelt for the index, and what is asked of it for what somebody has typed so far."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.cqgov.domain.typed import clause, fields, initials, runs, spelt, ways


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("停车场", "停^^ting. 车che. 场chang."),
        ("重慶市公廁", "重^^chong. 庆qing. 市shi. 公--gong. 厕ce."),
        ("设施-停车（2021年）", "设^^she. 施shi. 停--ting. 车che. -2021. 年nian."),
        ("A级景区", "^a. 级ji. 景jing. 区qu."),
        ("GDP statistics", "^gdp. -statis."),
        ("", ""),
        ("😀", ""),
    ],
)
def test_a_name_is_spelt_token_by_token(name, index):
    assert spelt(name) == index


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("停车场", "^tcc cc c"),
        ("重庆市公安局", "^cqsgaj ^cqgaj qsgaj qgaj sgaj -gaj aj j"),
        ("2021年GDP", "ng g"),
        ("", ""),
    ],
)
def test_initials_begin_at_every_character_with_and_without_the_place(name, index):
    assert initials(name) == index


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("停车场库", "^停车场 车场库 场库 库"),
        ("重慶市公廁", "^重庆市 庆市公 市公厕 -公厕 厕"),
        ("2021年GDP", "年"),
        ("设施-停车", "^设施停 施停车 -停车 车"),
        ("", ""),
    ],
)
def test_characters_begin_at_every_character(name, index):
    assert runs(name) == index


def test_a_document_has_its_title_and_all_names_of_its_provider():
    assert fields("停车", ["交通局", "", "JT"]) == {
        "title_py": "停^^ting. 车che.",
        "title_initials": "^tc c ^停车 车",
        "org_py": ["交^^jiao. 通tong. 局ju.", "^jt."],
        "org_initials": ["^jtj tj j ^交通局 通局 局", "^j"],
    }


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("停车", [[("停", "车")]]),
        ("停che", [[("停", "che")]]),
        ("停 车", [[("停",)], [("车",)]]),
        ("停-车", [[("停", "车")]]),
        ("tcc", [[("t", "c", "c"), ("tcc",)]]),
        ("2021年", [[("2021.", "年")]]),
        ("😀", []),
        ("", []),
        ("a b c d e f g", []),
        ("停" * 101, []),
        ("x" * 1000, []),
    ],
)
def test_typed_words_become_phrases(typed, expected):
    assert [list(word) for word in ways(typed)] == expected


def test_the_beginning_of_a_name_counts_most():
    assert clause("停c", ["title"]) == '(title_py:"停^ c"^=100 OR title_py:"停- c"^=10 OR title_py:"停 c")'


def test_up_to_three_characters_are_one_term():
    asked = clause("停车", ["title"])
    assert asked == '(title_initials:"^停车"^=100 OR title_initials:"-停车"^=10 OR title_initials:"停车")'
    assert 'title_initials:"停车场"' in clause("停车场", ["title"])
    assert 'title_py:"停 车 场 库"' in clause("停车场库", ["title"])


def test_initials_are_one_term():
    assert 'title_initials:"^zsj"^=100' in clause("zhsj", ["title"])


def test_every_word_must_be_found_in_some_name():
    asked = clause("停车 jt", ["title", "org"])
    assert asked.count(" AND ") == 1 and 'org_initials:"jt"' in asked and 'org_initials:"停车"' in asked


SAFE = re.compile(r'(?:\(|\)| |AND|OR|[a-z]+_(?:py|initials):"[^"\\]*"|\^=?[0-9.]+|~1)*')


@given(st.text(max_size=120))
def test_nothing_of_a_query_gets_out_of_its_quotes(typed):
    assert SAFE.fullmatch(clause(typed, ["title", "org"]))


@given(st.text(max_size=120))
def test_any_name_can_be_spelt(name):
    for field in (spelt(name), initials(name), runs(name)):
        assert re.fullmatch(r"[^\s\"\\]*(?: [^\s\"\\]+)*", field)
