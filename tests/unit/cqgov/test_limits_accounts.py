"""Passwords and sessions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.cqgov.domain.limits_accounts import Lifetime, is_over, password_problem


def problem(password: str, *names: str, least: int = 10, strength: int = 3) -> str:
    found = password_problem(password, names, least=least, strength=strength)
    return " ".join(found.en.split()[:4]) if found else ""


@pytest.mark.parametrize(
    "password", ["x7Kq-2mPz0vT", "correct horse battery", "山高月小水落石出清风徐来", "a" * 10 + "x7Kq-2mPz0vT"]
)
def test_a_good_password_is_taken(password):
    assert problem(password, "liwei", "李伟") == ""


@pytest.mark.parametrize("password", ["short", "123456789", "好密码"])
def test_a_short_one_is_not(password):
    assert problem(password) == "The password needs at"


def test_one_that_no_library_hashes_is_not():
    assert problem("x7Kq-2mPz0vT" + "a" * 988) == ""
    assert problem("x7Kq-2mPz0vT" + "a" * 989) == "The password may have"


@pytest.mark.parametrize(
    "password",
    ["Password-1", "1234567890", "qwertyuiop12", "aaaaaaaaaaaa", "admin@123456", "chongqing2024", "woaini1314520"],
)
def test_a_common_one_is_not(password):
    assert problem(password) == "This password is too"


@pytest.mark.parametrize(
    "password", ["x7Kq-liwei-2mPz0vT", "x7Kq-LIWEI-2mPz0vT", "x7Kq-李伟-2mPz0vT", "x7Kq-ｌｉｗｅｉ-2mPz0vT"]
)
def test_one_with_its_owners_name_is_not_however_it_is_written(password):
    assert problem(password, "李伟") == "The password must not"


def test_names_of_one_or_two_letters_are_in_every_password():
    assert problem("x7Kq-2mPz0vT", "x7", "k", "") == ""


def test_without_strength_only_the_length_counts():
    assert problem("password", "password", least=8, strength=0) == ""


def test_a_very_long_password_is_judged_in_no_time():
    assert problem("很长的密码 x7Kq-2mPz0vT " * 50) == ""
    assert problem("很长的密码 x7Kq-2mPz0vT " * 2000) == "The password may have"


HOURS = Lifetime(idle=3600, most=8 * 3600)


@pytest.mark.parametrize(
    "began, seen, now, over",
    [
        (0, 0, 3600, False),
        (0, 0, 3601, True),
        (0, 28000, 28800, False),
        (0, 28800, 28801, True),
        (0, 7200, 7300, False),
    ],
)
def test_a_session_ends_after_a_rest_and_in_any_case(began, seen, now, over):
    assert is_over(began, seen, now, HOURS) is over


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(0, 1e6))
def test_a_session_that_is_over_stays_over(began, rest, later):
    now = began + rest
    if is_over(began, began, now, HOURS):
        assert is_over(began, began, now + later, HOURS)
