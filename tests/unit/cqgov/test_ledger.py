"""The ledger's chain: whatever is done to a sealed entry shows, at the place where it was done (Art. 27-29, 33)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.cqgov.domain.ledger import GENESIS, Entry, canonical, chain, digest, first_break, plain

NOON = datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=UTC)
ENTRIES = [
    Entry(number, NOON + timedelta(minutes=number), "wang", "duty.assign", "duty", f"d{number}", {"n": number})
    for number in (4, 1, 9, 7)
]


def sealed(entries=ENTRIES):
    return list(zip(chain(entries), entries, strict=True))


def test_an_untouched_chain_holds_in_the_order_of_sealing():
    rows = sealed()
    assert [seal.position for seal, _ in rows] == [1, 2, 3, 4]
    assert rows[0][0].prev_hash == GENESIS
    assert first_break(rows) is None
    assert first_break([]) is None


def test_sealing_in_two_runs_gives_the_same_chain_as_in_one():
    first = list(chain(ENTRIES[:2]))
    second = list(chain(ENTRIES[2:], first[-1].position, first[-1].hash))
    assert first + second == [seal for seal, _ in sealed()]


@pytest.mark.parametrize(
    "change",
    [
        {"actor": "zhang"},
        {"verb": "duty.end"},
        {"subject_type": "dataset"},
        {"subject_id": "d2"},
        {"at": NOON},
        {"detail": {"n": 2}},
        {"detail": {}},
        {"id": 2},
        {"version": 1},
        {"version": 3},
        {"duties": [{"duty": "head", "organization_id": "o1"}]},
        {"outcome": "refused"},
        {"request_id": "r"},
        {"address": "a"},
        {"organization_id": "o1"},
    ],
)
def test_a_changed_entry_is_named(change):
    rows = sealed()
    rows[2] = (rows[2][0], replace(rows[2][1], **change))
    broken = first_break(rows)
    assert (broken.position, broken.entry_id) == (3, 9)
    assert broken.code == ("version" if change == {"version": 1} else "hash")


def test_a_removed_entry_a_removed_seal_and_a_swap_are_named():
    rows = sealed()
    assert first_break([rows[0], (rows[1][0], None), *rows[2:]]).code == "missing"
    assert first_break([rows[0], *rows[2:]]).code == "gap"
    swapped = [rows[0], (rows[1][0], rows[2][1]), (rows[2][0], rows[1][1]), rows[3]]
    assert (first_break(swapped).position, first_break(swapped).code) == (2, "hash")


def test_a_forger_who_recomputes_one_hash_breaks_the_next_link():
    rows = sealed()
    forged = replace(rows[1][1], detail={"n": 99})
    rows[1] = (replace(rows[1][0], hash=digest(rows[1][0].prev_hash, 2, forged)), forged)
    broken = first_break(rows)
    assert (broken.position, broken.code) == (3, "link")


def test_an_entry_of_the_first_version_is_written_down_as_the_release_before_wrote_it():
    entry = Entry(7, NOON, "wang", "duty.assign", "duty", "d7", {"b": 1, "a": "渝"}, version=1)
    assert canonical(entry) == (
        '{"actor":"wang","at":"2026-03-02T12:00:00.123456+00:00","detail":{"a":"渝","b":1},"id":7,'
        '"subject_id":"d7","subject_type":"duty","verb":"duty.assign"}'.encode()
    )
    assert digest(GENESIS, 1, entry) == "2228b58a9653f8934a122559b6fcb47fae917895a0104a622c8bef86e0f64f8c"
    assert first_break([(next(chain([entry])), entry)]) is None
    for more in (
        {"outcome": "refused"},
        {"duties": [{}]},
        {"request_id": "r"},
        {"address": "a"},
        {"organization_id": "o"},
    ):
        grown = replace(entry, **more)
        assert first_break([(next(chain([entry])), grown)]).code == "hash"


def test_the_old_form_ends_where_the_new_one_begins():
    old, new = replace(ENTRIES[0], version=1), ENTRIES[1]
    assert first_break(sealed([old, new])) is None
    assert (first_break(sealed([new, old])).position, first_break(sealed([new, old])).code) == (2, "version")


def test_a_form_that_is_not_known_is_never_written():
    with pytest.raises(ValueError, match="version 3"):
        canonical(replace(ENTRIES[0], version=3))


def test_every_seal_is_passed_on_behind_a_break_too():
    rows, passed = sealed(), []
    rows[1] = (rows[1][0], None)
    assert first_break(rows, passed.append).position == 2
    assert passed == [seal for seal, _ in rows]


def test_one_instant_is_written_the_same_in_every_zone():
    shanghai = replace(ENTRIES[0], at=ENTRIES[0].at.astimezone(timezone(timedelta(hours=8))))
    assert canonical(shanghai) == canonical(ENTRIES[0])


def test_what_jsonb_refuses_is_kept_in_another_form_rather_than_lost():
    assert plain({"a": "x\x00y", "b": "\ud800", "c": float("nan"), "d": date(2026, 1, 2), "e": {3, 1}, "f": (1,)}) == {
        "a": "x\ufffdy",
        "b": "?",
        "c": "nan",
        "d": "2026-01-02",
        "e": [1, 3],
        "f": [1],
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_plain_is_final_and_always_encodable(value):
    assert plain(plain(value)) == plain(value)
    canonical(replace(ENTRIES[0], detail={"value": value}))


@given(st.lists(st.dictionaries(st.text(), JSON, max_size=2), min_size=2, max_size=5), st.data())
def test_any_change_of_any_detail_is_found(details, data):
    entries = [replace(ENTRIES[0], id=number, detail=detail) for number, detail in enumerate(details)]
    rows = sealed(entries)
    place = data.draw(st.integers(0, len(rows) - 1))
    seal, entry = rows[place]
    rows[place] = (seal, replace(entry, detail={**entry.detail, "added": 1, "was": repr(entry.detail)}))
    assert first_break(rows).position == place + 1
