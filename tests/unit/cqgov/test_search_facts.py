"""Near-duplicates, freshness, and what nobody may ask for: the facts of an entry that a search uses."""

from __future__ import annotations

from datetime import date

import pytest

from ckanext.cqgov.domain.search_alike import key, series
from ckanext.cqgov.domain.search_freshness import FRESHNESS, condition, due_on
from ckanext.cqgov.domain.search_input import WANTED, misshapen, refusal, refused


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2019年公交线路", "2021年公交线路"),
        ("公交线路（2019）", "公交线路 2020"),
        ("第一季度空气质量", "第四季度空气质量"),
        ("一月空气质量", "十二月空气质量"),
        ("上半年执法情况", "下半年执法情况"),
        ("水质监测第3期", "水质监测第十二期"),
        ("二〇二〇年度预算", "2021年度预算"),
    ],
)
def test_a_series_differs_only_in_dates_and_numbers(one, other):
    assert series(one) == series(other) and key("a", one) == key("a", other)


@pytest.mark.parametrize(
    ("one", "other"), [("渝中区公厕", "江北区公厕"), ("公交线路", "公交站点"), ("一般公共预算", "公共预算")]
)
def test_other_things_are_no_series(one, other):
    assert key("a", one) != key("a", other)


def test_other_providers_are_no_series():
    assert key("a", "公交线路") != key("b", "公交线路")


@pytest.mark.parametrize("title", ["", None, "2021", "2021年1月"])
def test_nothing_but_a_date_is_in_no_series(title):
    assert key("a", title) is None


@pytest.mark.parametrize(
    ("cycle", "updated", "due"),
    [
        ("daily", date(2024, 2, 28), date(2024, 2, 29)),
        ("weekly", date(2024, 12, 30), date(2025, 1, 6)),
        ("monthly", date(2023, 1, 31), date(2023, 2, 28)),
        ("quarterly", date(2023, 11, 30), date(2024, 2, 29)),
        ("half-yearly", date(2023, 8, 31), date(2024, 2, 29)),
        ("yearly", date(2024, 2, 29), date(2025, 2, 28)),
        ("irregular", date(2024, 1, 1), None),
        ("static", date(2024, 1, 1), None),
        (None, date(2024, 1, 1), None),
        ("monthly", None, None),
        ("yearly", date(9999, 12, 31), None),
        ("daily", date(9999, 12, 31), None),
    ],
)
def test_by_when_the_next_update_has_to_come(cycle, updated, due):
    assert due_on(cycle, updated) == due


def test_each_value_of_the_filter_has_a_condition_and_no_other():
    conditions = [condition(value, date(2026, 1, 2)) for value in FRESHNESS]
    assert len(set(conditions)) == 3 and all(conditions) and condition("x", date(2026, 1, 2)) is None


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({"q": "permission_labels:public"}, ("q", "Field permission_labels")),
        ({"q": "permission\\_labels:public"}, ("q", "Field permission_labels")),
        ({"q": "\\u0070ermission_labels : x"}, ("q", "Field permission_labels")),
        ({"q": "a AND (+permission_labels:[* TO *])"}, ("q", "Field permission_labels")),
        ({"fq": "state:active -data_dict:*x*"}, ("fq", "Field data_dict")),
        ({"fq_list": ["a:b", "validated_data_dict:x"]}, ("fq_list", "Field validated_data_dict")),
        ({"facet.field": ["tags", "permission_labels"]}, ("facet.field", "Field permission_labels")),
        ({"facet.field": "permission_labels"}, ("facet.field", "Field permission_labels")),
        ({"sort": "permission_labels asc"}, ("sort", "Field permission_labels")),
        ({"qf": "title^2 permission_labels"}, ("qf", "Field permission_labels")),
        ({"bf": "termfreq(permission_labels,'x')"}, ("bf", "Field permission_labels")),
        ({"boost": "exists(data_dict)"}, ("boost", "Field data_dict")),
        ({"fl": ["id", "cqgov:[subquery]"]}, ("fl", "cqgov:[subquery]")),
        ({"fl": ["id", "score"]}, ("fl", "score")),
        ({"fl": "*,score"}, ("fl", "*,score")),
        ({"fl": "id,score_of_school"}, None),
        ({"fl": "title,id:name"}, ("fl", "title,id:name")),
        ({"q": "x^2permission_labels:public"}, ("q", "Field permission_labels")),
        ({"q": "permission_labels /* * */ /**/:public"}, ("q", "Field permission_labels")),
        ({"q": r'\u005fquery_:"\{!join from=owner_org to=owner_org}title:x"'}, ("q", "Field _query_")),
        ({"q": r'_quer\u0079_:"\u007b!join from=owner_org to=owner_org}title:x"'}, ("q", "Field _query_")),
        ({"q": r'x^2_query_:"\{!join from=owner_org to=owner_org}title:x"'}, ("q", "Field _query_")),
        ({"q": r'_query_/**/:"\{!join from=owner_org to=owner_org}title:x"'}, ("q", "Field _query_")),
        ({"fq": r"*:* \u005fv\al_:docfreq\(title,x\)"}, ("fq", "Field _val_")),
        ({"fq_list": ["a:b", "_\u3000_val_\u3000:1"]}, ("fq_list", "Field _val_")),
        ({"df": "_query_"}, ("df", "Field _query_")),
        ({"qf": "title _query_^2"}, ("qf", "Field _query_")),
        ({"q": "what is _val_"}, None),
        ({"fl": ["title", "cqgov_opening_type:title"]}, ("fl", "cqgov_opening_type:title")),
        ({"fl": ["owner:owner_org", "grid:title"]}, None),
        ({"fl": "id,x:field($fq)"}, ("fl", "id,x:field($fq)")),
        ({"sort": "docfreq(title,'x') asc"}, ("sort", "docfreq(title,'x') asc")),
        ({"sort": "query($mm) asc"}, ("sort", "query($mm) asc")),
        ({"boost": "sum(1,ttf (title,'x'))"}, ("boost", "sum(1,ttf (title,'x'))")),
        ({"defType": "xmlparser"}, ("defType", "xmlparser")),
        ({"wt": "xml"}, ("wt", "xml")),
        ({"q": "x:(" * 501}, ("q", "Brackets nested more than 500 deep")),
        ({"fq_list": ["x:(y) " * 900]}, None),
        ({"q": "permission_labels"}, None),
        ({"defType": "bool", "fl": ["extras_名称", "a:title", "*_zh"], "sort": "views_total desc"}, None),
        ({"q": "停车场", "fq": "tags:x", "sort": "score desc", "fl": ["id"]}, None),
        ({"q": 5, "fq": None, "facet.field": {"a": 1}}, None),
        ({"fq": "extras_data_dict_version:1"}, None),
    ],
)
def test_what_nobody_may_ask_for(params, found):
    answer = refused(params, ["bool"])
    assert (answer and (answer[0], answer[1].en)) == found


def test_a_refusal_is_said_in_both_languages():
    said = refusal(*refused({"fq": "data_dict:x"}))
    assert said.zh == "参数“fq”中不能查询字段 data_dict。"
    assert said.en == "Field data_dict cannot be asked for in param 'fq'."
    assert refusal(*refused({"wt": "{x}"})).zh == "参数“wt”中不能查询 {x}。"


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({"start": "", "fq_list": None}, [("fq_list", "texts"), ("start", "number")]),
        ({"rows": [1], "facet.mincount": {}}, [("rows", "number"), ("facet.mincount", "number")]),
        ({"fl": [5], "fq_list": "a:b"}, [("fq_list", "texts"), ("fl", "texts")]),
        ({"include_private": "maybe", "include_drafts": ""}, [("include_private", "flag"), ("include_drafts", "flag")]),
        ({"rows": "5", "fl": "title", "fq_list": [], "include_private": "True", "use_default_schema": None}, []),
    ],
)
def test_what_kind_of_value_no_search_takes(params, found):
    assert misshapen(params) == found and all(kind in WANTED for _, kind in found)
