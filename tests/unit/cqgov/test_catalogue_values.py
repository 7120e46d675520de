"""Raw input becomes typed values; what is not understood is said and never dropped."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ckanext.cqgov import rules
from ckanext.cqgov.domain import catalogue

RULES, GUIDE = rules.current(), rules.guide()


def value(key, raw):
    """Return the typed value of one key; the key must be understood."""
    values, problems = catalogue.normalise({key: raw}, RULES, GUIDE)
    assert problems == []
    return values.get(key)


def refusal(key, raw):
    """Return the code and the Chinese sentence with which one value is refused; it must not appear among the values."""
    values, problems = catalogue.normalise({key: raw}, RULES, GUIDE)
    assert key not in values and len(problems) == 1 and problems[0].field == key
    return problems[0].code, problems[0].text.zh


@pytest.mark.parametrize(
    ("key", "raw", "code"),
    [
        ("update_cycle", "每天", "daily"),
        ("update_cycle", "每日", "daily"),
        ("update_cycle", "Daily", "daily"),
        ("update_cycle", "年", "yearly"),
        ("update_cycle", "不定时", "irregular"),
        ("update_cycle", " 静态数据 ", "static"),
        ("opening_type", "完全开放", "unconditional"),
        ("opening_type", "登录开放", "conditional"),
        ("opening_type", "不予开放", "closed"),
        ("sharing_type", "2", "conditional"),
        ("sharing_type", 3, "withheld"),
        ("base_kind", "自然人信息", "natural-person"),
        ("guide_base_class", "人口", "population"),
        ("format_class", "数据库", "database"),
    ],
)
def test_names_and_synonyms_become_codes(key, raw, code):
    assert value(key, raw) == code


def test_an_unknown_word_is_refused_with_the_permitted_ones():
    code, said = refusal("opening_type", "随便开放")
    assert code == "unknown-value" and "随便开放" in said and "无条件开放、有条件开放、不予开放" in said


@pytest.mark.parametrize("raw", [True, ["daily"], {"a": 1}, 1.5])
def test_a_choice_is_a_word(raw):
    assert refusal("update_cycle", raw)[0] == "unknown-value"


@pytest.mark.parametrize(
    "raw", ["2018-05-05", "2018/5/5", "2018年5月5日", "20180505", "2018-05-05T08:00:00", "2018.5.5", date(2018, 5, 5)]
)
def test_dates_as_tables_write_them(raw):
    assert value("published_on", raw) == "2018-05-05"


@pytest.mark.parametrize("raw", ["2018-02-30", "05/05/2018", "昨天", "2018", 43225])
def test_what_is_no_date_is_refused(raw):
    assert refusal("published_on", raw)[0] == "not-date"


@pytest.mark.parametrize("raw", [True, "true", "on", "1", 1, "是", ["false", "true"]])
def test_yes(raw):
    assert value("sensitive", raw) is True


@pytest.mark.parametrize("raw", [False, "false", "0", 0, "否", ["false"]])
def test_no_is_kept_as_no(raw):
    assert value("sensitive", raw) is False


def test_an_unanswered_question_is_neither_yes_nor_no():
    assert value("sensitive", "") is None and value("sensitive", None) is None
    assert refusal("sensitive", "也许")[0] == "not-bool"


@pytest.mark.parametrize(
    "raw", [["500112", "500103"], '["500112", "500103"]', "500112,500103", "500112，500103、500112"]
)
def test_lists_in_their_spellings(raw):
    assert value("region", raw) == ["500112", "500103"]


def test_a_class_path_keeps_its_levels():
    assert value("class_path", ["主题", "交通", "交通", "", ""]) == ["主题", "交通", "交通"]
    assert value("class_path", "主题/城乡建设/停车") == ["主题", "城乡建设", "停车"]
    assert refusal("class_path", ["主题", "", "停车"])[0] == "gap"
    assert refusal("class_path", list("一二三四五六"))[0] == "too-many"
    assert refusal("class_path", {"a": 1})[0] == "not-list"
    assert refusal("region", "[1")[0] == "not-list"


def test_texts_are_capped_and_free_of_control_characters():
    assert refusal("related_matter", "长" * 501)[0] == "too-long"
    assert value("related_matter", "长" * 500) == "长" * 500
    assert refusal("related_matter", "a\x00b")[0] == "control-character"
    assert refusal("related_matter", ["a"])[0] == "not-text"
    assert value("sharing_basis", " 第一条\r\n第二条 ") == "第一条\n第二条"


def test_codes_are_narrowed():
    assert value("catalog_code", " ３０７００１／１２ ") == "307001/12"
    assert value("provider_code", "11500000-009275780l") == "11500000009275780L"


def test_empty_values_and_foreign_keys_do_not_appear():
    values, problems = catalogue.normalise({"catalog_code": "", "items": [], "title": "x", "foo": 1}, RULES, GUIDE)
    assert (values, problems) == ({}, [])


class TestItems:
    """The table of information items."""

    def test_every_key_is_present_and_typed(self):
        rows = [
            {
                "name": "面积",
                "type": "数值型",
                "length": "8，2",
                "primary_key": "否",
                "personal": "非个人信息",
                "base_item": "是",
            }
        ]
        assert value("items", rows) == [
            {"name": "面积", "type": "N", "length": "8,2", "primary_key": False, "personal": "none", "base_item": True}
        ]

    @pytest.mark.parametrize(
        ("raw", "length"), [("50", 50), (50, 50), ("50.0", 50), (0, 0), ("", None), (None, None), ("8.2", "8,2")]
    )
    def test_lengths(self, raw, length):
        assert value("items", [{"name": "甲", "length": raw}])[0]["length"] == length

    @pytest.mark.parametrize("raw", ["-1", "很长", "2,8", True, "1e3"])
    def test_other_lengths_are_refused(self, raw):
        assert refusal("items", [{"name": "甲", "length": raw}])[0] == "item-value"

    @pytest.mark.parametrize(
        ("raw", "code"), [("C", "C"), ("c", "C"), ("字符型", "C"), ("字符型C", "C"), ("整型", "I"), ("datetime", "T")]
    )
    def test_data_types(self, raw, code):
        assert value("items", [{"name": "甲", "type": raw}])[0]["type"] == code

    def test_an_unknown_data_type_names_its_row(self):
        code, said = refusal("items", [{"name": "甲", "type": "C"}, {"name": "乙", "type": "大整数型"}])
        assert code == "item-value" and "第 2 行" in said and "大整数型" in said and "字符型" in said

    def test_names_are_needed_and_unique(self):
        assert refusal("items", [{"type": "C"}])[0] == "item-nameless"
        code, said = refusal("items", [{"name": "甲"}, {"name": "乙"}, {"name": "甲"}])
        assert code == "item-repeated" and "第 3 行" in said and "第 1 行" in said

    def test_rows_without_any_value_are_left_out_but_counted(self):
        assert len(value("items", [{"name": "甲"}, {"name": "", "type": ""}, {"name": "乙"}])) == 2
        assert "第 3 行" in refusal("items", [{"name": "甲"}, {}, {"type": "C"}])[1]

    def test_an_unknown_column_is_said(self):
        assert refusal("items", [{"name": "甲", "字段": 1}])[0] == "unknown-key"

    @pytest.mark.parametrize("raw", ["甲", "{}", {"name": "甲"}, ["甲"], 5])
    def test_what_is_no_table_is_refused(self, raw):
        assert refusal("items", raw)[0] == "not-items"

    def test_too_many_items(self):
        assert refusal("items", [{"name": str(number)} for number in range(2001)])[0] == "too-many"


JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats(allow_nan=False) | some.text(max_size=20),
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(some.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(some.dictionaries(some.sampled_from(sorted(catalogue.FIELDS)), JSON, max_size=8))
def test_whatever_is_sent_becomes_values_or_problems_and_what_is_stored_comes_back(raw):
    values, problems = catalogue.normalise(raw, RULES, GUIDE)
    assert not {each.field for each in problems} & set(values)
    catalogue.check(values, RULES, GUIDE)
    catalogue.missing(values, RULES, GUIDE)
    stored = catalogue.storage(values)
    assert all(isinstance(each, str) for each in stored.values())
    assert catalogue.restore(json.loads(json.dumps(stored))) == values
    again, none = catalogue.normalise(stored, RULES, GUIDE)
    assert (again, none) == (values, [])
