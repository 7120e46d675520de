"""Scopes and ends of API tokens."""

from __future__ import annotations

from datetime import datetime

import pytest

from ckanext.cqgov.domain.limits_tokens import allows_action, allows_page, days_problem, expiry

ACTIONS = {
    # action: changes nothing, a token to read may, one to write may
    "package_show": (True, True, True),
    "package_search": (True, True, True),
    "api_token_list": (True, True, True),
    "cqgov_download_link": (False, True, True),
    "package_create": (False, False, True),
    "package_patch": (False, False, True),
    "resource_delete": (False, False, True),
    "datastore_upsert": (False, False, True),
    "cqgov_catalogue_import": (False, False, True),
    "dataset_purge": (False, False, False),
    "api_token_create": (False, False, False),
    "user_create": (False, False, False),
    "user_patch": (False, False, False),
    "organization_member_create": (False, False, False),
    "config_option_update": (False, False, False),
    "cqgov_duty_assign": (False, False, False),
    "cqgov_grant_create": (False, False, False),
    "package_collaborator_create": (False, False, False),
    "datastore_function_create": (False, False, False),
}


@pytest.mark.parametrize("action", ACTIONS)
def test_an_action_is_within_a_scope_or_not(action):
    reads, to_read, to_write = ACTIONS[action]
    found = [allows_action(scope, action, reads=reads) for scope in ("read", "write", "full")]
    assert found == [to_read, to_write, True]


@pytest.mark.parametrize(
    "endpoint, method, to_read, to_write",
    [
        ("dataset.read", "GET", True, True),
        ("admin.index", "GET", True, True),
        ("datatablesview.ajax", "POST", True, True),
        ("dataset.edit", "POST", False, True),
        ("user.api_tokens", "POST", False, False),
        ("admin.reset_config", "POST", False, False),
        ("organization.member_new", "POST", False, False),
        ("cqgov_duty.assign", "POST", False, False),
    ],
)
def test_a_page_is_within_a_scope_or_not(endpoint, method, to_read, to_write):
    assert [allows_page(scope, endpoint, method) for scope in ("read", "write", "full")] == [to_read, to_write, True]


@pytest.mark.parametrize("scope", ["", "READ", "everything", "admin"])
def test_an_unknown_scope_allows_nothing(scope):
    assert not allows_action(scope, "package_show", reads=True)
    assert not allows_page(scope, "home.index", "GET")


@pytest.mark.parametrize(
    "days, fine", [(1, True), (366, True), (0, False), (367, False), (-1, False), ("9", False), (True, False)]
)
def test_a_token_is_valid_for_one_day_to_the_longest_time(days, fine):
    assert (days_problem(days, 366) is None) is fine


MADE = datetime(2026, 1, 1)


@pytest.mark.parametrize(
    "stored, ends",
    [
        ("2026-02-01T00:00:00", datetime(2026, 2, 1)),
        (None, datetime(2026, 4, 11)),
        ("2030-01-01T00:00:00", datetime(2026, 4, 11)),
        ("nonsense", MADE),
    ],
)
def test_no_token_outlives_the_longest_time_and_a_broken_end_is_none(stored, ends):
    assert expiry(MADE, stored, 100) == ends
