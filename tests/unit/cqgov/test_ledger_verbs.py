"""What the ledger's codes are called, under which verb a refusal is told, and whose entries somebody reads."""

from __future__ import annotations

import pytest

from ckanext.cqgov.domain import ledger_verbs
from ckanext.cqgov.domain.duties import Held, Person
from ckanext.cqgov.domain.ledger_scope import scope
from ckanext.cqgov.domain.organization import Organization


@pytest.mark.parametrize(
    ("action", "data", "told"),
    [
        ("cqgov_duty_assign", {"organization_id": "o", "user_id": "u"}, ("duty.assign", "organization", "o")),
        ("cqgov_duty_end", {"id": "d"}, ("duty.end", "duty", "d")),
        ("cqgov_search_term_delete", {"id": "t"}, ("search-term.delete", "search-term", "t")),
        ("cqgov_calendar_import", {"year": 2026}, ("calendar.import", "calendar", "2026")),
        ("package_patch", {"id": "p"}, ("dataset.update", "dataset", "p")),
        ("package_create", {"owner_org": "o"}, ("dataset.create", "organization", "o")),
        ("resource_update", {"id": "r"}, ("resource.update", "resource", "r")),
        ("resource_create", {"package_id": "p", "id": "r"}, ("resource.create", "dataset", "p")),
        ("organization_member_create", {"id": "o"}, ("membership.create", "organization", "o")),
        ("cqgov_duty_end", {}, ("duty.end", "duty", "")),
        ("cqgov_duty_end", {"id": ["x"]}, ("duty.end", "duty", "")),
        ("cqgov_duty_end", {"id": {"a": 1}}, ("duty.end", "duty", "")),
        ("cqgov_duty_end", None, ("duty.end", "duty", "")),
        ("cqgov_duty_end", "x", ("duty.end", "duty", "")),
        ("odd", {"id": "x"}, ("odd.odd", "odd", "x")),
    ],
)
def test_a_refusal_is_told_under_the_verb_of_the_act_about_what_the_client_named(action, data, told):
    assert ledger_verbs.refusal(action, data) == told


def test_a_code_without_a_name_is_called_by_itself():
    assert ledger_verbs.verb("duty.assign").zh == "任职"
    assert ledger_verbs.verb("odd.deed").zh == ledger_verbs.verb("odd.deed").en == "odd.deed"
    assert ledger_verbs.subject("odd").en == "odd"


def test_refusals_use_verbs_that_have_a_name():
    assert {verb for verb, _, _ in ledger_verbs.REFUSALS.values()} <= set(ledger_verbs.VERBS)
    assert {kind for _, kind, _ in ledger_verbs.REFUSALS.values()} <= set(ledger_verbs.SUBJECTS)


def place(id, kind, parent=None, **more):
    return Organization(id=id, name=id, title=id, kind=kind, parent_id=parent, **more)


PLACES = {
    one.id: one
    for one in (
        place("city", "city-government", level="city"),
        place("ndrc", "city-department", "city", level="city", authority=True),
        place("works", "city-department", "city", level="city"),
        place("east", "district-government", "city"),
        place("east-ndrc", "district-department", "east", authority=True),
        place("east-parks", "district-department", "east"),
        place("west", "district-government", "city"),
    )
}
EAST = frozenset({"east", "east-ndrc", "east-parks"})


@pytest.mark.parametrize(
    ("duties", "wanted"),
    [
        ((), frozenset()),
        ((("ndrc", "authority-officer"),), None),
        ((("works", "authority-officer"),), frozenset()),  # no competent department
        ((("works", "inspector"),), None),
        ((("east-ndrc", "authority-officer"),), EAST),
        ((("east-parks", "inspector"),), EAST),
        ((("east-parks", "head"), ("east-parks", "handler"), ("ndrc", "confidentiality-reviewer")), frozenset()),
        ((("east-parks", "inspector"), ("west", "inspector")), EAST | {"west"}),
        ((("gone", "inspector"),), frozenset()),
    ],
)
def test_each_reads_what_they_oversee_or_inspect(duties, wanted):
    person = Person("p", duties=tuple(Held(*one) for one in duties))
    assert scope(person, PLACES) == wanted


def test_a_sysadmin_reads_everything():
    assert scope(Person("p", sysadmin=True), {}) is None
