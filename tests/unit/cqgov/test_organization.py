"""Organisations: finding one by any name, the tree, and the import's plan."""

from __future__ import annotations

from datetime import date
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.cqgov.domain.organization import Directory, Organization, line, pruned, tree, walk, would_circle
from ckanext.cqgov.domain.roster import Planner

CITY = {"title": "重庆市人民政府", "kind": "city-government", "aliases": ["市政府"]}


def planned(*rows, existing=(), taken=(), start=2):
    ids = count()
    planner = Planner(existing, taken, lambda code: code.startswith("5001"), lambda: f"new-{next(ids)}")
    return planner.plan(enumerate(rows, start=start))


def rejects(plan):
    return [(one.row, one.column) for one in plan.rejected]


def test_earlier_ways_of_naming_win_and_a_shared_name_is_nobodys():
    directory = Directory(
        [
            Organization("1", "police", "公安局", aliases=("城管",)),
            Organization("2", "parks", "城市管理局", aliases=("城管",), former_names=("公安局",)),
        ]
    )
    assert directory.find("公安局") == "1"
    assert directory.find("parks") == directory.find(" 城市 管理局 ") == directory.find("2") == "2"
    assert directory.find("城管") is None and directory.candidates("城管") == {"1", "2"}
    assert directory.find("") is None and directory.find("没有") is None


def test_full_width_forms_and_blanks_do_not_matter():
    directory = Directory([Organization("1", "x", "国家税务总局(重庆)", uscc="11500000MB1234567A")])
    assert directory.find("国家税务总局（重庆）") == "1"
    assert directory.find("11500000mb1234567a") == "1"


PARENTS = st.dictionaries(st.sampled_from("abcdefg"), st.sampled_from("abcdefg") | st.none())


@given(PARENTS)
def test_whatever_the_parents_say_every_organisation_is_in_the_tree_exactly_once(parents):
    organizations = [Organization(key, key, parent_id=above) for key, above in parents.items()]
    nodes = tree(organizations, {key: 1 for key in parents})
    assert sorted(node.organization.id for node in walk(nodes)) == sorted(parents)
    assert sum(node.total for node in nodes) == len(parents)


@given(PARENTS)
def test_a_line_always_ends_and_never_repeats(parents):
    for key in parents:
        found = line(key, parents)
        assert len(found) == len(set(found)) and found[0] == key


def test_a_circle_is_seen_before_it_is_made():
    parents = {"b": "a", "c": "b", "a": None}
    assert would_circle("a", "c", parents) and would_circle("a", "a", parents)
    assert not would_circle("c", "a", parents) and not would_circle("a", None, parents)


def test_a_filter_keeps_what_stands_above_and_below_and_the_counts_of_the_whole():
    organizations = [
        Organization("1", "city", "重庆市"),
        Organization("2", "police", "公安局", parent_id="1"),
        Organization("3", "station", "派出所", parent_id="2"),
        Organization("4", "parks", "城市管理局", parent_id="1"),
    ]
    (root,) = pruned(tree(organizations, {"3": 2, "4": 5}), "公安")
    assert root.total == 7
    assert [node.organization.id for node in walk([root])] == ["1", "2", "3"]


def test_rows_may_come_in_any_order_and_name_each_other():
    plan = planned({"title": "渝中区政府", "kind": "区政府", "parent": "市政府"}, CITY)
    assert [one.outcome for one in plan.taken] == ["created", "created"] and not plan.rejected
    assert plan.taken[0].organization.parent_id == plan.taken[1].organization.id
    assert plan.taken[0].organization.level == "district"


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"title": ""}, "title"),
        ({"title": "名" * 201}, "title"),
        ({"name": "Not A Name"}, "name"),
        ({"name": "theme"}, "name"),
        ({"uscc": "123"}, "uscc"),
        ({"kind": "公司"}, "kind"),
        ({"kind": None}, "kind"),
        ({"level": "区县级"}, "level"),
        ({"kind": "public-institution", "level": None}, "level"),
        ({"valid_from": "昨天"}, "valid_from"),
        ({"valid_from": "2025-02-30"}, "valid_from"),
        ({"valid_from": "2025-02-03", "valid_to": "2025-02-02"}, "valid_to"),
        ({"division_code": "990000"}, "division_code"),
        ({"authority": "也许"}, "authority"),
        ({"parent": "没有这个机构"}, "parent"),
        ({"parent": "重庆市人民政府"}, "parent"),
        ({"successor": "重庆市人民政府"}, "successor"),
        ({"aliases": ["名" * 201]}, "aliases"),
    ],
)
def test_each_wrong_value_is_told_by_its_column_with_a_remedy(change, column):
    plan = planned({**CITY, **change}, taken={"theme"})
    assert rejects(plan) == [(2, column)] and not plan.taken
    (reject,) = plan.rejected
    assert all((reject.problem.zh, reject.problem.en, reject.remedy.zh, reject.remedy.en))
    assert "{" not in f"{reject.problem}{reject.remedy}"


def test_two_that_stand_above_each_other_are_rejected_and_the_rest_stays():
    plan = planned(
        CITY,
        {"title": "甲局", "kind": "city-department", "parent": "乙局"},
        {"title": "乙局", "kind": "city-department", "parent": "甲局"},
        {"title": "丙局", "kind": "city-department", "parent": "市政府"},
    )
    assert rejects(plan) == [(3, "parent"), (4, "parent")]
    assert [one.organization.title for one in plan.taken] == ["重庆市人民政府", "丙局"]


def test_the_second_of_two_rows_for_one_organisation_is_rejected():
    assert rejects(planned(CITY, CITY)) == [(3, "title")]


def test_an_organisation_is_known_by_code_then_name_then_title():
    code = "11500000MB1234567A"
    known = [
        Organization("1", "gov", "市府", uscc=code, kind="city-government", level="city"),
        Organization("2", "police", "公安局", kind="city-department", level="city"),
    ]
    row = {"kind": "city-department"}
    (taken,) = planned({**row, "title": "市人民政府", "uscc": code, "kind": "city-government"}, existing=known).taken
    assert (taken.outcome, taken.organization.id, taken.organization.name) == ("updated", "1", "gov")
    assert taken.organization.former_names == ("市府",)
    assert planned({**row, "title": "公安局"}, existing=known).taken[0].outcome == "unchanged"
    assert planned({**row, "title": "公安总局", "name": "police"}, existing=known).taken[0].organization.id == "2"
    assert rejects(planned({**row, "title": "x", "name": "police", "uscc": code}, existing=known)) == [(2, "uscc")]


def test_chinese_headings_dates_and_flags_are_understood_and_strangers_are_named():
    plan = planned(
        {
            "机构名称": "江北区",
            "机构类型": "区县政府",
            "简称": "江北；江北区政府",
            "成立日期": "1997年6月18日",
            "终止日期": "2025/11/5",
            "主管部门": "否",
            "电话": "023",
        }
    )
    (taken,) = plan.taken
    one = taken.organization
    assert (one.valid_from, one.valid_to) == (date(1997, 6, 18), date(2025, 11, 5))
    assert (one.aliases, one.authority, plan.unknown_columns) == (("江北", "江北区政府"), False, ("电话",))


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=4,
)
COLUMN = st.sampled_from(
    "title name uscc kind level parent valid_from valid_to successor division_code aliases authority demo".split()
)


@given(st.lists(st.dictionaries(COLUMN, ANYTHING) | ANYTHING, max_size=4))
def test_no_input_makes_the_planner_crash_and_every_row_is_accounted_for(rows):
    plan = planned(*rows)
    assert sorted(one.row for one in (*plan.taken, *plan.rejected)) == list(range(2, 2 + len(rows)))
