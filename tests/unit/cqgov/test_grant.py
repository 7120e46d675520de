"""What a grant opens, for whom and when; what may be wrong with one; conditions on rows (Arts. 19, 24, 34)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.cqgov import rules
from ckanext.cqgov.domain import access, grant_rows
from ckanext.cqgov.domain.duties import Held, Person
from ckanext.cqgov.domain.grant import (
    WHOLE,
    Grant,
    State,
    Window,
    covers,
    every_row,
    grantable,
    holds,
    may_consent,
    may_give,
    may_oversee,
    next_step,
    opened,
    opens,
    state,
    windows,
)
from ckanext.cqgov.domain.grant_faults import FAULTS, Circumstances, faults, faults_of_revoking
from ckanext.cqgov.domain.grant_rows import Condition, RowFault
from ckanext.cqgov.domain.organization import Organization
from ckanext.cqgov.domain.rules import has_article

DAY = date(2026, 6, 15)
CONDITIONAL = access.Dataset("d1", "provider", None, "active", True, False, "conditional", "conditional")
PERSONAL = Grant(
    "g1",
    "d1",
    holder_user="u1",
    purpose="规划",
    terms_version="1",
    valid_from=date(2026, 6, 1),
    valid_until=date(2026, 6, 30),
)
SHARED = replace(PERSONAL, holder_user=None, holder_organization="o1", staff=frozenset({"u1", "u2"}))
REVOKED = replace(PERSONAL, revoked_at=datetime(2026, 6, 10, tzinfo=UTC))


@pytest.mark.parametrize(
    "held, day, expected",
    [
        (PERSONAL, date(2026, 5, 31), State.UPCOMING),
        (PERSONAL, date(2026, 6, 1), State.RUNNING),
        (PERSONAL, date(2026, 6, 30), State.RUNNING),
        (PERSONAL, date(2026, 7, 1), State.EXPIRED),
        (replace(PERSONAL, valid_until=None), date(2199, 1, 1), State.RUNNING),
        (REVOKED, date(2026, 5, 31), State.REVOKED),
        (REVOKED, DAY, State.REVOKED),
        (REVOKED, date(2026, 7, 1), State.REVOKED),
    ],
)
def test_how_a_grant_stands_on_a_day(held, day, expected):
    assert state(held, day) is expected


@pytest.mark.parametrize(
    "held, user, organizations, expected",
    [
        (PERSONAL, "u1", (), True),
        (PERSONAL, "u2", (), False),
        (PERSONAL, "u2", ("o1",), False),
        (SHARED, "u1", ("o1",), True),
        (SHARED, "u2", ("o2", "o1"), True),
        (SHARED, "u1", (), False),
        (SHARED, "u1", ("o2",), False),
        (SHARED, "u3", ("o1",), False),
    ],
)
def test_whom_a_grant_covers(held, user, organizations, expected):
    assert covers(held, user, organizations) is expected
    assert holds(held, user, organizations, DAY) is expected
    assert not holds(replace(held, revoked_at=datetime(2026, 6, 2, tzinfo=UTC)), user, organizations, DAY)
    assert not holds(held, user, organizations, date(2026, 7, 1))


def test_every_state_says_who_acts_next_and_until_when():
    told = {day: next_step(PERSONAL, day, holder="张三", provider="市交通局") for day in (DAY, DAY.replace(month=5))}
    assert "2026-06-30" in told[DAY].zh and "市交通局" in told[DAY].zh and "张三" in told[DAY].en
    assert "2026-06-01" in told[DAY.replace(month=5)].zh
    expired = next_step(PERSONAL, date(2026, 8, 1), holder="张三", provider="市交通局")
    assert "重新申请" in expired.zh and "市交通局" in expired.en
    gone = next_step(REVOKED, DAY, holder="张三", provider="市交通局", revoked_on=date(2026, 6, 10))
    assert "2026-06-10" in gone.en and "主管部门" in gone.zh
    endless = next_step(replace(PERSONAL, valid_until=None), DAY, holder="张三", provider="市交通局")
    assert "None" not in endless.zh + endless.en


CENTRE = Condition("区县", "=", ("渝中区",))


@pytest.mark.parametrize(
    "parts, expected",
    [
        ([], ()),
        ([{}], (WHOLE,)),
        ([{"resources": frozenset({"r2"})}], ()),
        ([{"columns": ("a",)}], (Window(frozenset({"a"})),)),
        ([{"columns": ("a",)}, {"columns": ("a",)}], (Window(frozenset({"a"})),)),
        (
            [{"columns": ("a",)}, {"columns": ("b",), "rows": (CENTRE,)}],
            (Window(frozenset({"a"})), Window(frozenset({"b"}), (CENTRE,))),
        ),
        ([{"columns": ("a",)}, {}], (WHOLE,)),
        ([{"rows": (CENTRE,)}], (Window(None, (CENTRE,)),)),
    ],
)
def test_several_grants_add_up_by_resource(parts, expected):
    grants = [replace(PERSONAL, **{"resources": frozenset({"r1"}), **part}) for part in parts]
    assert windows(grants, "r1") == expected


@given(st.lists(st.sets(st.sampled_from("abcd")), max_size=4))
def test_a_column_is_open_exactly_where_a_window_opens_it(sets):
    shown = [Window(frozenset(each)) for each in sets if each]
    assert opened(shown, "abcdef") == tuple(name for name in "abcdef" if any(name in each for each in sets))
    assert every_row(shown) is bool(shown)


@pytest.mark.parametrize(
    "changes, citizen, staff",
    [
        ({}, True, True),
        ({"sharing_type": "unconditional"}, True, False),
        ({"sharing_type": "withheld"}, True, True),
        ({"opening_type": "unconditional"}, False, False),
        ({"published": False}, False, False),
        ({"state": "deleted"}, False, False),
        ({"opening_type": "closed", "published": False}, False, False),
        ({"opening_type": "closed", "published": False, "released": True}, False, True),
        ({"opening_type": "closed", "published": False, "released": True, "sharing_type": "withheld"}, False, False),
        ({"opening_type": None}, False, False),
    ],
)
def test_what_can_be_granted_follows_from_the_table_of_access(changes, citizen, staff):
    dataset = replace(CONDITIONAL, **changes)
    assert (opens(dataset, staff=False), opens(dataset, staff=True)) == (citizen, staff)
    assert grantable(dataset) is (citizen or staff)


AROUND = Circumstances(
    dataset=CONDITIONAL,
    day=DAY,
    giver="head",
    tables={"r1": {"区县": "text", "数": "numeric"}, "r2": None},
    members=("u1", "u2"),
    officials=("u1",),
)
CLOSED = replace(CONDITIONAL, opening_type="closed", published=False, released=True)
ONE = frozenset({"r1"})


@pytest.mark.parametrize(
    "changes, around, expected",
    [
        ({}, {}, []),
        ({}, {"dataset": replace(CONDITIONAL, opening_type="unconditional")}, ["open"]),
        ({}, {"dataset": replace(CONDITIONAL, published=False)}, ["shut"]),
        ({"holder_user": None}, {}, ["holder"]),
        ({"holder_organization": "o1", "staff": frozenset({"u1"})}, {}, ["holder", "needless-staff"]),
        ({}, {"giver": "u1"}, ["self"]),
        ({"holder_user": None, "holder_organization": "o1", "staff": frozenset({"u1"})}, {"giver": "u1"}, ["self"]),
        ({"holder_user": None, "holder_organization": "o1"}, {}, ["no-staff"]),
        ({"holder_user": None, "holder_organization": "o1", "staff": frozenset({"u9"})}, {}, ["foreign-staff"]),
        ({"staff": frozenset({"u2"})}, {}, ["needless-staff"]),
        ({}, {"dataset": CLOSED}, []),
        ({"holder_user": "u2"}, {"dataset": CLOSED}, ["department"]),
        ({"resources": frozenset({"r9"})}, {}, ["resource"]),
        ({"columns": ("区县",)}, {}, ["one-resource"]),
        ({"columns": ("区县",), "resources": frozenset({"r1", "r2"})}, {}, ["one-resource"]),
        ({"columns": ("区县",), "resources": frozenset({"r2"})}, {}, ["no-table"]),
        ({"columns": ("区县",), "resources": ONE}, {}, []),
        ({"columns": ("区县", "x"), "resources": ONE}, {}, ["column"]),
        ({"rows": (Condition("x", "=", ("1",)),), "resources": ONE}, {}, ["row-column"]),
        ({"rows": (CENTRE, Condition("数", "range", ("1", None))), "resources": ONE}, {}, []),
        ({"purpose": ""}, {}, ["purpose"]),
        ({"terms_version": ""}, {}, ["terms"]),
        ({"storage": True}, {"consents": False}, ["consent"]),
        ({"storage": True}, {}, []),
        ({"storage": False}, {"consents": False}, []),
        ({"valid_until": date(2026, 5, 1)}, {}, ["order"]),
        ({"valid_until": date(2026, 6, 14)}, {}, ["over"]),
        ({"valid_until": DAY}, {}, []),
        ({"valid_until": None}, {}, []),
    ],
)
def test_what_is_wrong_with_a_grant(changes, around, expected):
    found = faults(replace(PERSONAL, **changes), replace(AROUND, **around))
    codes = [
        next(
            code
            for code, fault in FAULTS.items()
            if (fault.field, fault.articles) == (each.field, each.articles)
            and fault.text.en.split(":")[0] == each.text.en.split(":")[0]
        )
        for each in found
    ]
    assert codes == expected


def test_every_fault_says_its_field_and_article_in_both_languages():
    for fault in FAULTS.values():
        told = fault.told()
        assert told.zh and told.en and fault.field
        assert all(each in told.en and has_article(rules.current().text, each) for each in fault.articles)
    assert FAULTS["shut"].told().zh.endswith("（规章第十六条、第二十二条）")
    assert FAULTS["shut"].told().en.endswith(" (Arts. 16, 22)")
    assert FAULTS["purpose"].told().zh.endswith("（规章第三十四条第（四）项）")
    assert FAULTS["purpose"].told().en.endswith(" (Art. 34(4))")
    assert FAULTS["order"].told() == FAULTS["order"].text


@pytest.mark.parametrize(
    "held, reason, expected",
    [(PERSONAL, "x", []), (PERSONAL, None, ["reason"]), (REVOKED, "x", ["id"]), (REVOKED, "", ["id", "reason"])],
)
def test_revoking(held, reason, expected):
    assert [each.field for each in faults_of_revoking(held, reason, DAY)] == expected
    over = replace(PERSONAL, valid_until=DAY - timedelta(days=1))
    assert [each.field for each in faults_of_revoking(over, "x", DAY)] == ["id"]


DIRECTORY = {
    one.id: one
    for one in (
        Organization("city", "city", level="city", kind="city-government"),
        Organization("ndrc", "ndrc", level="city", kind="city-department", parent_id="city", authority=True),
        Organization("provider", "provider", level="city", kind="city-department", parent_id="city"),
        Organization("east", "east", level="district", kind="district-government", parent_id="city"),
        Organization(
            "east-d", "east-d", level="district", kind="district-department", parent_id="east", authority=True
        ),
        Organization("east-p", "east-p", level="district", kind="district-department", parent_id="east"),
    )
}


@pytest.mark.parametrize(
    "duty, place, provider, gives, oversees",
    [
        ("head", "provider", "provider", True, True),
        ("handler", "provider", "provider", False, True),
        ("catalogue-officer", "provider", "provider", False, False),
        ("head", "east-p", "provider", False, False),
        ("authority-officer", "ndrc", "provider", True, True),
        ("authority-officer", "ndrc", "east-p", True, True),
        ("authority-officer", "east-d", "east-p", True, True),
        ("authority-officer", "east-d", "provider", False, False),
        ("authority-officer", "provider", "provider", False, False),
        ("inspector", "ndrc", "provider", False, True),
        ("inspector", "east-d", "east-p", False, True),
        ("inspector", "east-d", "provider", False, False),
        ("head", "provider", None, False, False),
    ],
)
def test_who_gives_and_who_oversees(duty, place, provider, gives, oversees):
    person = Person("p", duties=(Held(place, duty),))
    assert (may_give(person, provider, DIRECTORY), may_oversee(person, provider, DIRECTORY)) == (gives, oversees)
    assert may_give(Person("s", sysadmin=True), provider, DIRECTORY)
    assert may_consent(person, provider) is (gives and duty == "head")
    assert may_consent(Person("s", sysadmin=True), provider)


@pytest.mark.parametrize(
    "given, expected",
    [
        ("区县 = 渝中区", [("区县", "=", ("渝中区",))]),
        ("区县=渝中区\n\n数 range 1..5", [("区县", "=", ("渝中区",)), ("数", "range", ("1", "5"))]),
        ("区县 属于 渝中区、江北区", [("区县", "in", ("渝中区", "江北区"))]),
        ("启用日期 区间 2020-01-01～", [("启用日期", "range", ("2020-01-01", None))]),
        ([{"column": "a", "op": "eq", "value": 5}], [("a", "=", ("5",))]),
        ([{"column": "a", "value": "x"}], [("a", "=", ("x",))]),
        ([{"column": "a", "op": "range", "value": [None, 3]}], [("a", "range", (None, "3"))]),
        ("  a = b = c  ", [("a", "=", ("b = c",))]),
        ("a in b = c", [("a", "in", ("b = c",))]),
        ("in in in", [("in", "in", ("in",))]),
        (None, []),
        ("", []),
    ],
)
def test_conditions_are_read_from_lines_and_from_json(given, expected):
    assert [(each.column, each.op, each.values) for each in grant_rows.read(given)] == expected


@pytest.mark.parametrize(
    "given",
    [
        "区县",
        "区县 like 渝%",
        "数 range 1",
        "数 range ..",
        "区县 = ",
        "区县 in ,",
        "= 渝中区",
        " " * 20_000 + "区县",  # is read in a moment, too
        ["区县" + " " * 20_000 + "."],
        5,
        [5],
        [{"column": "a"}],
        [{"column": "a", "op": "=", "value": ["x"]}],
        [{"column": "a", "op": "in", "value": "x"}],
        [{"column": "a", "op": "in", "value": []}],
        [{"column": "a", "op": "range", "value": ["1"]}],
        [{"column": "a", "op": "or 1=1", "value": "x"}],
        [{"column": "a", "op": ["="], "value": "x"}],
        [{"column": 1, "op": "=", "value": "x"}],
        [{"column": "a", "op": "=", "value": {"x": 1}}],
        [{"column": "a", "op": "=", "value": "x", "sql": "drop"}],
        ["a = 1"] * 21,
        [{"column": "a", "op": "in", "value": ["x"] * 501}],
        [{"column": "a", "op": "=", "value": "x" * 501}],
    ],
)
def test_what_is_no_condition_is_refused_in_both_languages(given):
    with pytest.raises(RowFault) as refused:
        grant_rows.read(given)
    assert refused.value.text.zh and refused.value.text.en


@given(st.text(min_size=1), st.sampled_from(["=", "in", "range"]), st.lists(st.text(), min_size=1, max_size=3))
def test_whatever_is_read_reads_the_same_again(column, op, values):
    given_ = [{"column": column, "op": op, "value": values[0] if op == "=" else values}]
    try:
        found = grant_rows.read(given_)
    except RowFault:
        return
    assert grant_rows.read([each.told() for each in found]) == found


@pytest.mark.parametrize(
    "condition, kind, expected",
    [
        (Condition("a", "=", ("5",)), "numeric", True),
        (Condition("a", "=", ("fünf",)), "numeric", False),
        (Condition("a", "=", ("NaN",)), "numeric", False),
        (Condition("a", "=", ("1e999999",)), "numeric", False),
        (Condition("a", "=", ("2026-02-30",)), "date", False),
        (Condition("a", "range", ("2026-02-01", "2026-01-01")), "date", False),
        (Condition("a", "range", ("2026-01-01", None)), "date", True),
        (Condition("a", "=", ("2026-01-01T08:00:00",)), "timestamp", True),
        (Condition("a", "=", ("2026-01-01T08:00:00+08:00",)), "timestamp", False),
        (Condition("a", "range", ("a", "b")), "text", False),
        (Condition("a", "in", ("a", "b")), "text", True),
    ],
)
def test_values_fit_the_kind_of_their_column(condition, kind, expected):
    try:
        grant_rows.typed(condition, kind)
    except RowFault:
        assert not expected
    else:
        assert expected
