"""Duties: the access matrix cell by cell, validity by legal day, and the membership that follows (Art. 4-6)."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.cqgov.domain import duties
from ckanext.cqgov.domain.duties import Held, Person
from ckanext.cqgov.domain.organization import Organization
from ckanext.cqgov.rules import load

TREE = {
    one.id: one
    for one in (
        Organization("city", "city", kind="city-government", level="city"),
        Organization("ndrc", "ndrc", kind="city-department", level="city", parent_id="city", authority=True),
        Organization("police", "police", kind="city-department", level="city", parent_id="city"),
        Organization("east", "east", kind="district-government", level="district", parent_id="city"),
        Organization(
            "east-ndrc", "east-ndrc", kind="district-department", level="district", parent_id="east", authority=True
        ),
        Organization("east-parks", "east-parks", kind="district-department", level="district", parent_id="east"),
        Organization("west", "west", kind="district-government", level="district", parent_id="city"),
        Organization("west-parks", "west-parks", kind="district-department", level="district", parent_id="west"),
        Organization("stray", "stray", kind="district-department", level="district", authority=True),
    )
}

PEOPLE = {
    "sysadmin": Person("me", sysadmin=True),
    "nobody": Person("me"),
    "city officer": Person("me", duties=(Held("ndrc", "authority-officer"),)),
    "officer at a department that is not competent": Person("me", duties=(Held("police", "authority-officer"),)),
    "district officer": Person("me", duties=(Held("east-ndrc", "authority-officer"),)),
    "officer without a district": Person("me", duties=(Held("stray", "authority-officer"),)),
    "head": Person("me", duties=(Held("east-parks", "head"),)),
    "head of the district": Person("me", duties=(Held("east", "head"),)),
    "handler": Person("me", duties=(Held("east-parks", "handler"),)),
    "reviewer": Person("me", duties=(Held("east-parks", "confidentiality-reviewer"),)),
    "city inspector": Person("me", duties=(Held("police", "inspector"),)),
    "district inspector": Person("me", duties=(Held("east", "inspector"),)),
}
STAFF = {"handler", "catalogue-officer", "confidentiality-reviewer"}
EVERY = STAFF | {"head", "authority-officer", "inspector"}

# Written from the decree, not from the code: who -> organisation -> duties they may give to somebody else there.
EXPECTED = {
    "sysadmin": {place: EVERY for place in TREE},
    "nobody": {},
    "city officer": {place: EVERY for place in TREE},
    "officer at a department that is not competent": {},
    "district officer": {
        "east": STAFF | {"head"},
        "east-ndrc": STAFF | {"head"},
        "east-parks": STAFF | {"head"},
    },
    "officer without a district": {},
    "head": {"east-parks": STAFF},
    "head of the district": {"east": STAFF},
    "handler": {},
    "reviewer": {},
    "city inspector": {},
    "district inspector": {},
}
# Who -> organisations whose duties they may read.
READABLE = {
    "sysadmin": set(TREE),
    "nobody": set(),
    "city officer": set(TREE),
    "officer at a department that is not competent": {"police"},
    "district officer": {"east", "east-ndrc", "east-parks"},
    "officer without a district": {"stray"},
    "head": {"east-parks"},
    "head of the district": {"east"},
    "handler": {"east-parks"},
    "reviewer": {"east-parks"},
    "city inspector": set(TREE),
    "district inspector": {"east", "east-ndrc", "east-parks"},
}


@pytest.mark.parametrize(("who", "duty", "place"), list(product(PEOPLE, sorted(EVERY), TREE)))
def test_each_cell_of_who_may_assign_what_where(who, duty, place):
    allowed = duty in EXPECTED[who].get(place, set())
    assert duties.may_assign(PEOPLE[who], duty, "other", place, TREE) is allowed


@pytest.mark.parametrize(("who", "duty", "place"), list(product(PEOPLE, sorted(EVERY), TREE)))
def test_nobody_but_a_sysadmin_assigns_to_themselves(who, duty, place):
    assert duties.may_assign(PEOPLE[who], duty, "me", place, TREE) is (who == "sysadmin")


@pytest.mark.parametrize(("who", "place"), list(product(PEOPLE, TREE)))
def test_each_cell_of_who_may_read_which_duties(who, place):
    assert duties.may_list(PEOPLE[who], place, None, TREE) is (place in READABLE[who])


@pytest.mark.parametrize("who", PEOPLE)
def test_only_those_of_the_whole_city_read_the_whole_city_and_everyone_their_own(who):
    wide = who in ("sysadmin", "city officer", "city inspector")
    assert duties.city_wide(PEOPLE[who], TREE) is wide
    assert duties.may_list(PEOPLE[who], None, "other", TREE) is wide
    assert duties.may_list(PEOPLE[who], None, "me", TREE)
    assert duties.city_authority(PEOPLE[who], TREE) is (who in ("sysadmin", "city officer"))


def test_an_unknown_duty_or_organisation_is_refused():
    assert not duties.may_assign(PEOPLE["city officer"], "king", "other", "police", TREE)
    assert not duties.may_assign(PEOPLE["city officer"], "handler", "other", "nowhere", TREE)


def test_the_duties_and_the_kinds_are_those_of_the_rules_file():
    from ckanext.cqgov.domain import organization

    law = load()
    assert list(duties.DUTIES) == list(law.duties)
    assert set(organization.KINDS) == set(law.organization_kinds)
    assert {code: text for code, text in organization.LEVELS.items()} == {
        code: entry.text for code, entry in law.organization_levels.items()
    }


def test_authority_officers_exist_only_at_a_competent_department():
    day = date(2026, 3, 2)
    assert duties.fault_of_post("authority-officer", TREE["police"], day, None)[0] == "duty"
    assert duties.fault_of_post("authority-officer", TREE["ndrc"], day, None) is None
    assert duties.fault_of_post("king", TREE["ndrc"], day, None)[0] == "duty"


def test_a_duty_lies_within_the_life_of_its_organisation():
    ended = Organization("jiangbei", "jiangbei", valid_to=date(2025, 11, 5))
    assert duties.fault_of_post("head", ended, date(2025, 1, 1), date(2025, 11, 5)) is None
    assert duties.fault_of_post("head", ended, date(2025, 11, 6), None)[0] == "valid_from"
    assert duties.fault_of_post("head", ended, date(2025, 1, 1), date(2025, 11, 6))[0] == "valid_to"
    assert duties.fault_of_post("head", TREE["police"], date(2026, 2, 1), date(2026, 1, 1))[0] == "valid_to"


def test_ending_shortens_and_never_prolongs_and_what_never_began_is_cancelled():
    first, last, today = date(2026, 3, 1), date(2026, 6, 30), date(2026, 3, 10)
    assert duties.ending(first, last, date(2026, 3, 9)) == (date(2026, 3, 9), False)
    assert duties.ending(first, last, date(2026, 2, 28)) == (last, True)
    assert duties.fault_of_ending(last, False, date(2026, 7, 1), today) is not None
    assert duties.fault_of_ending(date(2026, 3, 9), False, date(2026, 3, 9), today) is not None
    assert duties.fault_of_ending(None, True, today, today) is not None
    assert duties.fault_of_ending(None, False, today, today) is None


CAPACITY = st.sampled_from([None, "member", "editor", "admin", "steward"])
WANTED = st.sampled_from([None, "member", "editor"])


@given(CAPACITY, WANTED)
def test_what_duties_gave_ends_with_them_and_what_others_gave_is_untouched(before, wanted):
    during, mark = duties.change_of_membership(before, None, wanted)
    after, left = duties.change_of_membership(during, mark, None)
    assert (after, left) == (before, None)
    if wanted == "editor" and before in (None, "member"):
        assert during == "editor"
    if before in ("admin", "editor", "steward"):
        assert during == before


@given(CAPACITY, WANTED, WANTED)
def test_following_twice_changes_nothing_more(before, first, second):
    state = duties.change_of_membership(before, None, first)
    state = duties.change_of_membership(*state, second)
    assert duties.change_of_membership(*state, second) == state


def test_a_membership_changed_by_hand_belongs_to_whoever_changed_it():
    assert duties.change_of_membership("admin", ("editor", None), None) == ("admin", None)
    assert duties.change_of_membership(None, ("editor", None), None) == (None, None)


def test_the_strongest_duty_decides_the_capacity():
    assert duties.capacity(["inspector", "handler"]) == "editor"
    assert duties.capacity(["confidentiality-reviewer"]) == "member"
    assert duties.capacity([]) is None
