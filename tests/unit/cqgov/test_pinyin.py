"""Readings of Chinese texts and of typed letters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.cqgov.domain.pinyin import BEGINNINGS, MOST_LETTERS, SYLLABLES, fits, readings, syllables

READ = {
    "长寿": "chang shou",
    "重庆": "chong qing",
    "大足": "da zu",
    "酉阳": "you yang",
    "北碚": "bei bei",
    "涪陵": "fu ling",
    "綦江": "qi jiang",
    "璧山": "bi shan",
    "垫江": "dian jiang",
    "潼南": "tong nan",
    "秀山": "xiu shan",
    "厦门": "xia men",
    "行政": "xing zheng",
    "银行": "yin hang",
    "长江": "chang jiang",
    "校长": "xiao zhang",
    "重庆市长寿区": "chong qing shi chang shou qu",
    "重庆市长江大桥": "chong qing shi chang jiang da qiao",
    "市长热线": "shi zhang re xian",
    "工商行政处罚": "gong shang xing zheng chu fa",
    "增长速度": "zeng zhang su du",
    "道路长度": "dao lu chang du",
    "调查": "diao cha",
    "人民调解": "ren min tiao jie",
    "会计": "kuai ji",
    "退耕还林": "tui geng huan lin",
    "献血点": "xian xue dian",
    "效率": "xiao lv",
    "A级景区2021年": "a ji jing qu 2021 nian",
    "ＰＭ２．５监测": "pm 2 5 jian ce",
    "停车😀场": "ting che chang",
    "": "",
}


@pytest.mark.parametrize("text", READ)
def test_texts_are_read_as_people_here_read_them(text):
    assert " ".join(syllables(text)) == READ[text]


def test_every_reading_of_a_common_character_is_a_known_syllable():
    characters = [chr(code) for code in range(0x4E00, 0x9FA6)]
    unknown = {each for character in characters for each in syllables(character)} - SYLLABLES
    assert unknown <= {"fiao", "m", "n", "ng", "hm", "hng", "len", "zhei", "e", "den"}


@pytest.mark.parametrize(
    ("typed", "way"),
    [
        ("tingche", "ting. che"),
        ("tcc", "t c c"),
        ("tingc", "ting. c"),
        ("tcch", "t c ch"),
        ("xian", "xian"),
        ("xian", "xi. an"),
        ("xi'an", "xi. an"),
        ("fangan", "fang. an"),
        ("fangan", "fan. gan"),
        ("cqgj", "c q g j"),
        ("zhsj", "z h s j"),
        ("zhsj", "zh s j"),
        ("Chong Qing", "chong. qing"),
        ("chóngqìng", "chong. qing"),
        ("nüxing", "nv. xing"),
        ("lue", "lve"),
        ("2021nianjian", "2021. nian. jian"),
    ],
)
def test_typed_letters_are_split_as_they_may_be_meant(typed, way):
    assert way in [" ".join(units) for units in readings(typed)]


@pytest.mark.parametrize("typed", ["", "停车", "停che", "x!", "vvv", "2021", "%", "{!lucene}", "a" * 91, " "])
def test_what_is_no_pinyin_has_no_reading(typed):
    assert readings(typed) == []


def test_the_likeliest_way_comes_first():
    assert readings("tingchechang")[0] == ["ting.", "che.", "chang"]
    assert readings("xian")[0] == ["xian"]


def test_a_whole_unit_fits_only_its_syllable():
    assert fits("xi.", "xi") and not fits("xi.", "xian")
    assert fits("xi", "xian") and fits("x", "xi") and not fits("s", "xi")


@given(st.lists(st.sampled_from(sorted(SYLLABLES)), min_size=1, max_size=12))
def test_whatever_is_spelt_out_apart_is_read_as_spelt(spelt):
    typed = " ".join(spelt)
    ways = readings(typed)
    if len(typed) <= MOST_LETTERS:
        assert ways[0] == [*(each + "." for each in spelt[:-1]), spelt[-1]]


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz '-", max_size=MOST_LETTERS))
def test_units_hold_the_letters_in_their_order(typed):
    for way in readings(typed):
        assert all(unit.rstrip(".") in BEGINNINGS for unit in way)
