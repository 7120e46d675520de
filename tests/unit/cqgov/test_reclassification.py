"""What follows a change of classification: the course, its steps, its pauses, and what an activity may keep."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.cqgov.domain import activity_copy
from ckanext.cqgov.domain.access import Dataset, Viewer, labels_for
from ckanext.cqgov.domain.reclassification import (
    NEXT,
    PLANS,
    STATES,
    TRIES,
    Course,
    State,
    course,
    narrowed,
    pause,
    state,
)

OPEN = Dataset("d", "p", None, "active", True, False, "unconditional", "unconditional")
CONDITIONAL = replace(OPEN, opening_type="conditional")
CLOSED = replace(OPEN, opening_type="closed", published=False)
PRIVATE = replace(OPEN, published=False)
DRAFT = replace(PRIVATE, state="draft")
DELETED = replace(PRIVATE, state="deleted")
RELEASED = replace(CLOSED, released=True)
WITHHELD = [CONDITIONAL, CLOSED, PRIVATE, DRAFT, DELETED, RELEASED]
SECRET = "https://files.example/canary/table.csv"


def page(id_):
    return f"https://portal.example/dataset/d/resource/{id_}"


@pytest.mark.parametrize("after", WITHHELD)
def test_whatever_stops_being_open_is_withdrawn(after):
    assert course(OPEN, after) is Course.WITHDRAW


@pytest.mark.parametrize("before", WITHHELD)
def test_whatever_becomes_open_is_published(before):
    assert course(before, OPEN) is Course.PUBLISH


@pytest.mark.parametrize("stance", [OPEN, *WITHHELD])
def test_what_stays_as_it_was_and_what_is_new_has_no_copies(stance):
    assert course(stance, stance) is None and course(None, stance) is None


def test_an_entry_that_stays_open_with_another_provider_is_left_alone():
    assert course(OPEN, replace(OPEN, provider="q")) is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (CONDITIONAL, CLOSED),
        (CONDITIONAL, PRIVATE),
        (RELEASED, CLOSED),
        (PRIVATE, replace(PRIVATE, provider="q")),
        (CLOSED, replace(CLOSED, provider=None)),
    ],
)
def test_what_fewer_see_than_before_is_withdrawn_once_more(before, after):
    assert course(before, after) is Course.WITHDRAW


@pytest.mark.parametrize(
    ("before", "after"), [(CLOSED, CONDITIONAL), (DRAFT, PRIVATE), (CLOSED, RELEASED), (PRIVATE, CONDITIONAL)]
)
def test_what_more_people_see_but_is_not_open_has_nothing_to_follow(before, after):
    assert course(before, after) is None


def test_every_course_ends_with_the_pages_and_what_removes_also_with_the_proof():
    for what, plan in PLANS.items():
        assert len(set(plan.codes)) == len(plan.codes)
        assert plan.codes[-1] == ("pages" if what is Course.PUBLISH else "proof")
        assert plan.halting == (what is Course.PUBLISH)


def test_it_is_tried_again_later_and_later_and_never_given_up():
    pauses = [pause(attempt) for attempt in range(1, 20)]
    assert pauses == sorted(pauses) and pauses[0] == timedelta(minutes=1) and pauses[-1] == TRIES[-1]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"finished": True, "leased": False, "attempts": 9}, State.DONE),
        ({"finished": False, "leased": True, "attempts": 9}, State.RUNNING),
        ({"finished": False, "leased": False, "attempts": 0}, State.WAITING),
        ({"finished": False, "leased": False, "attempts": 4}, State.WAITING),
        ({"finished": False, "leased": False, "attempts": 5}, State.STUCK),
    ],
)
def test_after_five_tries_somebody_has_to_look(facts, expected):
    assert state(**facts) is expected
    assert set(NEXT) == set(STATES) == set(State) and NEXT[State.DONE] is None


LABELS = st.lists(
    st.sampled_from(["public", "staff", "member-p", "member-q", "authority-city", "sysadmin"]), max_size=4
)
VIEWERS = st.builds(
    Viewer,
    sysadmin=st.booleans(),
    staff=st.booleans(),
    member_of=st.frozensets(st.sampled_from(["p", "q"])),
    oversees=st.frozensets(st.sampled_from(["city"])),
)


@given(LABELS, LABELS, VIEWERS)
def test_nobody_sees_an_old_activity_who_did_not_then_or_does_not_now(then, now, viewer):
    held = {*labels_for(viewer), "public"}
    if held & set(narrowed(then, now)) and "sysadmin" not in held:
        assert held & set(then) and held & set(now)


def test_an_activity_keeps_what_happened_and_loses_where_the_data_were():
    data = {
        "actor": "a",
        "package": {
            "id": "d",
            "title": "停车场",
            "notes": f"见 {SECRET} 。",
            "resources": [
                {
                    "id": "r",
                    "name": "表",
                    "url": SECRET,
                    "url_type": None,
                    "original_name": "canary.csv",
                    "hash": "canary",
                    "size": 8,
                    "datastore_active": True,
                    "remark": "canary",
                    "format": "CSV",
                }
            ],
        },
    }
    clean = activity_copy.cleaned(data, page)
    assert "canary" not in repr(clean)
    assert clean["package"]["title"] == "停车场" and clean["package"]["notes"] == "见  。"
    assert clean["package"]["resources"] == [
        {"id": "r", "name": "表", "url": page("r"), "url_type": "vault", "format": "CSV"}
    ]
    assert activity_copy.is_clean(clean, page) and not activity_copy.is_clean(data, page)
    assert data["package"]["resources"][0]["url"] == SECRET


def test_what_was_withheld_when_the_activity_was_written_is_clean_already():
    shown = {
        "id": "r",
        "package_id": "d",
        "url": page("r"),
        "url_type": "vault",
        "name": "表",
        "size": None,
        "hash": "",
    }
    data = {"package": {"id": "d", "resources": [{**shown, "datastore_active": False}]}, "actor": "a"}
    assert activity_copy.is_clean(data, page) and activity_copy.addresses(data, page) == frozenset()


@pytest.mark.parametrize(
    "data", [{}, {"package": None}, {"package": {"resources": None}}, {"package": {"resources": [None]}}]
)
def test_activities_of_other_shapes_do_no_harm(data):
    assert activity_copy.cleaned(data, page) == data
