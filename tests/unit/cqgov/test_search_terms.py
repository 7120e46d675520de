"""How a query is cut along known words, and what is searched besides each."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.cqgov import divisions, term_file
from ckanext.cqgov.domain.organization import Organization
from ckanext.cqgov.domain.organization_terms import of_organizations
from ckanext.cqgov.domain.search_terms import (
    KINDS,
    MOST_OTHERS,
    MOST_RELATED,
    NAME,
    RELATED,
    RENAMED,
    SYNONYM,
    Row,
    Terms,
    key_of,
)
from ckanext.cqgov.domain.term_delivery import division_groups

SHIPPED = Terms.of(
    row for number, group in enumerate(term_file.shipped()) for row in replace(group, id=str(number)).rows()
)


def words(
    *groups: tuple[str, str], renamed: tuple[tuple[str, str], ...] = (), related: tuple[tuple[str, str], ...] = ()
) -> Terms:
    """Terms of ``(kind, "甲、乙")`` groups, ``(former, present)`` names and ``(said, catalogue's)`` words."""
    rows = [Row(str(n), word, kind) for n, (kind, line) in enumerate(groups) for word in line.split("、")]
    for n, (former, present) in enumerate(renamed):
        rows += [*(Row(f"r{n}", word, RENAMED) for word in former.split("、")), Row(f"r{n}", present, RENAMED, True)]
    for n, (said, catalogued) in enumerate(related):
        rows += [Row(f"s{n}", word, RELATED) for word in said.split("、")]
        rows += [Row(f"s{n}", word, RELATED, True) for word in catalogued.split("、")]
    return Terms.of(rows)


def cut(terms: Terms, run: str) -> str:
    """Return the pieces of a run, unknown ones in brackets."""
    return " ".join(unit.text if unit.known else f"[{unit.text}]" for unit in terms.units(run))


TOILETS = (SYNONYM, "公厕、公共厕所、公共卫生间")


def test_synonyms_lead_to_one_another():
    terms = words(TOILETS)
    assert [terms.others(word) for word in ("公厕", "公共厕所", "厕所")] == [
        ("公共厕所", "公共卫生间"),
        ("公厕", "公共卫生间"),
        (),
    ]


def test_a_former_name_leads_to_the_present_one_and_never_back():
    terms = words(renamed=(("工商局、质监局", "市场监督管理局"),))
    assert terms.others("工商局") == ("市场监督管理局",)
    assert terms.others("市场监督管理局") == ()


def test_a_short_name_of_what_was_renamed_leads_on_to_the_present_name_and_its_short_one():
    terms = words(
        (NAME, "工商行政管理局、工商局"),
        (NAME, "市场监督管理局、市场监管局"),
        renamed=(("工商行政管理局", "市场监督管理局"),),
    )
    assert terms.others("工商局") == ("工商行政管理局", "市场监督管理局", "市场监管局")


def test_what_holds_the_word_is_not_searched_again():
    assert words((SYNONYM, "医保、医疗保险、基本医疗保险")).others("医疗保险") == ("医保",)
    assert words((SYNONYM, "gdp、gdpr")).others("gdp") == ("gdpr",)  # Latin words are found as a whole only


def test_names_in_a_circle_end():
    terms = words(renamed=(("甲区", "乙区"), ("乙区", "甲区")))
    assert terms.others("甲区") == ("乙区",)


WORK = ("找工作、找活", "招聘、就业服务")


@pytest.mark.parametrize(
    ("word", "related"),
    [
        ("找工作", ("招聘", "就业服务")),
        ("找活", ("招聘", "就业服务")),
        ("招聘", ()),
        ("就业服务", ()),
        ("工作", ()),
    ],
)
def test_what_people_say_leads_to_the_catalogues_words_and_never_back(word, related):
    terms = words(related=(WORK,))
    assert terms.related(word) == related
    assert terms.others(word) == ()  # nor do two ways of saying it lead to one another


def test_related_words_lead_no_further_and_only_from_the_word_itself():
    terms = words(
        (SYNONYM, "找工作、求职"), (SYNONYM, "招聘、招工"), related=(WORK, ("招聘", "岗位"), ("打工", "找工作"))
    )
    assert (terms.others("找工作"), terms.related("找工作")) == (("求职",), ("招聘", "就业服务"))
    assert (terms.others("求职"), terms.related("求职")) == (("找工作",), ())
    assert (terms.others("招聘"), terms.related("招聘")) == (("招工",), ("岗位",))
    assert (terms.others("打工"), terms.related("打工")) == ((), ("找工作",))


def test_a_word_of_the_catalogue_is_not_known_by_that_and_may_be_led_to_by_many():
    terms = words(related=(WORK, ("缺人、用工", "招聘")))
    assert "招聘" not in terms and cut(terms, "招聘会找工作") == "[招聘会] 找工作"
    assert terms.related("缺人") == ("招聘",) == terms.related("用工")


def test_what_is_searched_anyway_is_no_related_word_of_it():
    terms = words((SYNONYM, "雾霾、灰霾"), related=(("雾霾", "雾霾监测、灰霾、灰霾天气、空气质量、空气质量指数"),))
    assert terms.related("雾霾") == ("空气质量",)


def test_so_many_related_words_are_searched_at_most():
    terms = words(related=(("一一", "、".join(chr(0x4E01 + n) * 2 for n in range(30))),))
    assert len(terms.related("一一")) == MOST_RELATED


def test_so_many_words_are_searched_at_most():
    assert len(words((SYNONYM, "、".join(chr(0x4E00 + n) * 2 for n in range(50)))).others("一一")) == MOST_OTHERS


@pytest.mark.parametrize(
    ("groups", "run", "pieces"),
    [
        ([(NAME, "渝北区、渝北"), TOILETS], "渝北区公厕", "渝北区 公厕"),
        ([(NAME, "市公共"), TOILETS], "城市公共厕所分布", "[城] [市] 公共厕所 [分布]".replace("] [", "")),
        ([(SYNONYM, "中职、中等职业学校"), (NAME, "职工")], "其中职工", "[其中] 职工"),
        ([(SYNONYM, "中职、中等职业学校")], "其中职工", "[其] 中职 [工]"),
        ([(NAME, "江北"), (NAME, "长江")], "长江北岸", "长江 [北岸]"),
        ([(NAME, "江北"), (NAME, "长江北岸")], "长江北岸", "长江北岸"),
        ([(NAME, "甲乙"), (NAME, "乙丙丁"), (NAME, "丙丁戊")], "甲乙丙丁戊", "甲乙 丙丁戊"),
        ([(NAME, "甲乙丙"), (NAME, "丙丁戊己")], "甲乙丙丁戊己", "[甲乙] 丙丁戊己"),
        ([(NAME, "甲乙"), (NAME, "丙丁"), (NAME, "甲乙丙丁")], "甲乙丙丁", "甲乙丙丁"),
        ([(NAME, "甲乙"), (NAME, "乙丙")], "甲乙丙", "甲乙 [丙]"),
    ],
)
def test_the_cut_explains_most_with_the_fewest_pieces(groups, run, pieces):
    assert cut(words(*groups), run) == pieces


def test_latin_words_and_numbers_are_known_as_a_whole_only():
    terms = words((SYNONYM, "gdp、地区生产总值"), (SYNONYM, "pm2.5、细颗粒物"), (SYNONYM, "12345、政务热线"))
    assert cut(terms, "2021年gdp") == "[2021年] gdp"
    assert cut(terms, "2021gdp增速") == "[2021] gdp [增速]"
    assert [cut(terms, run) for run in ("gdpr", "xgdp", "pm2.55", "123456")] == [
        "[gdpr]",
        "[xgdp]",
        "[pm2.55]",
        "[123456]",
    ]
    assert cut(terms, "重庆pm2.5浓度") == "[重庆] pm2.5 [浓度]"


def test_words_are_compared_in_any_way_of_writing():
    terms = words((SYNONYM, "社會保險、社保"), (SYNONYM, "ＷｉＦｉ、无线局域网"))
    assert terms.others("社会保险") == ("社保",)
    assert terms.others("无线局域网") == ("wifi",)


@pytest.mark.parametrize(
    ("query", "pieces"),
    [
        ("渝北区公厕", "渝北区 公厕"),
        ("璧山区充电桩", "璧山区 充电桩"),
        ("綦江养老院", "綦江 养老院"),
        ("酉阳低保", "酉阳 低保"),
        ("长寿区公交站", "长寿区 公交站"),
        ("长寿公交站", "长寿 公交站"),
        ("长寿老人补贴", "长寿老人补贴"),
        ("大足区停车位", "大足区 停车位"),
        ("强大足球", "[强大] 足球"),
        ("长江北岸", "长江北岸"),
        ("湖南岸线", "湖南 [岸线]"),
        ("城口县口岸", "城口县 口岸"),
        ("本科以上学历人数", "[本科] 以上学历 [人数]"),
        ("网上学习平台", "网上学习 [平台]"),
        ("应急救援队伍", "[应急救援队伍]"),
        ("分地区统计", "[分地区统计]"),
        ("各种地图", "[各种地图]"),
        ("气体检测机构", "[气体检测机构]"),
        ("公办学校", "[公办学校]"),
        ("三公里", "[三公里]"),
        ("机关门户网站", "[机关门户网站]"),
        ("施工地点", "[施工地点]"),
        ("驻外办事处", "[驻外] 办事处"),
        ("繁荣昌盛", "繁荣昌盛"),
        ("中央行政机关", "中央 行政 [机关]"),
        ("宗教委员会", "宗教 委员会"),
        ("提高企业", "提高 企业"),
        ("石柱土家族自治县户籍", "石柱土家族自治县 户籍"),
    ],
)
def test_the_shipped_words_never_cut_a_name_wrongly(query, pieces):
    assert cut(SHIPPED, query) == pieces


@pytest.mark.parametrize(
    ("word", "wanted"),
    [
        ("社保", "社会保险"),
        ("公厕", "公共厕所"),
        ("住房公积金", "公积金"),
        ("低保", "最低生活保障"),
        ("医保", "医疗保险"),
        ("渝北区", "两江新区"),
        ("渝北", "两江新区"),
        ("江北区", "两江新区"),
        ("璧山县", "璧山区"),
        ("工商局", "市场监管局"),
        ("质监局", "市场监督管理局"),
        ("卫计委", "卫健委"),
        ("环保局", "生态环境局"),
        ("国土局", "规划和自然资源局"),
        ("农委", "农业农村委员会"),
        ("旅游局", "文化旅游委"),
        ("发改委", "发展改革委"),
        ("gdp", "地区生产总值"),
        ("pm2.5", "细颗粒物"),
        ("wifi", "无线局域网"),
    ],
)
def test_the_shipped_words_know_what_people_say(word, wanted):
    assert wanted in SHIPPED.others(word)


@pytest.mark.parametrize("pair", [("两江新区", "渝北区"), ("市场监督管理局", "质监局"), ("幼儿园", "托育机构")])
def test_what_is_no_synonym_is_not_searched(pair):
    assert pair[1] not in SHIPPED.others(pair[0])


@pytest.mark.parametrize(
    ("said", "catalogued"),
    [
        ("找工作", "招聘"),
        ("打疫苗", "接种门诊"),
        ("雾霾", "空气质量"),
        ("菜价", "农产品价格"),
        ("看病", "医疗机构"),
        ("开店", "营业执照"),
        ("内涝", "积水"),
        ("物价", "居民消费价格"),
        ("工资", "薪酬"),
        ("坐标", "地理信息"),
    ],
)
def test_the_shipped_words_lead_from_what_people_say_to_the_catalogue_one_way(said, catalogued):
    assert catalogued in SHIPPED.related(said)
    assert said not in (*SHIPPED.others(catalogued), *SHIPPED.related(catalogued))


def test_shipped_related_words_are_specific_and_each_group_adds_something():
    for group in term_file.shipped():
        if group.kind == RELATED:
            assert all(SHIPPED.related(key_of(word)) for word in group.words), group.shown()
            assert not {"信息", "情况", "名单", "数据", "统计", "管理", "服务"} & set(group.related), group.shown()


def test_no_shipped_word_stands_in_two_groups_of_a_kind():
    for kind in KINDS:
        every = [key_of(word) for group in term_file.shipped() if group.kind == kind for word in group.everything]
        assert sorted({word for word in every if every.count(word) > 1}) == []


def test_every_division_is_one_piece_with_and_without_its_suffix():
    for group in division_groups(divisions.current()):
        for word in group.words:
            assert [unit.text for unit in SHIPPED.units(f"{word}公厕")] == [word, "公厕"]


def test_an_organisation_is_found_by_its_title_aliases_former_names_and_what_came_before_it():
    rows = of_organizations(
        [
            Organization("new", "new", "南区市场监管局", aliases=("南区市监局",), former_names=("南区工商局",)),
            Organization("old", "old", "南区质监局", aliases=("南区技监局",), successor_id="new"),
        ]
    )
    terms = Terms.of(rows)
    assert terms.others("南区市场监管局") == ("南区市监局",)
    assert terms.others("南区工商局") == ("南区市场监管局", "南区市监局")
    assert terms.others("南区技监局") == ("南区质监局", "南区市场监管局", "南区市监局")


def test_a_name_that_two_organisations_bear_stands_for_neither():
    rows = of_organizations(
        [
            Organization("east", "east", "东区教委", aliases=("教委",), former_names=("文教局",)),
            Organization("west", "west", "西区教委", aliases=("教委",), former_names=("文教局",)),
        ]
    )
    terms = Terms.of(rows)
    assert "教委" in terms and terms.others("教委") == terms.others("东区教委") == terms.others("文教局") == ()


def test_what_somebody_decided_of_a_name_wins_over_an_organisation():
    managed = [Row("1", "江北区", NAME), Row("1", "江北", NAME)]
    rows = of_organizations([Organization("x", "x", "城北办事处", aliases=("江北区",))], managed)
    assert Terms.of([*managed, *rows]).others("江北区") == ("江北",)


ALPHABET = st.text("甲乙丙丁戊ab1 ", min_size=0, max_size=30)
VOCABULARY = st.lists(
    st.tuples(
        st.sampled_from("123456"),
        st.text("甲乙丙丁ab1", min_size=1, max_size=4),
        st.sampled_from(list(KINDS)),
        st.booleans(),
    ),
    max_size=25,
)


@given(VOCABULARY, ALPHABET)
def test_the_pieces_cover_the_run_without_gaps_and_without_two_unknown_ones_in_a_row(rows, run):
    terms = Terms.of(rows)
    units = terms.units(run)
    assert "".join(unit.text for unit in units) == run
    assert all(unit.text for unit in units)
    assert all(unit.known == (unit.text in terms) for unit in units if unit.known)
    assert not any(not one.known and not two.known for one, two in zip(units, units[1:], strict=False))
    assert all(not unit.others and not unit.related for unit in units if not unit.known)


def test_a_word_of_one_character_is_known_only_where_it_stands_alone():
    terms = Terms.of([("1", "鱼", "related"), ("1", "水产", "related", True)])
    assert [tuple(unit) for unit in terms.units("鱼")] == [("鱼", True, (), ("水产",))]
    assert [tuple(unit) for unit in terms.units("鱼洞街道")] == [("鱼洞街道", False, (), ())]


@given(VOCABULARY, ALPHABET)
def test_no_cut_explains_more_characters(rows, run):
    """Against a plain search through all cuts, kept short so that it ends."""
    run = run[:9]
    terms = Terms.of(rows)

    def joined(place: int) -> bool:
        pair = run[place - 1 : place + 1] if 0 < place < len(run) else ""
        return len(pair) == 2 and pair.isascii() and (pair.isalpha() or pair.isdigit())

    def most(place: int) -> int:
        if place >= len(run):
            return 0
        ends = (
            end
            for end in range(place + 1, len(run) + 1)
            if run[place:end] in terms and (end > place + 1 or len(run) == 1) and not joined(place) and not joined(end)
        )
        return max([most(place + 1), *(end - place + most(end) for end in ends)])

    assert sum(len(unit.text) for unit in terms.units(run) if unit.known) == most(0)


@given(VOCABULARY)
def test_synonyms_and_names_are_mutual_and_no_word_is_its_own_other(rows):
    terms = Terms.of(rows)
    for word in terms:
        assert word not in terms.others(word)
        assert len(set(terms.others(word))) == len(terms.others(word)) <= MOST_OTHERS
        assert not {word, *terms.others(word)} & set(terms.related(word))
        assert len(terms.related(word)) <= MOST_RELATED


@given(st.text(max_size=200))
def test_whatever_is_asked_is_answered(text):
    assert "".join(unit.text for unit in SHIPPED.units(key_of(text))) == key_of(text)


def seconds_of(terms: Terms, query: str) -> float:
    """Return the shortest of many measured times, the one that other work disturbed least."""
    best = float("inf")
    for _ in range(15):
        begun = time.perf_counter()
        for _ in range(40):
            terms.units(query)
        best = min(best, time.perf_counter() - begun)
    return best


def test_ten_thousand_groups_are_hardly_slower_to_ask_than_a_hundred():
    rows = [
        Row(str(n), f"{chr(0x4E00 + n % 5003)}{chr(0x5200 + n % 2999)}{end}", SYNONYM)
        for n in range(10_000)
        for end in ("站", "场所", "中心点")
    ]
    known = [row.word for row in rows[: 3 * 100]]
    query = "".join(known[:60:7])[:30] + "没有这样的词语在里面"
    few, many = Terms.of(rows[: 3 * 100]), Terms.of(rows)
    assert len(query) == 40 and len(many) == 30_000
    assert any(unit.known for unit in few.units(query))
    assert seconds_of(many, query) <= 3 * seconds_of(few, query)
