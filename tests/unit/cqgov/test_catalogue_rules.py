"""Each rule of a catalogue entry refuses what it should, with its article, and nothing else. Articles are repeated here by hand."""

from __future__ import annotations

import pytest

from ckanext.cqgov import rules
from ckanext.cqgov.domain import catalogue
from ckanext.cqgov.domain.catalogue_rules import Surroundings

RULES, GUIDE = rules.current(), rules.guide()
OPEN = {
    "sharing_type": "unconditional",
    "sharing_mode_class": "platform",
    "opening_type": "unconditional",
    "origin": "compiled",
}


def faults(around=catalogue.NOWHERE, **values):
    """Return ``{(field, code, article)}`` for the values."""
    return {(each.field, each.code, each.article) for each in catalogue.check(values, RULES, GUIDE, around)}


def sentence(field, **values):
    """Return the Chinese sentences said at ``field``."""
    return " ".join(each.text.zh for each in catalogue.check(values, RULES, GUIDE) if each.field == field)


def item(**changes):
    """Return an information item."""
    return {"name": "姓名", "type": "C", "base_item": False, "personal": None, **changes}


def test_an_unrestricted_entry_breaks_no_rule():
    assert faults(**OPEN) == set()


def test_nothing_chosen_breaks_no_rule():
    assert faults() == set()


@pytest.mark.parametrize("type_", ["conditional", "withheld"])
def test_restricted_sharing_needs_a_basis_by_article_17_1(type_):
    found = faults(sharing_type=type_, sharing_condition="用于数据校核")
    assert found == {
        ("sharing_basis_kind", "sharing-basis-lacking", "17(1)"),
        ("sharing_basis", "sharing-basis-text", "17(1)"),
    }
    assert "第十七条第（一）项" in sentence("sharing_basis_kind", sharing_type=type_)


@pytest.mark.parametrize("kind", ["law", "administrative-regulation", "central-policy"])
def test_three_kinds_of_basis_restrict_sharing(kind):
    assert (
        faults(sharing_type="withheld", sharing_basis_kind=kind, sharing_basis="《中华人民共和国统计法》第九条")
        == set()
    )


@pytest.mark.parametrize("kind", ["local-regulation", "department-rule"])
def test_local_regulations_and_departmental_rules_restrict_opening_only(kind):
    restricted = faults(sharing_type="withheld", sharing_basis_kind=kind, sharing_basis="某规定第一条")
    assert restricted == {("sharing_basis_kind", "sharing-basis-kind", "17(1)")}
    assert faults(opening_type="closed", opening_basis_kind=kind, opening_basis="某规定第一条") == set()


def test_conditional_sharing_needs_its_condition():
    assert faults(sharing_type="conditional", sharing_basis_kind="law", sharing_basis="某法第一条") == {
        ("sharing_condition", "sharing-condition", "16")
    }


@pytest.mark.parametrize("type_", ["conditional", "withheld"])
def test_an_entry_with_a_base_item_cannot_be_restricted_and_is_to_be_split_by_article_17_2(type_):
    values = dict(
        sharing_type=type_, sharing_condition="用途", sharing_basis_kind="law", sharing_basis="某法第一条",
        base_kind="natural-person", items=[item(name="住址"), item(base_item=True)],
    )  # fmt: skip
    assert faults(**values) == {("sharing_type", "base-item-restricted", "17(2)")}
    said = sentence("sharing_type", **values)
    assert "姓名" in said and "住址" not in said and "拆分" in said and "第十七条第（二）项" in said


def test_base_items_are_shared_through_the_platform_and_say_their_kind():
    assert faults(**{**OPEN, "items": [item(base_item=True)], "sharing_mode_class": "media"}) == {
        ("sharing_mode_class", "base-item-mode", "17(2)"),
        ("base_kind", "base-kind-lacking", "17(2)"),
    }
    assert faults(**{**OPEN, "items": [item(base_item=True)], "base_kind": "legal-person"}) == set()


def test_the_decrees_and_the_guides_base_classes_are_two_fields():
    decree, guide = catalogue.FIELDS["base_kind"], catalogue.FIELDS["guide_base_class"]
    words = catalogue.vocabulary(RULES, GUIDE)
    assert [entry.zh for entry in words.entries(decree.vocabulary).values()] == [
        "自然人信息", "法人信息", "自然资源和空间地理信息", "投资项目信息", "社会治安综合治理信息",
    ]  # fmt: skip
    assert [entry.zh for entry in words.entries(guide.vocabulary).values()] == [
        "人口", "法人单位", "自然资源和空间地理", "社会信用", "电子证照",
    ]  # fmt: skip


def test_thematic_information_must_be_shared_by_article_17_3():
    basis = dict(sharing_basis_kind="law", sharing_basis="某法第一条", sharing_condition="用途")
    assert faults(thematic_kind="tax", sharing_type="withheld", **basis) == {
        ("sharing_type", "thematic-withheld", "17(3)")
    }
    assert faults(thematic_kind="tax", sharing_type="conditional", **basis) == set()
    assert faults(thematic_kind="tax", sharing_type="unconditional") == set()


def test_conditional_opening_says_its_conditions_by_article_22():
    assert faults(opening_type="conditional") == {("opening_condition", "opening-condition", "22")}
    assert faults(opening_type="conditional", opening_condition="限科研使用") == set()


def test_a_closed_entry_says_its_basis_by_article_22():
    assert faults(opening_type="closed") == {
        ("opening_basis_kind", "opening-basis-lacking", "22"),
        ("opening_basis", "opening-basis-text", "22"),
    }


def test_a_listing_of_another_portal_owes_no_condition():
    assert faults(opening_type="conditional", origin="listing") == set()


@pytest.mark.parametrize("type_", ["unconditional", "conditional"])
def test_sensitive_information_is_opened_only_desensitised_by_article_22(type_):
    values = dict(opening_type=type_, opening_condition="限科研使用", sensitive=True)
    assert faults(**values) == {("desensitised", "sensitive-open", "22")}
    assert faults(**values, desensitised=False) == {("desensitised", "sensitive-open", "22")}
    assert faults(**values, desensitised=True) == set()


def test_sensitive_information_may_stay_closed():
    assert faults(opening_type="closed", opening_basis_kind="law", opening_basis="某法", sensitive=True) == set()


def test_a_sensitive_item_makes_the_entry_sensitive_whatever_it_says():
    values = dict(opening_type="unconditional", sensitive=False, items=[item(personal="sensitive")])
    assert faults(**values) == {
        ("sensitive", "sensitive-item", None),
        ("desensitised", "sensitive-open", "22"),
    }


@pytest.mark.parametrize(
    ("format_class", "format_type", "mode", "wrong"),
    [
        ("spreadsheet", "xlsx", "file", set()),
        ("spreadsheet", "XLSX", "file", set()),
        ("spreadsheet", "pdf", "file", {"format-type"}),
        ("spreadsheet", "xlsx", "database", {"sharing-mode"}),
        ("electronic-file", "pdf", "file", set()),
        ("electronic-file", "pdf", "interface", {"sharing-mode"}),
        ("database", "mysql", "database", set()),
        ("database", "mysql", "interface", set()),
        ("database", "mysql", "file", {"sharing-mode"}),
        ("database", "其他", "database", {"format-undescribed"}),
        ("image", "jpg", "file", set()),
        ("image", "xls", "database", {"format-type", "sharing-mode"}),
    ],
)
def test_format_class_type_and_sharing_mode_agree(format_class, format_type, mode, wrong):
    found = faults(format_class=format_class, format_type=format_type, sharing_mode_type=mode)
    assert {code for _, code, _ in found} == wrong


def test_another_format_with_a_description_is_accepted():
    assert faults(format_class="database", format_type="其他", format_other="达梦 8") == set()


@pytest.mark.parametrize("code", ["307001/1", "107001/12", "2070010203/000045"])
def test_a_catalogue_code_of_the_guide_is_accepted(code):
    assert faults(catalog_code=code) == set()


@pytest.mark.parametrize(
    "code", ["407001/1", "30700/1", "307001", "307001/", "307001/a", "307001/1 ", "30700１/1", "/1"]
)
def test_any_other_code_is_refused(code):
    assert faults(catalog_code=code) == {("catalog_code", "code-format", None)}
    assert faults(related_codes=["307001/1", code]) == {("related_codes", "code-format", None)}


def test_the_codes_first_digit_is_the_class_of_the_path():
    assert faults(catalog_code="307001/1", class_path=["部门", "交通", "停车"]) == set()
    assert faults(catalog_code="307001/1", class_path=["主题", "交通", "停车"]) == {
        ("catalog_code", "code-class", None)
    }
    assert faults(catalog_code="307001/1", class_path=["城市建设", "交通", "停车"]) == set()


def test_the_providers_code_is_a_credit_code_and_the_registered_one():
    ours, theirs = "11500000009275780L", "91500000MA5U1X2Y0G"
    assert faults(provider_code="115000000092757801") == {("provider_code", "credit-code", None)}
    around = Surroundings(provider_code=ours)
    assert faults(around, provider_code=ours) == set()
    assert {code for _, code, _ in faults(Surroundings(provider_code="X"), provider_code=ours)} == {
        "credit-code-differs"
    }
    assert theirs != ours


def test_regions_are_division_codes_that_exist():
    around = Surroundings(division_exists=lambda code: {"500112": True, "500199": False}.get(code))
    assert faults(around, region=["500112", "310000", "500112001", "500112001002"]) == set()
    assert faults(around, region=["500199"]) == {("region", "region-unknown", None)}
    assert faults(region=["江北区"]) == {("region", "region", None)}
    assert faults(region=["5001"]) == {("region", "region", None)}


def test_nothing_is_updated_before_it_was_published():
    assert faults(published_on="2024-01-02", updated_on="2024-01-01") == {
        ("updated_on", "updated-before-published", None)
    }
    assert faults(published_on="2024-01-02", updated_on="2024-01-02") == set()


@pytest.mark.parametrize("phone", ["023-63112345", "(023)63112345", "023—63112345转801", "+86 23 6311 2345", "12345"])
def test_telephone_numbers_as_offices_write_them(phone):
    assert faults(contact_phone=phone) == set()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("contact_phone", "打电话"),
        ("contact_phone", "12"),
        ("contact_email", "sjkf"),
        ("contact_email", "a@b"),
        ("contact_email", "a b@example.com"),
        ("source_url", "javascript:alert(1)"),
        ("source_url", "ftp://example.com/a"),
    ],
)
def test_contacts_and_addresses_have_the_form_of_one(key, value):
    assert {field for field, _, _ in faults(**{key: value})} == {key}


def test_a_real_address_is_accepted():
    assert faults(contact_email="sjkf@shanghai.gov.cn", source_url="https://data.sh.gov.cn/view/1?a=公交") == set()


def test_every_sentence_is_said_in_both_languages_with_the_article():
    found = catalogue.check({"sharing_type": "withheld", "opening_type": "closed"}, RULES, GUIDE)
    for each in found:
        assert "《重庆市政务信息资源共享开放管理办法》" in each.text.zh
        assert f"Art. {each.article}" in each.text.en


def test_only_an_absence_is_something_that_a_draft_may_still_have():
    found = catalogue.check(
        {"sharing_type": "withheld", "thematic_kind": "tax", "format_class": "image", "format_type": "xls"},
        RULES,
        GUIDE,
    )
    assert {each.code for each in found if each.lacking} == {"sharing-basis-lacking", "sharing-basis-text"}
    assert {each.code for each in found if not each.lacking} == {"thematic-withheld", "format-type"}
