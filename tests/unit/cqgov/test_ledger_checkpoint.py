"""Checkpoints against a chain: what does not fit is found, and from where on (Art. 27-29, 33)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.cqgov.domain.ledger_checkpoint import FAULTS, FILE, TABLE, Checkpoint, Comparison, Watch, read

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def hashed(position):
    return f"{position:064x}"


def signed(position, **changes):
    return replace(Checkpoint(position, hashed(position), NOON, "k1", "right"), **changes)


def genuine(one):
    return None if one.key != "k1" else one.signature == "right"


def passed(table, file=None, end=10, chain=hashed):
    """Return what a walk over a chain of ``end`` seals finds, as (source, code, after, position)."""
    watch = Watch(FILE, file, genuine) if file is not None else None
    both = Comparison(Watch(TABLE, table, genuine), watch)
    for position in range(1, end + 1):
        both.passing(position, chain(position))
    return [(fault.source, fault.code, fault.after, fault.position) for fault in both.end()], both.last


def test_checkpoints_that_fit_are_silent_and_the_last_is_told():
    points = [signed(4), signed(10)]
    assert passed(points, points) == ([], points[1])
    assert passed(points) == ([], points[1])
    assert passed([], []) == ([], None)


@pytest.mark.parametrize(
    ("points", "found"),
    [
        ([signed(4), signed(8, hash="other")], ("mismatch", 4, 8)),
        ([signed(4), signed(8, signature="wrong")], ("forged", 4, 8)),
        ([signed(4), signed(8, key="k2")], ("unknown-key", 4, 8)),
        ([signed(8), signed(4)], ("order", 8, 4)),
        ([signed(4), signed(4)], ("order", 4, 4)),
        ([signed(4), signed(12), signed(20)], ("cut", 4, 20)),
        ([signed(12, signature="wrong")], ("forged", 0, 12)),
        ([signed(12), signed(3)], ("order", 0, 3)),
        ([signed(0)], ("order", 0, 0)),
    ],
)
def test_what_does_not_fit_is_found_behind_the_last_that_does(points, found):
    assert passed(points)[0] == [(TABLE, *found)]


def test_a_position_that_the_chain_skips_does_not_fit():
    both = Comparison(Watch(TABLE, [signed(2)], genuine), None)
    for position in (1, 3):
        both.passing(position, hashed(position))
    assert [fault.code for fault in both.end()] == ["mismatch"]


def test_what_the_file_has_and_the_table_lacks_was_removed():
    points = [signed(4), signed(7), signed(10)]
    assert passed([points[0], points[2]], points)[0] == [(TABLE, "removed", 4, 7)]
    assert passed(points, [points[0], points[2]])[0] == [(FILE, "removed", 10, 7)]


def test_a_file_that_begins_later_or_has_not_caught_up_is_no_fault():
    points = [signed(4), signed(7), signed(10)]
    assert passed(points, points[1:])[0] == []
    assert passed(points, points[:2])[0] == []
    assert passed(points, [])[0] == []


def test_a_line_that_can_not_be_read_is_a_fault_at_its_place():
    def lines():
        yield signed(4)
        raise ValueError("not a checkpoint")

    assert passed([signed(4)], lines())[0] == [(FILE, "unreadable", 4, 4)]


def test_every_fault_has_its_sentence():
    for code, text in FAULTS.items():
        assert text.zh and text.en, code


@pytest.mark.parametrize(
    "line",
    [
        "",
        "{}",
        "[]",
        "null",
        "x",
        '{"position":"4","hash":"h","at":"2026-03-02T12:00:00+00:00","key":"k","signature":"s"}',
    ]
    + [signed(4).line().replace("+00:00", ""), signed(4).line().replace('"k1"', "1"), signed(4).line()[:-3]],
)
def test_a_line_that_is_no_checkpoint_is_refused(line):
    with pytest.raises(ValueError, match="not a checkpoint"):
        read(line)


@given(
    st.builds(
        Checkpoint,
        st.integers(0, 2**62),
        st.text(),
        st.datetimes(timezones=st.just(timezone(timedelta(hours=8)))),
        st.text(),
        st.text(),
    )
)
def test_a_line_brings_back_what_was_written_and_what_was_signed(one):
    line = one.line()
    assert "\n" not in line
    again = read(line)
    assert again == one and again.message() == one.message()


def test_every_part_of_a_checkpoint_is_signed():
    one = signed(4)
    changes = ({"position": 5}, {"hash": "x"}, {"at": NOON + timedelta(microseconds=1)}, {"key": "k2"})
    assert len({one.message(), *(replace(one, **change).message() for change in changes)}) == 5
