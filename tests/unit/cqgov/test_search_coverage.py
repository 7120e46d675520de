"""How much of a query an entry must have."""

from __future__ import annotations

import pytest

from ckanext.cqgov.domain import search_weights as weights
from ckanext.cqgov.domain.search_coverage import LOOSE, STRICT, WIDE, coverage, says, terms_to_count
from ckanext.cqgov.domain.search_query import Order, as_ckan, asked, asked_plain, freshness_and_use, scattered, together
from ckanext.cqgov.domain.search_reading import Piece, read
from ckanext.cqgov.domain.search_terms import Terms

NONE = Terms.of([])


def parts(query, frequencies, width=STRICT, total=1000, terms=NONE):
    """Return ``({text: part}, least)`` of a query."""
    found = coverage(read(query, terms), frequencies, total, width)
    return ({piece.text(): part for piece, part in found.parts.items()}, found.least) if found else None


def test_one_piece_must_be_found_anyway():
    assert parts("停车", {"停车": 5}) is None and terms_to_count(read("停车", NONE)) == []


def test_both_of_two_pieces_are_needed():
    assert parts("停车场", {"停车": 5, "车场": 4}) == ({"停车": 1, "车场": 1}, 2)


def test_what_nobody_wrote_is_not_needed():
    assert parts("渝中区停车场", {"停车": 5, "车场": 4}) == ({"停车": 1, "车场": 1}, 2)
    assert parts("渝中区停车", {"停车": 5}) is None


def test_rare_words_say_more_than_frequent_ones():
    found, least = parts("统计信息公告栏", {"统计": 5, "计信": 3, "信息": 900, "公告": 60, "告栏": 2, "息公": 3})
    assert found["信息"] < found["公告"] < found["统计"] <= found["告栏"] and found["信息"] < least < sum(
        found.values()
    )


def test_a_word_with_other_names_is_as_frequent_as_all_of_them():
    rare, with_other = Piece((("社保",),)), Piece((("社保",), ("社会", "会保", "保险")))
    frequency = {"社保": 3, "社会": 90, "会保": 40, "保险": 80}.get
    assert says(with_other, frequency, 1000) < says(rare, frequency, 1000)


def test_the_wider_the_less_is_needed():
    frequencies = dict.fromkeys(["公交", "交线", "线路"], 10)
    assert [
        parts("公交线路", frequencies, width) and parts("公交线路", frequencies, width)[1] for width in (0, 1, 2)
    ] == [
        2,
        None,
        None,
    ]


def test_without_frequencies_every_piece_counts_alike():
    found, least = parts("公交线路信息", None)
    assert set(found.values()) == {1} and least == 2


def test_a_lone_character_beside_words_is_not_needed_and_counts_little():
    assert parts("2021年GDP", {"2021": 5, "年": 5, "gdp": 5}) == ({"2021": 1, "gdp": 1}, 2)
    assert asked(read("2021年GDP", NONE), None, 0, STRICT, None).query["cqgov.q"] == "2021 年^0.2 gdp"
    assert asked(read("桥 水", NONE), None, 0, STRICT, None).query["cqgov.q"] == "桥 水"


def test_of_the_names_of_a_thing_the_best_counts():
    terms = Terms.of([("1", "社保", "synonym"), ("1", "社会保险", "synonym")])
    found = asked(read("社保", terms), None, 0, STRICT, None).query
    assert found["cqgov.q"] == '_query_:"{!maxscore q.op=OR tie=0 v=$cqgov.way0}"'
    assert found["cqgov.way0"].startswith("(title_zh:社保^3 ") and '(title_zh:"社会保险"^0.8 ' in found["cqgov.way0"]


def test_a_piece_is_found_by_a_related_word():
    terms = Terms.of([("1", "找工作", "related"), ("1", "招聘", "related", True)])
    assert set(terms_to_count(read("渝中 找工作", terms))) == {"渝中", "找工", "工作", "招聘"}
    found = parts("渝中 找工作", {"渝中": 40, "工作": 90, "招聘": 50}, terms=terms)
    assert found is not None and set(found[0]) == {"渝中", '("找工作" OR 招聘)'}
    asked_for = asked(read("渝中 找工作", terms), {"渝中": 40, "招聘": 50}, 1000, STRICT, None)
    assert f"title_zh:招聘^{3 * weights.RELATED_WORD:g} " in asked_for.query["cqgov.way0"]
    assert parts("渝中 招聘", {"渝中": 40, "招聘": 50}, terms=terms) == ({"渝中": 1, "招聘": 1}, 2)


def test_what_has_as_much_as_asked_for_at_first_stays_before_the_rest():
    frequencies = {"浦东": 50, "公园": 5}
    found = asked(read("浦东 公园", NONE), frequencies, 1000, WIDE, Order())
    assert found.query["cqgov.bq"] == f'(_query_:"{{!query v=$cqgov.first}}")^={weights.ENOUGH_FIRST}'
    assert "mm=2" in found.query["cqgov.first"] and found.query["cqgov.mm"] == "1"
    assert "cqgov.first" not in asked(read("浦东 公园", NONE), frequencies, 1000, STRICT, Order()).query


def test_what_is_needed_stands_in_the_query_or_in_a_filter():
    alike = asked(read("停车场", NONE), {"停车": 5, "车场": 4}, 1000, STRICT, None)
    assert alike.query["cqgov.mm"] == "2" and alike.filters == ()
    partly = asked(read("渝中区停车场", NONE), {"停车": 5, "车场": 4}, 1000, STRICT, None)
    assert partly.query["cqgov.mm"] == "1" and "mm=2" in partly.filters[0] and "'停车 车场'" in partly.filters[0]


def test_loosely_a_known_word_is_cut_too():
    terms = Terms.of([("1", "三甲医院", "name")])
    assert asked(read("三甲医院", terms), {}, 10, LOOSE, None).query["cqgov.q"] == '"三甲医院" 三甲 甲医 医院'
    assert asked(read("三甲医院", terms), {}, 10, WIDE, None).query["cqgov.q"] == '"三甲医院"'


def test_loosely_a_long_name_is_recognised_though_parts_of_it_are_missing():
    terms = Terms.of([("1", "驾校", "synonym"), ("1", "驾驶员培训机构", "synonym"), ("1", "驾培", "synonym")])
    found = asked(read("驾校", terms), {}, 10, LOOSE, None).query
    assert f"mm={weights.MOST_OF_NAME} q.op=OR" in found["cqgov.q"]
    assert found["cqgov.name1"] == "驾驶 驶员 员培 培训 训机 机构" and "cqgov.name2" not in found
    assert "name" not in asked(read("驾校", terms), {}, 10, WIDE, None).query["cqgov.q"]


def test_what_is_only_related_is_not_recognised_in_part():
    terms = Terms.of([("1", "学车", "related"), ("1", "驾驶员培训机构", "related", True)])
    assert "cqgov.name1" not in asked(read("学车", terms), {}, 10, LOOSE, None).query


def test_at_last_a_short_word_is_read_as_short_for_a_longer_one():
    found = scattered(read("驾校 2021", NONE)).query
    assert found["cqgov.short0"] == f"{weights.APART}w(驾,校)" and "cqgov.short1" not in found
    assert "surround df=title_zh" in found["cqgov.q"] and "surround df=notes_zh" in found["cqgov.q"]


@pytest.mark.parametrize("query", ["鱼", "被狗咬了去打针", "bus", "R&D"])
def test_single_characters_and_sentences_are_short_for_nothing(query):
    assert scattered(read(query, NONE)) is None


@pytest.mark.parametrize("query", ["C++", "R&D", "a/b C#", "Ｒ＆Ｄ"])
def test_single_letters_are_searched_only_where_somebody_wrote_them(query):
    assert not as_ckan(query, read(query, NONE))


@pytest.mark.parametrize("query", ["bus", "5G+", "vitamin C", "covid-19", "bus/metro"])
def test_other_words_without_chinese_are_searched_as_ckan_does(query):
    assert as_ckan(query, read(query, NONE))


def test_what_signs_join_is_one_phrase_for_ckans_fields():
    assert asked_plain("AT&T stock No.5", STRICT).query["cqgov.q"] == '"AT-T" stock "No-5"'


def test_words_in_quotes_and_words_left_out_are_filters():
    found = asked(read('"停车场" -公交', NONE), {}, 10, STRICT, None)
    assert [each.split("}", 1)[1] for each in found.filters] == ['+text_zh:"停车场"', '+*:* -text_zh:"公交"']


def test_plain_words_need_what_ckan_needs_and_loosely_one():
    assert asked_plain("city buses PM2.5 covid-19", STRICT).query["cqgov.q"] == 'city buses PM2.5 "covid-19"'
    assert asked_plain("city buses", STRICT).query["cqgov.mm"] == weights.PLAIN_MATCH
    assert asked_plain("city buses", LOOSE).query["cqgov.mm"] == "1"


def test_no_parameter_of_ours_reaches_the_clients_filters():
    found = asked(read("停车场", NONE), None, 0, STRICT, Order("停车场", True))
    assert all(key.startswith("cqgov.") for key in found.query if key not in ("q", "defType", "rq"))


def test_freshness_and_use_only_raise_a_little():
    assert weights.FRESH + weights.USED <= 0.25
    assert str(weights.FRESH) in freshness_and_use(False) and "views_recent" not in freshness_and_use(False)
    assert "views_recent" in freshness_and_use(True)


def test_the_query_its_words_and_three_characters_in_a_row_are_looked_for_together():
    found = together(read("浦东 公园绿地", NONE))
    assert f'title_zh:"浦东公园绿地"^={weights.WHOLE["title_zh"]:g}' in found
    assert f'text_zh:"公园绿地"^={weights.WHOLE["text_zh"]:g}' in found
    assert f'title_zh:"园绿地"^={weights.NEIGHBOURS[3]["title_zh"]:g}' in found
    assert f'title_words:"浦东"^={weights.WORDS["title_words"]:g}' in found


@pytest.mark.parametrize("width", [STRICT, WIDE, LOOSE])
def test_the_longest_query_stays_small(width):
    found = asked(read("".join(map(chr, range(0x4E00, 0x4E00 + 2000))), NONE), None, 0, width, None)
    assert sum(map(len, (*found.query.values(), *found.filters))) < 6000
