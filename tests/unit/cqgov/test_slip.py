"""What somebody who found nothing probably meant."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.cqgov.domain.slip import around, corrections, did_you_mean

TITLES = (
    "公交车站分布信息",
    "全市公交车站点",
    "停车场收费标准",
    "主城区公共停车场基本信息",
    "渝北区公共厕所",
    "环境空气质量小时监测数据",
    "PM2.5 station list",
    "excel statistics",
    "不动产登记信息",
    "社会保险参保人数",
    "重庆市交通局",
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("公缴车站", "公交车站"),
        ("亭车场", "停车场"),
        ("听車場", "停车场"),
        ("停场车", "停车场"),
        ("空气质理", "空气质量"),
        ("空气量", "空气质量"),
        ("环境空空气质量", "环境空气质量"),
        ("渝北区公缴车站", "渝北区公交车站"),
        ("公缴车站 渝北区", "公交车站 渝北区"),
        ("不动产登机信息", "不动产登记信息"),
        ("停车场收废标准", "停车场收费标准"),
        ("收废标准", "收费标准"),
        ("soufei标准", "收费标准"),
        ("exel", "excel"),
        ("statsitics", "statistics"),
        ("tingcehchang", "停车场"),
        ("gongjiochezhan", "公交车站"),
    ],
)
def test_a_slip_is_put_right(typed, meant):
    assert did_you_mean(typed, TITLES)[:1] == (meant,)


@pytest.mark.parametrize("typed", ["停车场", "公交", "公交车站 停车场", "station", "重庆市", "pm2.5"])
def test_a_query_that_is_fine_is_left_alone(typed):
    assert corrections(typed, TITLES) == ()


@pytest.mark.parametrize("typed", ["", " ", "火星移民", "😀", "x" * 10_000, "停" * 10_000, "{!x}", '"', "的", "2021"])
def test_for_what_is_no_slip_nothing_is_proposed(typed):
    assert corrections(typed, TITLES) == ()


def test_without_titles_nothing_is_proposed():
    assert corrections("公缴车站", ()) == ()


def test_there_are_at_most_three_and_each_stands_in_a_title():
    titles = [f"{character}路停车点" for character in "东冬懂动洞冻"]
    proposed = corrections("咚路停车点", titles)
    assert 0 < len(proposed) <= 3
    assert all(any(each in title for title in titles) for each in proposed)


@given(st.text(alphabet='公交车站停场收费标准空气质量abcst 2😀"', max_size=30))
def test_whatever_is_typed_a_proposal_differs_from_it_and_is_itself_fine(typed):
    for proposal in corrections(typed, TITLES):
        assert proposal != typed


def test_a_long_query_among_many_titles_is_judged_quickly():
    titles = [f"{title}{number}" for number in range(20) for title in TITLES]
    before = time.process_time()
    corrections("渝北区公缴车站不动产登机信息空气质理收废彪准", titles)
    assert time.process_time() - before < 1


def test_titles_to_compare_with_are_found_by_sound_or_by_both_ends():
    assert around("亭扯敞", ["title"]) == 'title_py:"ting. che. chang."'
    assert '"ting"' in around("tingcehchang", ["title"])
    for empty in ("", "😀", "ab", '"'):
        assert around(empty, ["title"]) == ""
