"""The rules files: what the decree says, how faults are reported, and that nothing else is cited as the decree."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ckan.common import config

from ckanext.cqgov import rules
from ckanext.cqgov.domain.rules import NotOfTheDecree, numeral

SHIPPED = Path(rules.__file__).parent / "decree-320.yaml"
SOURCE = SHIPPED.read_text("utf-8")
RULES, GUIDE = rules.load(), rules.load_guide()

# Written from the decree's text, not from the rules file: code -> days, article, extension days, times, by, month, day.
CLOCKS = {
    "catalogue_update": (15, "9", 0, 0, None, None, None),
    "catalogue_report": (10, "10", 0, 0, None, None, None),
    "share_reply": (10, "19", 0, 0, None, None, None),
    "correction_check": (10, "20", 15, 1, "head", None, None),
    "open_reply": (15, "24", 15, 1, "head", None, None),
    "department_yearly_report": (None, "37", 0, 0, None, 1, 31),
    "city_yearly_report": (None, "37", 0, 0, None, 2, 0),
}


def test_every_clock_is_the_decrees():
    assert {
        code: (
            clock.days,
            clock.article,
            clock.extension_days,
            clock.extension_times,
            clock.extension_by,
            clock.month,
            clock.day,
        )
        for code, clock in RULES.clocks.items()
    } == CLOCKS
    assert {clock.basis for clock in RULES.clocks.values()} == {"decree"}


@pytest.mark.parametrize(
    ("section", "article", "names"),
    [
        ("sharing_types", "16", ["无条件共享", "有条件共享", "不予共享"]),
        ("opening_types", "22", ["无条件开放", "有条件开放", "不予开放"]),
        (
            "base_kinds",
            "17(2)",
            ["自然人信息", "法人信息", "自然资源和空间地理信息", "投资项目信息", "社会治安综合治理信息"],
        ),
        (
            "thematic_kinds",
            "17(3)",
            ["行政审批", "信用信息", "涉税信息", "生态环保", "健康保障", "社会保障", "交通管理"],
        ),
    ],
)
def test_classifications_and_kinds_are_named_as_in_the_decree(section, article, names):
    entries = RULES.section(section).values()
    assert [entry.zh for entry in entries] == names
    assert {(entry.basis, entry.article) for entry in entries} == {("decree", article)}


def test_only_three_kinds_of_basis_may_restrict_sharing():
    assert [kind.code for kind in RULES.basis_kinds.values() if "sharing" in kind.restricts] == [
        "law",
        "administrative-regulation",
        "central-policy",
    ]


def test_the_eight_violations_are_the_eight_items_of_article_40():
    assert [entry.article for entry in RULES.violations.values()] == [f"40({item})" for item in range(1, 9)]


def test_the_catalogue_of_the_first_two_opening_types_is_public():
    assert [kind.code for kind in RULES.opening_types.values() if kind.listed] == ["unconditional", "conditional"]


def test_an_article_is_cited_in_both_languages():
    cited = RULES.cite("17(1)")
    assert cited.zh == "《重庆市政务信息资源共享开放管理办法》第十七条第（一）项"
    assert cited.en == "Decree 320, Art. 17(1)"
    assert RULES.cite(RULES.violations["not-opened"]).zh.endswith("第四十条第（四）项")


@pytest.mark.parametrize("article", ["0", "45", "17(4)", "16(1)", "17(", "17(0)", "", "XVII", "17(1", "１７"])
def test_an_article_that_the_decree_does_not_have_is_not_cited(article):
    with pytest.raises(NotOfTheDecree):
        RULES.cite(article)


def test_no_value_that_rests_on_something_else_is_cited_as_the_decree():
    others = [
        entry
        for section in ("basis_kinds", "caps", "identity_documents", "fixed_holidays", "laws", "requirements")
        for entry in RULES.section(section).values()
        if entry.basis != "decree"
    ]
    assert len(others) > 20
    for entry in others:
        with pytest.raises(NotOfTheDecree):
            RULES.cite(entry)
        assert "320" not in RULES.source(entry).en


def test_articles_are_written_in_chinese_numerals():
    assert [numeral(number) for number in (1, 10, 17, 20, 22, 40, 44)] == [
        "一", "十", "十七", "二十", "二十二", "四十", "四十四",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("section", "word", "code"),
    [
        ("update_cycles", "每天", "daily"),
        ("update_cycles", " 实时 ", "real-time"),
        ("update_cycles", "分钟级", "real-time"),
        ("update_cycles", "小时级", "real-time"),
        ("update_cycles", "即时", "real-time"),
        ("update_cycles", "年", "yearly"),
        ("update_cycles", "半年", "half-yearly"),
        ("update_cycles", "不定时", "irregular"),
        ("update_cycles", "不定期更新", "irregular"),
        ("update_cycles", "静态数据", "static"),
        ("update_cycles", "ＹＥＡＲＬＹ", "yearly"),
        ("update_cycles", "每个世纪", None),
        ("update_cycles", "", None),
        ("update_cycles", None, None),
        ("opening_types", "完全开放", "unconditional"),
        ("opening_types", "依申请开放", "conditional"),
        ("opening_types", "登录开放", "conditional"),
        ("sharing_types", "无条件", "unconditional"),
        ("data_types", "字符型 C", "C"),
        ("data_types", "c", "C"),
        ("format_classes", "服务接口", "service-interface"),
    ],
)
def test_words_of_real_portals_are_understood(section, word, code):
    assert GUIDE.resolve(section, word) == code


def test_an_unknown_section_is_a_programming_error():
    with pytest.raises(KeyError):
        GUIDE.resolve("no_such_section", "x")


def test_the_rules_cannot_be_changed_by_whoever_reads_them():
    with pytest.raises(TypeError):
        RULES.clocks["share_reply"] = None
    with pytest.raises(AttributeError):
        RULES.clocks["share_reply"].days = 99


def test_the_whole_of_the_rules_is_json_with_its_sources():
    shown = RULES.as_dict()
    assert shown["clocks"]["open_reply"]["source"]["en"] == "Decree 320, Art. 24"
    assert shown["basis_kinds"]["department-rule"]["source"]["en"] == "set by the operator of the portal"
    assert shown["fixed_holidays"]["new-year"]["source"]["zh"].startswith("全国年节及纪念日放假办法")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('days: 10, basis: decree, article: "10"', 'dayz: 10, basis: decree, article: "10"', "unknown key dayz"),
        ('days: 10, basis: decree, article: "10"', 'days: ten, basis: decree, article: "10"', "wrong type"),
        ('days: 10, basis: decree, article: "10"', 'days: 0, basis: decree, article: "10"', "less than 1"),
        ('days: 10, basis: decree, article: "10"', 'days: 10, basis: decree, article: "110"', "must look like"),
        ('days: 10, basis: decree, article: "10"', 'days: 10, basis: decree, article: "45"', "no Art. 45"),
        ('days: 10, basis: decree, article: "10"', 'days: 10, basis: decree, article: "17(4)"', "no Art. 17(4)"),
        ('days: 10, basis: decree, article: "10"', "days: 10, basis: decree", "needs an article"),
        ('days: 10, basis: decree, article: "10"', 'days: 10, basis: operator, article: "10"', "only a value of basis"),
        ('days: 10, basis: decree, article: "10"', "days: 10, basis: other-law", "needs a law"),
        ('days: 10, basis: decree, article: "10"', "days: 10, basis: rumour", "must be one of"),
        ('days: 10, basis: decree, article: "10"', "days: 10, month: 2, day: 1, basis: operator", "only one of them"),
        ('days: 10, basis: decree, article: "10"', "days: 10, extension_days: 5, basis: operator", "needs days"),
        ("month: 1, day: 31", "month: 4, day: 31", "no such day"),
        ("month: 10, days: [1, 2, 3]", "month: 2, days: [30]", "no day 30"),
        ('basis: decree, article: "40(8)"', 'article: "40(8)"', "basis is missing"),
        ("zh: 其他组织,", "zh: 法人,", "stands for both"),
        ("  inspector: {", "  head: {", "written twice"),
        ("  public-utility: {", "  public utility: {", "must look like"),
    ],
)
def test_a_faulty_rules_file_names_the_line_and_the_remedy(tmp_path, old, new, said):
    assert SOURCE.count(old) == 1
    file = tmp_path / "city.yaml"
    file.write_text(SOURCE.replace(old, new), "utf-8")
    with pytest.raises(rules.RulesError) as refused:
        rules.load(file)
    assert f"{file}:{SOURCE[: SOURCE.index(old)].count(chr(10)) + 1}:" in refused.value.text.en
    assert said in refused.value.text.en
    assert refused.value.text.zh != refused.value.text.en


def test_every_fault_is_reported_at_once(tmp_path):
    file = tmp_path / "city.yaml"
    file.write_text(SOURCE.replace('"40(8)"', '"40(9)"').replace('"17(3)"', '"17(9)"'), "utf-8")
    with pytest.raises(rules.RulesError) as refused:
        rules.load(file)
    assert len(refused.value.lines) == 9 and list(refused.value.lines) == sorted(refused.value.lines)


def test_a_code_that_the_program_needs_may_not_be_dropped(tmp_path):
    file = tmp_path / "city.yaml"
    file.write_text("".join(line for line in SOURCE.splitlines(True) if not line.startswith("  share_reply:")), "utf-8")
    with pytest.raises(rules.RulesError, match="share_reply"):
        rules.load(file)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is missing"),
        (b"- a\n- b\n", "wrong type"),
        (b"text: {zh: [\n", "not valid YAML"),
        ("text: 规则".encode("gbk"), "UTF-8"),
        (b"a: !!python/object:os.system x\n", "not valid YAML"),
        (b"a: &x {b: *x}\n", "holds itself"),
    ],
)
def test_a_file_that_is_no_rules_file_is_refused_politely(tmp_path, content, said):
    file = tmp_path / "city.yaml"
    file.write_bytes(content)
    with pytest.raises(rules.RulesError) as refused:
        rules.load(file)
    assert said in refused.value.text.en


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(rules.RulesError, match="nowhere.yaml"):
        rules.load(tmp_path / "nowhere.yaml")


@pytest.fixture
def city(tmp_path, monkeypatch):
    """Another city's rules file, named in the configuration."""
    file = tmp_path / "city.yaml"
    file.write_text(SOURCE.replace("zh: 共享申请答复", "zh: 共享答复"), "utf-8")
    monkeypatch.setitem(config, "ckanext.cqgov.rules.file", str(file))
    monkeypatch.setattr(rules, "_read", {})
    monkeypatch.setattr(rules, "_refused", {})
    return file


def later(file: Path) -> None:
    stamp = file.stat().st_mtime_ns + 1_000_000_000
    os.utime(file, ns=(stamp, stamp))


def test_another_city_names_its_own_file_and_a_changed_file_is_followed(city):
    assert rules.current().clocks["share_reply"].zh == "共享答复"
    assert rules.current() is rules.current()
    city.write_text(SOURCE.replace("zh: 共享申请答复", "zh: 答复共享"), "utf-8")
    later(city)
    assert rules.current().clocks["share_reply"].zh == "答复共享"


def test_a_file_that_stops_holding_leaves_the_last_good_rules_in_force(city, caplog):
    good = rules.current()
    city.write_text("format: 2", "utf-8")
    later(city)
    assert rules.current() is good and rules.current() is good
    assert len([record for record in caplog.records if "city.yaml:1" in record.getMessage()]) == 1
    with pytest.raises(rules.RulesError):
        rules.check()


def test_a_faulty_file_stops_the_start(city):
    city.write_text("format: 2", "utf-8")
    with pytest.raises(rules.RulesError):
        rules.check()
    with pytest.raises(rules.RulesError):
        rules.current()
