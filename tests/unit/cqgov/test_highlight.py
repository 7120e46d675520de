"""What a list of results marks, and which part of an abstract it shows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ckanext.cqgov.domain.highlight import LENGTH, Piece, excerpt, marked, telling

WRITTEN = st.text(st.sampled_from("停车場场公社保障Ａaé①㎡㈱ᄀ臺台ＢD.12 -，。<&\u200b\u0301"), max_size=60)


def hits(pieces):
    """Return the marked parts of a text."""
    return [piece.text for piece in pieces if piece.hit]


def whole(pieces):
    """Return the pieces as one text."""
    return "".join(piece.text for piece in pieces)


def names(found):
    """Return the names that were told, as written."""
    return [whole(pieces) for pieces in found]


def test_a_word_is_marked_wherever_it_stands():
    assert marked("停车场与停车场收费", ["停车场"]) == [
        Piece("停车场", True),
        Piece("与", False),
        Piece("停车场", True),
        Piece("收费", False),
    ]


def test_traditional_full_width_and_capital_letters_are_marked_as_they_are_written():
    assert hits(marked("公共停車場ＧＤＰ统计", ["停车场", "gdp"])) == ["停車場ＧＤＰ"]
    assert hits(marked("公共停车场", ["停車場"])) == ["停车场"]


def test_what_folds_to_more_characters_is_marked_as_the_one_that_was_written():
    assert hits(marked("面积100㎡以上", ["100m2"])) == ["100㎡"]


def test_an_invisible_character_inside_a_word_does_not_hide_it():
    assert hits(marked("停\u200b车场", ["停车场"])) == ["停\u200b车场"]


def test_overlapping_words_share_one_mark():
    assert hits(marked("重庆市人民政府网站", ["人民政府", "政府网站"])) == ["人民政府网站"]


def test_a_latin_word_is_no_part_of_another_but_its_stem_counts():
    assert hits(marked("bus stations, business", ["bus", "station"])) == ["bus", "stations"]
    assert hits(marked("PM2.5和PM25", ["pm2.5"])) == ["PM2.5"]
    assert hits(marked("2021年与12021年", ["2021"])) == ["2021"]


def test_a_number_beside_letters_is_found():
    assert hits(marked("2021GDP", ["gdp"])) == ["GDP"]


def test_parts_are_marked_only_where_no_word_stands_in_one_piece():
    assert hits(marked("渝中区医疗机构名录", ["渝中区医疗器械"])) == ["渝中区医疗"]
    assert hits(marked("社保与社会", ["社保", "社会保险"])) == ["社保"]


def test_without_words_nothing_is_marked():
    assert marked("停车场", []) == [Piece("停车场", False)]
    assert marked("停车场", ["", "  "]) == [Piece("停车场", False)]
    assert marked("", ["停车场"]) == []


@given(WRITTEN, st.lists(WRITTEN, max_size=4))
def test_marking_never_changes_the_text(text, terms):
    assert whole(marked(text, terms)) == text


@given(WRITTEN)
def test_a_text_that_is_searched_for_as_a_whole_has_a_mark(text):
    if any("\u4e00" <= character <= "\u9fff" for character in text):
        run = max(("".join(c if "\u4e00" <= c <= "\u9fff" else " " for c in text)).split(), key=len)
        assert hits(marked(text, [run]))


def test_a_short_abstract_is_shown_whole():
    assert whole(excerpt("名称、位置\n和泊位数。", ["泊位"])) == "名称、位置 和泊位数。"


def test_a_long_abstract_is_shown_where_most_words_stand():
    text = "本表由各区汇总，按月更新。" * 20 + "含停车场的名称、泊位数和收费标准。" + "其余说明从略。" * 20
    shown = excerpt(text, ["停车场", "泊位数", "本表"])
    assert set(hits(shown)) == {"停车场", "泊位数"} | ({"本表"} & set(hits(shown)))
    assert whole(shown).startswith("…") and whole(shown).endswith("…")
    assert len(whole(shown)) <= LENGTH + 2


def test_an_excerpt_without_a_hit_is_the_beginning():
    text = "甲乙丙丁。" * 60
    assert whole(excerpt(text, ["停车场"])) == text[:LENGTH] + "…"


def test_an_excerpt_at_the_end_of_the_text_is_not_a_scrap():
    shown = whole(excerpt("甲乙丙丁，" * 60 + "停车场", ["停车场"]))
    assert len(shown) > LENGTH // 2 and shown.endswith("停车场")


def test_an_excerpt_does_not_cut_a_latin_word():
    text = "word " * 60
    assert whole(excerpt(text, [])).removesuffix("…").strip().endswith("word")


@given(st.text(max_size=400), st.lists(st.text(max_size=5), max_size=4))
def test_an_excerpt_is_a_part_of_the_text(text, terms):
    shown = whole(excerpt(text, terms)).strip("…")
    assert len(shown) <= LENGTH
    assert shown in " ".join(text.split())


def test_an_item_is_told_when_the_word_is_nowhere_in_what_is_shown():
    items = ["企业名称", "统一社会信用代码", "统一社会信用代码类型", "日期"]
    found = telling(items, ["统一社会信用代码"], ["企业名录", "企业基本信息"])
    assert names(found) == ["统一社会信用代码", "统一社会信用代码类型"]
    assert hits(found[0]) == ["统一社会信用代码"]


def test_no_item_is_told_when_the_title_says_it_already():
    assert telling(["停车场编号"], ["停车场"], ["公共停车场", ""]) == []


def test_an_item_that_has_little_of_the_words_is_not_told():
    pairs = ["统一", "一社", "社会", "会信", "信用", "用代", "代码"]
    found = telling(["社会组织名称", "统一社会信用代码"], pairs, ["企业名录"])
    assert names(found) == ["统一社会信用代码"] and hits(found[0]) == ["统一社会信用代码"]


def test_one_of_two_words_may_stand_in_an_item():
    assert names(telling(["泊位数"], ["停车场", "泊位"], ["停车场信息"])) == ["泊位数"]


def test_a_longer_run_than_the_item_finds_the_nearest_item():
    assert names(telling(["信用代码", "名称"], ["法人统一社会信用代码"], ["企业名录"])) == ["信用代码"]


def test_at_most_three_names_are_told_and_none_twice():
    assert len(telling(["编号一", "编号二", "编号二", "编号三", "编号四"], ["编号"], ["x"])) == 3
