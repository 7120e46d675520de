"""Administrative divisions: what a code meant on a day, and the change of 2025-11-06."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ckanext.cqgov.divisions import current
from ckanext.cqgov.domain.divisions import UNASSIGNED, parse

BEFORE, AFTER = date(2025, 11, 5), date(2025, 11, 6)
HEADER = "key,code,name,level,valid_from,valid_to,precision,successor"


def test_jiangbei_and_yubei_became_liangjiang_whose_code_is_not_published():
    divisions = current()
    for code, name in (("500105", "江北区"), ("500112", "渝北区")):
        was = divisions.lookup(code, BEFORE)
        assert was.name == name and divisions.lookup(code, AFTER) is None
        (now,) = divisions.successors(was)
        assert (now.name, now.code, now.shown_code, now.valid_from) == ("两江新区", None, UNASSIGNED, AFTER)
        assert divisions.lookup(now.key, AFTER) == now and divisions.lookup(now.key, BEFORE) is None


def test_the_city_has_38_districts_and_counties_before_and_37_after():
    for day, count in ((BEFORE, 38), (AFTER, 37)):
        assert sum(one.level == "district" for one in current().current(day)) == count


def test_one_code_can_mean_two_places_on_two_days():
    assert current().lookup("500101", date(1997, 6, 1)).name == "万县区"
    assert current().lookup("500101", date(2020, 1, 1)).name == "万州区"
    assert current().lookup("500101", date(1990, 1, 1)) is None
    assert current().known("500101") and not current().known("999999")


def test_an_old_county_is_followed_to_what_it_is_today():
    county = current().lookup("500221", date(1999, 1, 1))
    assert [one.name for one in current().successors(county)] == ["长寿区"]
    assert current().named("长寿区", AFTER).code == "500115"


def test_no_day_has_two_meanings_of_a_code_and_every_end_has_a_successor_from_the_next_day():
    for one in current():
        if one.valid_to is not None:
            following = current().successors(one)[0]
            assert following.valid(one.valid_to + timedelta(days=1))
        for other in current():
            if one is not other and one.code and one.code == other.code:
                assert not (other.valid(one.valid_from) or (one.valid_to and other.valid(one.valid_to)))


@pytest.mark.parametrize(
    "lines",
    [
        [HEADER, "a,1,x,city,nonsense,,day,"],
        [HEADER, "a,1,x,city,2020-01-01,,day,b"],
        [HEADER, "a,1,x,city,2020-01-01,,day,", "a,2,y,city,2020-01-01,,day,"],
        ["key,code", "a,1"],
    ],
)
def test_a_table_that_does_not_hold_is_refused(lines):
    with pytest.raises(ValueError):
        parse(lines)
