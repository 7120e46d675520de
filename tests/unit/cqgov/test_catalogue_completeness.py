"""What a complete entry needs, when an entry may be public, what its hash and its name say."""

from __future__ import annotations

import itertools
import re

import pytest

from ckanext.cqgov import rules
from ckanext.cqgov.domain import catalogue, names, publication
from ckanext.cqgov.domain.catalogue_entry import Core, admit, row
from ckanext.cqgov.domain.catalogue_rules import Surroundings
from ckanext.cqgov.domain.publication import Before

RULES, GUIDE = rules.current(), rules.guide()
COMPLETE = {
    "title": "公共停车场基本信息",
    "notes": "摘要",
    "owner_org": "org",
    "catalog_code": "307001/12",
    "class_path": ["部门", "交通", "停车"],
    "provider_code": "11500000009275780L",
    "format_class": "spreadsheet",
    "format_type": "xlsx",
    "items": [{"name": "名称", "type": "C", "base_item": False}],
    "sharing_type": "unconditional",
    "sharing_mode_class": "platform",
    "sharing_mode_type": "file",
    "opening_type": "unconditional",
    "update_cycle": "daily",
    "published_on": "2024-01-02",
}


def lacks(**changes):
    """Return the fields that the complete entry lacks after ``changes``."""
    return [each.field for each in catalogue.missing({**COMPLETE, **changes}, RULES, GUIDE)]


def test_the_complete_entry_is_complete():
    assert lacks() == [] and catalogue.is_complete(COMPLETE, RULES, GUIDE)


@pytest.mark.parametrize("key", sorted(COMPLETE))
def test_each_core_datum_of_the_guide_is_needed(key):
    assert key in lacks(**{key: None})
    assert not catalogue.is_complete({**COMPLETE, key: None}, RULES, GUIDE)


def test_missing_links_to_the_form_and_cites_article_22_for_the_opening_type():
    (one,) = catalogue.missing({**COMPLETE, "opening_type": None}, RULES, GUIDE)
    assert (one.form_id, one.article) == ("field-opening_type", "22") and "第二十二条" in one.text.zh


def test_a_restriction_makes_its_basis_needed():
    assert lacks(sharing_type="withheld", sharing_mode_class=None, sharing_mode_type=None) == [
        "sharing_basis_kind",
        "sharing_basis",
    ]
    assert lacks(opening_type="closed") == ["opening_basis_kind", "opening_basis"]
    assert lacks(opening_type="conditional") == ["opening_condition"]


def test_a_path_of_two_levels_and_an_item_without_type_are_not_enough():
    assert lacks(class_path=["部门", "交通"]) == ["class_path"]
    assert lacks(items=[{"name": "名称", "type": None}]) == ["items"]


def test_what_is_neither_shared_nor_opened_has_no_date_of_publishing():
    nothing = dict(
        sharing_type="withheld", sharing_basis_kind="law", sharing_basis="某法", sharing_mode_class=None,
        sharing_mode_type=None, opening_type="closed", opening_basis_kind="law", opening_basis="某法", published_on=None,
    )  # fmt: skip
    assert lacks(**nothing) == []


def judge(values, *, before=None, asked=None, state="active", may=False, missing=(), owner="org"):
    """Return (private, move, code of the refusal)."""
    found = publication.decide(
        values,
        missing=missing,
        state=state,
        owner_org=owner,
        asked=asked,
        may_publish=lambda: may,
        before=before,
        rules=RULES,
    )
    return found.private, found.move, found.problem.code if found.problem else None


OPEN, CONDITIONAL, CLOSED = (
    {"opening_type": "unconditional"},
    {"opening_type": "conditional"},
    {"opening_type": "closed"},
)
LIVE = Before("active", False, "unconditional", "org")
HIDDEN = Before("active", True, "unconditional", "org")
LACK = catalogue.missing({**COMPLETE, "update_cycle": None}, RULES, GUIDE)


@pytest.mark.parametrize(
    ("why", "arguments", "outcome"),
    [
        ("nobody asked", dict(values=OPEN, may=True), (True, None, None)),
        ("asked by the head", dict(values=OPEN, asked=False, may=True), (False, "publish", None)),
        ("asked by another", dict(values=OPEN, asked=False), (True, None, "head-only")),
        ("conditional is listed", dict(values=CONDITIONAL, asked=False, may=True), (False, "publish", None)),
        ("closed", dict(values=CLOSED, asked=False, may=True), (True, None, "not-listed-type")),
        ("no opening type", dict(values={}, asked=False, may=True), (True, None, "not-listed-type")),
        ("incomplete", dict(values=OPEN, asked=False, may=True, missing=LACK), (True, None, "not-complete")),
        (
            "an incomplete listing",
            dict(values={**OPEN, "origin": "listing"}, asked=False, may=True, missing=LACK),
            (False, "publish", None),
        ),
        (
            "a closed listing",
            dict(values={**CLOSED, "origin": "listing"}, asked=False, may=True, missing=LACK),
            (True, None, "not-listed-type"),
        ),
        ("a draft", dict(values=OPEN, asked=False, may=True, state="draft"), (True, None, None)),
        ("hidden stays hidden", dict(values=OPEN, before=HIDDEN, may=True), (True, None, None)),
        ("hidden asked", dict(values=OPEN, before=HIDDEN, asked=False, may=True), (False, "publish", None)),
        ("hidden asked by another", dict(values=OPEN, before=HIDDEN, asked=False), (True, None, "head-only")),
        ("live edited", dict(values=OPEN, before=LIVE, asked=False), (False, None, None)),
        ("live, private not sent", dict(values=OPEN, before=LIVE), (False, None, None)),
        ("live withdrawn by anybody", dict(values=OPEN, before=LIVE, asked=True), (True, "withdraw", None)),
        ("live closed", dict(values=CLOSED, before=LIVE, asked=False), (True, "withdraw", None)),
        ("live made a draft", dict(values=OPEN, before=LIVE, asked=False, state="draft"), (True, "withdraw", None)),
        ("live deleted", dict(values=OPEN, before=LIVE, asked=False, state="deleted"), (True, "withdraw", None)),
        (
            "live made incomplete",
            dict(values=OPEN, before=LIVE, asked=False, missing=LACK),
            (False, None, "public-incomplete"),
        ),
        ("live narrowed", dict(values=CONDITIONAL, before=LIVE, asked=False), (False, None, None)),
        (
            "live widened",
            dict(values=OPEN, before=Before("active", False, "conditional", "org"), asked=False),
            (False, None, "head-only"),
        ),
        (
            "live widened by the head",
            dict(values=OPEN, before=Before("active", False, "conditional", "org"), asked=False, may=True),
            (False, "widen", None),
        ),
        ("live moved", dict(values=OPEN, before=LIVE, asked=False, owner="other"), (False, None, "head-only")),
        (
            "restored from the bin",
            dict(values=OPEN, before=Before("deleted", False, "unconditional", "org"), asked=False),
            (True, None, None),
        ),
    ],
)
def test_who_makes_what_public(why, arguments, outcome):
    assert judge(arguments.pop("values"), **arguments) == outcome, why


def test_no_way_leads_to_a_public_entry_that_is_closed_incomplete_or_not_allowed():
    befores = [None, *(Before(state, private, kind, "org")
                       for state, private, kind in itertools.product(["active", "draft", "deleted"], [True, False],
                                                                     ["closed", "conditional", "unconditional"]))]  # fmt: skip
    for before, kind, asked, state, may, missing, origin in itertools.product(
        befores, [None, "closed", "conditional", "unconditional"], [None, True, False],
        ["active", "draft", "deleted"], [True, False], [(), LACK], ["compiled", "listing"],
    ):  # fmt: skip
        private, _, refused = judge(
            {"opening_type": kind, "origin": origin}, before=before, asked=asked, state=state, may=may, missing=missing
        )
        if refused or private or state != "active":
            continue
        assert kind in ("conditional", "unconditional")
        assert not missing or origin == "listing"
        assert may or (before and before.public)
        assert asked is not True


def admission(raw, stored=None, before=None, trusted=False, provider_code=None, **core):
    """Admit an entry with defaults."""
    defaults = dict(title=COMPLETE["title"], notes="摘要", owner_org="org")
    return admit(
        raw, Core(**{**defaults, **core}), rules=RULES, guide=GUIDE, around=Surroundings(provider_code=provider_code),
        stored=stored, before=before, trusted=trusted,
    )  # fmt: skip


def refused(found):
    """Return the fields that refuse an admission."""
    return {each.field for each in found.refusals}


def test_protected_keys_keep_what_is_stored():
    assert refused(admission({"origin": "listing"})) == {"origin"}
    assert refused(admission({"origin": "compiled"})) == set()
    assert admission({"origin": "来源登记"}, trusted=True).values["origin"] == "listing"
    stored = {"origin": "listing", "source_url": "https://a.gov.cn/1"}
    assert admission({}, stored=stored).values == stored
    assert admission(stored, stored=stored).values == stored
    assert refused(admission({**stored, "source_url": "https://b.gov.cn/1"}, stored=stored)) == {"source_url"}
    assert admission({"source_url": ""}, stored=stored).values["source_url"] == "https://a.gov.cn/1"


def test_a_listing_holds_no_data():
    found = admission({"origin": "listing"}, trusted=True, resources=True)
    assert refused(found) == {"resources"}


def test_the_providers_code_comes_from_its_organisation():
    code = "11500000009275780L"
    assert admission({}, provider_code=code).values["provider_code"] == code
    moved = admission(
        {"provider_code": "115000000092757801"}, stored={"provider_code": "115000000092757801"},
        before=Before("active", True, "closed", "other"), provider_code=code,
    )  # fmt: skip
    assert moved.values["provider_code"] == code


def test_a_draft_may_lack_what_an_active_entry_may_not():
    assert refused(admission({"sharing_type": "withheld"}, state="draft")) == set()
    assert refused(admission({"sharing_type": "withheld"})) == {"sharing_basis_kind", "sharing_basis"}
    assert refused(admission({"catalog_code": "x"}, state="draft")) == {"catalog_code"}


def test_the_hash_follows_what_an_entry_says_and_nothing_else():
    first = catalogue.content_hash({**COMPLETE, "tags": ["甲", "乙"]})
    assert first == catalogue.content_hash(
        {**COMPLETE, "tags": [{"name": "乙"}, {"name": "甲"}], "name": "x", "private": False}
    )
    for change in ({"notes": "别的"}, {"items": []}, {"tags": ["甲"]}, {"opening_type": "closed"}):
        assert catalogue.content_hash({**COMPLETE, "tags": ["甲", "乙"], **change}) != first


def test_a_deleted_entry_frees_its_keys(now=None):
    import datetime

    now = datetime.datetime(2024, 1, 2, tzinfo=datetime.UTC)
    live = row("id", admission({"catalog_code": "307001/12"}), now)
    gone = row("id", admission({"catalog_code": "307001/12"}, state="deleted"), now)
    assert (live["catalog_code"], gone["catalog_code"]) == ("307001/12", None)
    assert live["opening_type"] == "closed" and live["complete"] is False and live["published_at"] is None


def test_a_name_is_80_random_bits_that_ckan_accepts():
    assert re.fullmatch(r"d-[a-z2-7]{16}", names.generated(bytes(range(10))))
    assert names.generated(b"\0" * 10) != names.generated(b"\1" * 10)
    with pytest.raises(ValueError):
        names.generated(b"short")


def test_every_field_speaks_both_languages_and_names_a_known_section_and_vocabulary():
    words = catalogue.vocabulary(RULES, GUIDE)
    for field in (*catalogue.ALL, *catalogue.ITEM_FIELDS):
        assert field.zh and field.en and field.section in catalogue.SECTIONS
        if field.vocabulary:
            assert words.entries(field.vocabulary)


@pytest.mark.parametrize("key", sorted(COMPLETE))
def test_what_is_evidently_incomplete_is_incomplete_and_nothing_complete_is_evidently_so(key):
    assert not catalogue.evidently_incomplete(COMPLETE)
    for value in (None, "", [], "x", "[]", 7):
        record = {**COMPLETE, key: value}
        values, problems = catalogue.normalise(record, RULES, GUIDE)
        core = {name: record[name] for name in ("title", "notes", "owner_org")}
        if catalogue.evidently_incomplete(record):
            assert problems or not catalogue.is_complete({**values, **core}, RULES, GUIDE)
