"""Every cell of who sees what, against an expectation that is written out by hand.

Columns are classifications and publication states, rows are people. ``.`` nothing, ``c`` catalogue entry, ``D`` data. ``EXPECTED``
knows nothing of the code under test but its words.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from ckanext.cqgov import rules
from ckanext.cqgov.domain.access import (
    ANONYMOUS,
    SYSTEM,
    TABLE,
    Audience,
    Dataset,
    Level,
    Viewer,
    access,
    bearer,
    is_listed,
    labels_for,
    labels_of,
)
from ckanext.cqgov.domain.rules import has_article

OWN, OTHER, DISTRICT, ELSEWHERE, ID = "org-own", "org-other", "district-own", "district-other", "dataset-1"

VIEWERS = {
    "anonymous": ANONYMOUS,
    "citizen": Viewer("u1"),
    "citizen with grant": Viewer("u2", granted=frozenset({ID})),
    "citizen with grant for another": Viewer("u3", granted=frozenset({"dataset-2"})),
    "staff of another department": Viewer("u4", staff=True, member_of=frozenset({OTHER})),
    "staff with grant": Viewer("u5", staff=True, member_of=frozenset({OTHER}), granted=frozenset({ID})),
    "member elsewhere without duty": Viewer("u6", member_of=frozenset({OTHER})),
    "provider's handler": Viewer("u7", staff=True, member_of=frozenset({OWN})),
    "provider's head": Viewer("u8", staff=True, member_of=frozenset({OWN})),
    "provider's member without duty": Viewer("u9", member_of=frozenset({OWN})),
    "own reviewer": Viewer("u10", staff=True, reviews=frozenset({OWN})),
    "reviewer elsewhere": Viewer("u11", staff=True, reviews=frozenset({OTHER})),
    "city's authority": Viewer("u12", staff=True, oversees=frozenset({"city"})),
    "district's authority": Viewer("u13", staff=True, oversees=frozenset({DISTRICT})),
    "other district's authority": Viewer("u14", staff=True, oversees=frozenset({ELSEWHERE})),
    "city's inspector": Viewer("u15", inspects=frozenset({"city"})),
    "district's inspector": Viewer("u16", inspects=frozenset({DISTRICT})),
    "other district's inspector": Viewer("u17", inspects=frozenset({ELSEWHERE})),
    "sysadmin": Viewer("u18", sysadmin=True),
    "the portal itself": SYSTEM,
}

# opening type: unconditional, conditional, closed, unknown/missing; sharing type in each: unconditional, conditional,
# withheld, unknown/missing
OPENING = ("unconditional", "conditional", "closed", None)
SHARING = ("unconditional", "conditional", "withheld", None)
STATES = {
    "draft": {"state": "draft", "published": False, "released": False},
    "registered": {"state": "active", "published": False, "released": False},
    "released": {"state": "active", "published": False, "released": True},
    "published": {"state": "active", "published": True, "released": False},
    "deleted": {"state": "deleted", "published": False, "released": False},
}

NOTHING, ENTRY, ALL = ".... .... .... ....", "cccc cccc cccc cccc", "DDDD DDDD DDDD DDDD"
OUTSIDER = {
    "draft": NOTHING,
    "registered": NOTHING,
    "released": NOTHING,
    "published": "DDDD cccc .... ....",
    "deleted": NOTHING,
}
STAFF = {**OUTSIDER, "released": ".... .... Dc.. ....", "published": "DDDD Dccc .... ...."}
PROVIDER = dict.fromkeys(STATES, ALL)
OVERSEER = {
    "draft": NOTHING,
    "registered": ENTRY,
    "released": "cccc cccc Dccc cccc",
    "published": "DDDD Dccc cccc cccc",
    "deleted": ENTRY,
}
INSPECTOR = {**PROVIDER, "draft": NOTHING}

EXPECTED = {
    "anonymous": OUTSIDER,
    "citizen": OUTSIDER,
    "citizen with grant": {**OUTSIDER, "published": "DDDD DDDD .... ...."},
    "citizen with grant for another": OUTSIDER,
    "staff of another department": STAFF,
    "staff with grant": {**STAFF, "released": ".... .... DD.. ....", "published": "DDDD DDDD .... ...."},
    "member elsewhere without duty": OUTSIDER,
    "provider's handler": PROVIDER,
    "provider's head": PROVIDER,
    "provider's member without duty": PROVIDER,
    "own reviewer": PROVIDER,
    "reviewer elsewhere": STAFF,
    "city's authority": OVERSEER,
    "district's authority": OVERSEER,
    "other district's authority": STAFF,
    "city's inspector": INSPECTOR,
    "district's inspector": INSPECTOR,
    "other district's inspector": OUTSIDER,
    "sysadmin": PROVIDER,
    "the portal itself": PROVIDER,
}
LETTERS = {".": Level.NONE, "c": Level.CATALOGUE, "D": Level.DATA}


def dataset(state: str, opening: str | None, sharing: str | None) -> Dataset:
    """Return a dataset of a department of the district ``DISTRICT``."""
    return Dataset(ID, OWN, DISTRICT, opening_type=opening, sharing_type=sharing, creator="u0", **STATES[state])


CELLS = [
    (name, state, opening, sharing, LETTERS[EXPECTED[name][state].split()[row][column]])
    for name, state in product(VIEWERS, STATES)
    for (row, opening), (column, sharing) in product(enumerate(OPENING), enumerate(SHARING))
]


def test_the_expectation_covers_every_cell():
    assert EXPECTED.keys() == VIEWERS.keys()
    assert len(CELLS) == len(VIEWERS) * 5 * 16


@pytest.mark.parametrize(("name", "state", "opening", "sharing", "expected"), CELLS)
def test_a_cell_is_as_written_down(name, state, opening, sharing, expected):
    assert access(VIEWERS[name], dataset(state, opening, sharing)) is expected


@pytest.mark.parametrize(("name", "state", "opening", "sharing", "expected"), CELLS)
def test_labels_list_exactly_what_the_predicate_shows(name, state, opening, sharing, expected):
    shared = set(labels_of(dataset(state, opening, sharing))) & set(labels_for(VIEWERS[name]))
    assert bool(shared) == (expected >= Level.CATALOGUE)


@pytest.mark.parametrize("name", VIEWERS)
def test_labels_say_who_bears_them_again_but_for_grants(name):
    viewer = VIEWERS[name]
    assert bearer(labels_for(viewer)) == replace(viewer, granted=frozenset())


@pytest.mark.parametrize("unknown", ["", "open", "CLOSED", "withheld"])
@pytest.mark.parametrize("name", VIEWERS)
def test_an_unknown_type_is_read_as_none_at_all(name, unknown):
    for state, known in product(STATES, (*OPENING, None)):
        assert access(VIEWERS[name], dataset(state, unknown, known)) is access(
            VIEWERS[name], dataset(state, None, known)
        )
    sharing = "none" if unknown == "withheld" else unknown
    for state, known in product(STATES, OPENING):
        assert access(VIEWERS[name], dataset(state, known, sharing)) is access(
            VIEWERS[name], dataset(state, known, None)
        )


@pytest.mark.parametrize("state", ["", "pending", "Active", "unknown"])
@pytest.mark.parametrize("name", VIEWERS)
def test_an_unknown_state_is_read_as_a_draft(name, state):
    for opening, sharing in product(OPENING, SHARING):
        strange = replace(dataset("published", opening, sharing), state=state, released=True)
        assert access(VIEWERS[name], strange) is access(VIEWERS[name], dataset("draft", opening, sharing))


@pytest.mark.parametrize("name", VIEWERS)
def test_what_contradicts_itself_is_shown_to_no_more_people(name):
    """A draft or a deleted entry that is marked as published or released stays a draft or deleted."""
    for state, opening, sharing in product(("draft", "deleted"), OPENING, SHARING):
        marked = replace(dataset(state, opening, sharing), published=True, released=True)
        assert access(VIEWERS[name], marked) is access(VIEWERS[name], dataset(state, opening, sharing))


def test_an_entry_without_provider_is_its_maker_s_and_nobody_else_s():
    orphan = replace(dataset("registered", "closed", "withheld"), provider=None, district=None, creator="u1")
    levels = {name: access(viewer, orphan) for name, viewer in VIEWERS.items()}
    assert {name for name, level in levels.items() if level is Level.DATA} == {
        "citizen",
        "city's inspector",
        "sysadmin",
        "the portal itself",
    }
    assert {name for name, level in levels.items() if level is Level.CATALOGUE} == {"city's authority"}


def test_an_entry_of_the_city_is_no_district_s_business():
    city = replace(dataset("registered", "closed", "withheld"), district=None)
    assert access(VIEWERS["district's authority"], city) is Level.NONE
    assert access(VIEWERS["district's inspector"], city) is Level.NONE
    assert access(VIEWERS["city's authority"], city) is Level.CATALOGUE


def test_a_grant_never_opens_what_its_holder_does_not_see_in_the_catalogue():
    """So that labels, which know of no grants, are complete."""
    for viewer, state, opening, sharing in product(VIEWERS.values(), STATES, OPENING, SHARING):
        each = dataset(state, opening, sharing)
        granted = replace(viewer, granted=frozenset({ID}))
        assert (access(viewer, each) is Level.NONE) == (access(granted, each) is Level.NONE)


def test_what_everybody_sees_bears_one_label_alone():
    assert labels_of(dataset("published", "conditional", None)) == ("public",)
    assert labels_for(ANONYMOUS) == ("public",)


def test_no_key_of_one_audience_is_taken_for_another_s():
    tricky = Viewer("staff", member_of=frozenset({"sysadmin", "city"}), reviews=frozenset({"public"}))
    assert bearer(labels_for(tricky)) == tricky
    assert not {"staff", "sysadmin"} & set(labels_for(tricky))


def test_every_row_names_an_article_of_the_decree_and_nobody_is_without_a_row():
    assert all(has_article(rules.current().text, rule.article) for rule in TABLE)
    assert {rule.audience for rule in TABLE} == set(Audience)


@pytest.mark.parametrize(
    "state, private, opening, listed",
    [
        ("active", False, "conditional", True),
        ("active", False, "unconditional", True),
        ("active", False, "closed", False),
        ("active", False, None, False),
        ("active", True, "unconditional", False),
        ("active", None, "unconditional", False),
        ("draft", False, "unconditional", False),
        (None, False, "unconditional", False),
    ],
)
def test_only_an_active_public_entry_of_a_listed_type_is_listed(state, private, opening, listed):
    assert is_listed(state, private, opening) is listed
