"""The unified social credit code (GB 32100-2015) and the readable name."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ckanext.cqgov.domain.identifiers import NAME, compact_uscc, readable_name, uscc_fault, with_check_character

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = [pow(3, place, 31) for place in range(17)]
BODIES = st.builds(
    lambda head, region, tail: head + region + tail,
    st.text(ALPHABET, min_size=2, max_size=2),
    st.text(string.digits, min_size=6, max_size=6),
    st.text(ALPHABET, min_size=9, max_size=9),
)


def expected_check(body: str) -> str:
    """The check character by the standard's own formula, written down independently."""
    total = sum(ALPHABET.index(letter) * weight for letter, weight in zip(body, WEIGHTS, strict=True))
    return ALPHABET[(31 - total % 31) % 31]


@given(BODIES)
def test_the_check_character_is_that_of_the_standard(body):
    assert with_check_character(body) == body + expected_check(body)
    assert uscc_fault(with_check_character(body)) is None


@given(BODIES, st.integers(0, 17), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_noticed(body, place, letter):
    code = with_check_character(body)
    wrong = code[:place] + letter + code[place + 1 :]
    assert (uscc_fault(wrong) is None) == (wrong == code)


@given(BODIES, st.integers(0, 16))
def test_two_neighbours_swapped_are_noticed(body, place):
    code = with_check_character(body)
    wrong = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert (uscc_fault(wrong) is None) == (wrong == code)


@pytest.mark.parametrize("head", ["N2", "A1", "Y1", "G1"])
def test_the_registrars_that_are_letters_are_known(head):
    assert uscc_fault(with_check_character(f"{head}500103MB1234567")) is None


@given(st.text())
def test_no_text_at_all_makes_the_check_crash(text):
    fault = uscc_fault(text)
    assert fault is None or (fault.zh and fault.en)


@pytest.mark.parametrize("code", ["", "123", "9" * 17, "9" * 19, "I1500000MB1234567A", "11500000MB123456字A"])
def test_what_is_no_code_says_why(code):
    assert uscc_fault(code) is not None


def test_full_width_blanks_and_small_letters_are_forgiven():
    assert compact_uscc(" １１５０００００mb12-34567a\u200b") == "11500000MB1234567A"


@settings(deadline=None)  # the first name loads the pinyin dictionary
@given(st.text(max_size=300), st.sets(st.text(string.ascii_lowercase, max_size=5)))
def test_a_name_is_always_one_that_ckan_takes_and_never_taken(title, taken):
    name = readable_name(title, taken)
    assert NAME.fullmatch(name) and name not in taken and "__" not in name


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("重庆市公安局", "chong-qing-shi-gong-an-ju"),
        ("长寿区人民政府", "chang-shou-qu-ren-min-zheng-fu"),
        ("ABC 中心", "abc-zhong-xin"),
    ],
)
def test_a_name_reads_as_the_title_sounds(title, name):
    assert readable_name(title, ()) == name
    assert readable_name(title, {name}) == f"{name}-2"
    assert re.fullmatch(r"[a-z0-9-]+", name)
