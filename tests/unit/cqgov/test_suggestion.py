"""Names that are looked through in memory, and how suggestions are chosen and marked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.cqgov.domain.suggestion import MOST, Names, distinct, marked, same, shares

OFFICES = (
    ("city-police", ("重庆市公安局", "市公安局")),
    ("changshou-police", ("长寿区公安局",)),
    ("traffic", ("重庆市交通运输委员会", "市交委", "重庆市交通局")),
    ("dazu-education", ("大足区教育委员会",)),
    ("statistics", ("GDP办公室",)),
)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("公安", ["city-police", "changshou-police"]),
        ("gonga", ["city-police", "changshou-police"]),
        ("cqsgaj", ["city-police"]),
        ("cqgaj", ["city-police"]),
        ("changshou", ["changshou-police"]),
        ("csgaj", ["changshou-police"]),
        ("長壽", ["changshou-police"]),
        ("长寿gaj", ["changshou-police"]),
        ("csq公安", ["changshou-police"]),
        ("公安 长寿", ["changshou-police"]),
        ("jiaowei", ["traffic"]),
        ("jtj", ["traffic"]),
        ("dazu", ["dazu-education"]),
        ("gdp", ["statistics"]),
        ("zhangshou", []),
        ("市 火星", []),
        ("\n", []),
        ("", []),
    ],
)
def test_a_name_is_found_whatever_way_it_is_typed(typed, found):
    assert Names.of(OFFICES).find(typed) == found


def test_what_begins_a_name_comes_first_and_then_the_shorter_name():
    names = Names.of((each, (each,)) for each in ("公共停车场名录", "停车场收费标准", "停车场", "渝中区停车"))
    assert names.find("停车") == ["停车场", "停车场收费标准", "渝中区停车", "公共停车场名录"]


def test_thousands_of_names_that_all_fit_are_cut_short():
    names = Names.of((number, (f"第{number}中学",)) for number in range(3000))
    assert len(names.find("d", 4)) == 4


def test_no_names_find_nothing():
    assert Names.of(()).find("a") == []


@given(st.text(max_size=60))
def test_anything_may_be_typed(typed):
    Names.of(OFFICES).find(typed)


def test_titles_that_differ_in_numbers_and_punctuation_are_the_same():
    assert same("空气质量日报（2019年）") == same("空气质量日报2020年") == same("空氣質量日報 2021年第三期")
    assert same("公交一号线") != same("公交二号线")
    assert same("2021") == "2021"


def test_the_same_titles_are_kept_once_the_first_of_them():
    titles = [{"title": each} for each in ("空气2019年", "水质", "空气2020年", "噪声", "土壤")]
    assert [one["title"] for one in distinct(titles, 3)] == ["空气2019年", "水质", "噪声"]


@pytest.mark.parametrize(
    ("limit", "found", "kept"),
    [
        (9, (40, 0, 0), (9, 0, 0)),
        (9, (40, 9, 9), (5, 2, 2)),
        (9, (2, 9, 9), (2, 4, 3)),
        (9, (40, 1, 0), (8, 1, 0)),
        (9, (0, 1, 3), (0, 1, 3)),
        (1, (9, 9, 9), (1, 0, 0)),
        (1, (0, 0, 9), (0, 0, 1)),
    ],
)
def test_titles_have_most_places_and_nobody_leaves_one_empty(limit, found, kept):
    assert shares(limit, *found) == kept


@given(st.integers(1, MOST), st.tuples(*[st.integers(0, 60)] * 3))
def test_there_are_never_more_than_wanted_nor_fewer_than_there_could_be(limit, found):
    kept = shares(limit, *found)
    assert all(0 <= one <= most for one, most in zip(kept, found, strict=True))
    assert sum(kept) == min(limit, sum(found))


@pytest.mark.parametrize(
    ("title", "typed", "shown"),
    [
        ("重庆市停车场（2021年）", "tcc", "重庆市[停车场]（2021年）"),
        ("重慶公廁", "公厕 cq", "[重慶][公廁]"),
        ("城市设施-停车场", "停che", "城市设施-[停车]场"),
        ("ＧＤＰ统计", "gdp", "[ＧＤＰ]统计"),
        ("停车场", "火星", "停车场"),
        ("停车场", "", "停车场"),
    ],
)
def test_what_was_typed_is_marked_where_it_stands(title, typed, shown):
    assert "".join(f"[{piece.text}]" if piece.hit else piece.text for piece in marked(title, typed)) == shown


@given(st.text(max_size=40), st.text(max_size=10))
def test_the_pieces_are_the_title(title, typed):
    assert "".join(piece.text for piece in marked(title, typed)) == title
