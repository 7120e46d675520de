"""Which queries are plain words, and into which pieces they are cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.cqgov.domain import search_weights as weights
from ckanext.cqgov.domain.search_reading import chinese, exact_title, letters, plain, quoted, read
from ckanext.cqgov.domain.search_terms import Terms

TERMS = Terms.of(
    [
        ("1", "社保", "synonym"),
        ("1", "社会保险", "synonym"),
        ("2", "璧山区", "name"),
        ("3", "工商局", "renamed"),
        ("3", "市场监督管理局", "renamed", True),
        ("4", "g60科创走廊", "name"),
        ("5", "找工作", "related"),
        ("5", "招聘", "related", True),
        ("5", "就业服务", "related", True),
        ("6", "求职", "synonym"),
        ("6", "找工作", "synonym"),
    ]
)


@pytest.mark.parametrize(
    "query", ["停车场", " 公交 线路", "PM2.5 监测", "停车场（库）", "公交/地铁", "说明：停车", "水", "bus", "covid-19"]
)
def test_plain_words(query):
    assert plain(query) and not quoted(query)


@pytest.mark.parametrize(
    "query",
    [
        "*:*",
        "",
        None,
        "！？",
        "title:停车",
        "停车*",
        "停车 AND 公交",
        "停车~2",
        "[停 TO 车]",
        "{!lucene}停车",
        "停车^2",
        "a && b",
    ],
)
def test_queries_that_stay_as_they_are(query):
    assert not plain(query) and not (query and quoted(query))


@pytest.mark.parametrize(
    "query", ['"停车场"', "停车 -公交", '"停车场" 地铁', "-停车", '-"公交线路" 停车', '+"公交线路"']
)
def test_words_in_quotes_and_words_left_out(query):
    assert quoted(query) and not plain(query) and chinese(query)


@pytest.mark.parametrize("query", ['"停车', '"停车" title:x', '"停车"~2', '"停车" OR "公交"'])
def test_quotes_with_other_syntax_stay_as_they_are(query):
    assert not plain(query) and not quoted(query)


@pytest.mark.parametrize(
    ("query", "pieces"),
    [
        ("水", ["水"]),
        ("停车", ["停车"]),
        ("停车场", ["停车", "车场"]),
        ("停車場", ["停车", "车场"]),
        ("PM2.5 监测", ["pm2.5", "监测"]),
        ("ＰＭ２．５监测", ["pm2.5", "监测"]),
        ("停车场（库）", ["停车", "车场", "库"]),
        ("2021年GDP", ["2021", "年", "gdp"]),
        ("A级景区", ["a", "级景", "景区"]),
        ("5G基站", ["5g", "基站"]),
        ("COVID-19疫苗", ['"covid 19"', "疫苗"]),
        ("璧山区公厕", ['"璧山区"', "公厕"]),
        ("社保", ['(社保 OR "社会保险")']),
        ("璧山区工商局", ['"璧山区"', '("工商局" OR "市场监督管理局")']),
        ("G60科创走廊企业", ['"g60 科创走廊"', "企业"]),
        ("哪里可以打新冠疫苗", ["打新", "新冠", "冠疫", "疫苗"]),
        ("渝中找工作", ["渝中", '("找工作" OR 求职 OR 招聘 OR "就业服务")']),
        ("渝中招聘", ["渝中", "中招", "招聘"]),
        ("请问在哪里", ["请问", "问在", "在哪", "哪里"]),
        ("R&D", ['"r d"']),
        ("Ｒ＆Ｄ经费", ['"r d"', "经费"]),
        ("R & D", ['"r d"']),
        ("研发R&D经费", ["研发", '"r d"', "经费"]),
        ("AT&T", ['"at t"']),
        ("Q&A", ['"q a"']),
        ("A/B I/O km/h", ['"a b"', '"i o"', '"km h"']),
        ("公交/地铁", ["公交", "地铁"]),
        ("bus/metro 2021/5", ["bus", "metro", "2021", "5"]),
        ("公交&地铁", ["公交", "地铁"]),
        ("C++ C# 5G+", ["c", "5g"]),
        ("No.5 v2.0 GB/T 2260.1", ['"no 5"', "v2.0", '"gb t"', "2260.1"]),
        ("PM2.5-PM10", ['"pm2.5 pm10"']),
    ],
)
def test_a_query_is_cut_along_known_words_and_else_into_pairs(query, pieces):
    assert [piece.text() for piece in read(query, TERMS).pieces] == pieces


def test_a_known_word_written_with_a_blank_is_found_by_its_other_names():
    found = read("社会 保险 渝中", TERMS)
    assert [piece.text() for piece in found.pieces] == ["(社会 OR 社保)", "(保险 OR 社保)", "渝中"]
    assert "社保" in found.words


def test_a_word_and_a_neighbour_that_make_no_known_word_stay_as_they_are():
    assert [piece.text() for piece in read("社会 渝中 保险", TERMS).pieces] == ["社会", "渝中", "保险"]
    assert [piece.text() for piece in read("璧山 区", TERMS).pieces] == ["璧山", "区"]


def test_what_signs_join_is_marked_as_it_is_written():
    assert read("R&D经费", TERMS).words == ("r&d", "经费")


@pytest.mark.parametrize(("query", "expected"), [("tingche", True), ("停che", True), ("R&D", False), ("C++", False)])
def test_what_may_be_pinyin(query, expected):
    assert letters(query) is expected


def test_a_longer_name_counts_no_more_than_the_word_that_was_typed():
    (piece,) = read("社保", TERMS).pieces
    assert [(text, round(weight, 3)) for text, weight in piece.weighted_ways()] == [
        ("社保", 1.0),
        ('"社会保险"', 0.267),
    ]


def test_what_the_catalogue_calls_it_counts_clearly_less_than_another_name():
    (piece,) = read("找工作", TERMS).pieces
    assert piece.related == 2
    shares = {text: round(weight, 3) for text, weight in piece.weighted_ways()}
    assert shares == {'"找工作"': 1.0, "求职": 0.8, "招聘": 0.4, '"就业服务"': 0.267}
    assert weights.RELATED_WORD <= weights.OTHER_NAME * 0.6


def test_related_words_are_marked_too():
    assert read("找工作", TERMS).words == ("找工作", "求职", "招聘", "就业服务")


def test_a_lone_character_is_known_as_such():
    assert [piece.lone for piece in read("2021年GDP", TERMS).pieces] == [False, True, False]


def test_quotes_and_minus():
    found = read('"停车场" 渝中区 -地铁 -"公交线路"', TERMS)
    assert (
        found.phrases == ("停车场",) and found.without == ("公交线路", "地铁") or found.without == ("地铁", "公交线路")
    )
    assert [piece.text() for piece in found.pieces] == ["渝中", "中区"]


def test_what_is_marked_are_the_words_and_their_other_names():
    assert read("璧山区社保停车场", TERMS).words == ("璧山区", "社保", "社会保险", "停车", "车场")


@given(st.text(max_size=60) | st.text(alphabet="停车场\"-+ ab(){}![]^~*?:\\/&|'$", max_size=60))
def test_no_piece_has_anything_that_solr_would_take_for_syntax(query):
    found = read(query, TERMS)
    for piece in found.pieces:
        assert not set("".join(term for way in piece.ways for term in way)) & set("\"+!(){}[]^~*?:\\/&|'$ -")
    for phrase in (*found.phrases, *found.without, found.whole):
        assert not set(phrase) & set("\"+!(){}[]^~*?:\\/&|'$")


def test_a_query_of_ten_kilobytes_is_read_in_part():
    found = read("重庆市停车场信息" * 500 + "x" * 2000, TERMS)
    assert 0 < len(found.pieces) <= 60


def test_a_title_is_compared_without_blanks_and_punctuation():
    assert (
        exact_title("2018年度 靜安區停車場（庫）信息！")
        == exact_title("2018年度静安区停车场库信息")
        == "2018年度静安区停车场库信息"
    )
