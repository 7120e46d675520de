"""A client's entry goes through CKAN's own actions unchanged, with our fields as typed top-level keys."""

from __future__ import annotations

import json
import re

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest

pytestmark = pytest.mark.usefixtures("non_clean_db", "with_plugins")

SYSTEM = {"tags", "complete", "origin"}


def ours(shown, sent):
    """Return what ``shown`` says for the keys of ``sent``."""
    return {key: shown.get(key) for key in sent if key not in SYSTEM}


def test_show_gives_back_what_create_was_given(provider, entry):
    sent = entry()
    made = provider.clerk.call("package_create", **sent)
    shown = provider.clerk.call("package_show", id=made["id"])
    assert ours(shown, sent) == ours(sent, sent)
    assert shown["complete"] is True and shown["origin"] == "compiled"
    assert shown["extras"] == []
    assert sorted(tag["name"] for tag in shown["tags"]) == ["交通出行", "停车"]
    assert ours(made, sent) == ours(sent, sent)


def test_patch_changes_one_field_and_keeps_the_rest(provider, entry):
    sent = entry()
    made = provider.clerk.call("package_create", **sent)
    patched = provider.clerk.call("package_patch", id=made["id"], update_cycle="每天")
    assert patched["update_cycle"] == "daily"
    assert ours(patched, sent) == {**ours(sent, sent), "update_cycle": "daily"}


def test_revise_changes_an_item_in_place(provider, entry):
    sent = entry()
    made = provider.clerk.call("package_create", **sent)
    revised = provider.clerk.call(
        "package_revise", match={"id": made["id"]}, update={"items": [{"length": 50}], "related_matter": "停车场备案"}
    )["package"]
    assert revised["items"] == [{**sent["items"][0], "length": 50}, sent["items"][1]]
    assert revised["related_matter"] == "停车场备案"
    assert revised["region"] == ["500112"]


def test_adding_a_resource_keeps_every_field(provider, entry):
    sent = entry()
    made = provider.clerk.call("package_create", **sent)
    provider.clerk.call("resource_create", package_id=made["id"], url="http://example.com/a.csv", format="CSV")
    shown = provider.clerk.call("package_show", id=made["id"])
    assert ours(shown, sent) == ours(sent, sent)
    assert len(shown["resources"]) == 1


def test_update_with_what_show_gave_changes_nothing(provider, entry):
    made = provider.clerk.call("package_create", **entry())
    shown = provider.clerk.call("package_show", id=made["id"])
    again = provider.clerk.call("package_update", **shown)
    assert again == shown


def test_update_without_a_field_removes_it_as_ckan_does(provider, entry):
    made = provider.clerk.call("package_create", **entry(related_matter="停车场备案"))
    shown = provider.clerk.call("package_show", id=made["id"])
    del shown["related_matter"]
    assert "related_matter" not in provider.clerk.call("package_update", **shown)


def test_form_strings_and_json_strings_are_typed(provider, entry):
    sent = entry(
        sensitive="on",
        desensitised="true",
        items=json.dumps([{"name": "名称", "type": "字符型", "length": "50.0", "primary_key": "是"}]),
        class_path="部门/市交通局/停车管理",
        region="500112，500103",
        published_on="2024年1月2日",
    )
    made = provider.clerk.call("package_create", **sent)
    assert made["sensitive"] is True and made["desensitised"] is True
    assert made["items"] == [
        {"name": "名称", "type": "C", "length": 50, "primary_key": True, "personal": None, "base_item": False}
    ]
    assert made["class_path"] == ["部门", "市交通局", "停车管理"]
    assert made["region"] == ["500112", "500103"]
    assert made["published_on"] == "2024-01-02"


def test_extras_of_the_client_stay_extras(provider, entry):
    mine = [{"key": "版本说明", "value": "第一版"}, {"key": "legacy_id", "value": "42"}]
    made = provider.clerk.call("package_create", **entry(extras=mine))
    assert sorted(made["extras"], key=lambda extra: extra["key"]) == sorted(mine, key=lambda extra: extra["key"])
    patched = provider.clerk.call("package_patch", id=made["id"], notes="改")
    assert patched["extras"] == made["extras"]


def test_our_keys_among_extras_are_understood_and_a_contradiction_is_refused(provider, entry):
    made = provider.clerk.call(
        "package_create", **entry(update_cycle=None, extras=[{"key": "update_cycle", "value": "每周"}])
    )
    assert made["update_cycle"] == "weekly" and made["extras"] == []
    with pytest.raises(tk.ValidationError) as refused:
        provider.clerk.call("package_create", **entry(extras=[{"key": "update_cycle", "value": "每周"}]))
    assert "update_cycle" in refused.value.error_dict


def test_the_default_schema_still_shows_plain_extras(provider, entry):
    made = provider.clerk.call("package_create", **entry())
    plain = provider.clerk.call("package_show", id=made["id"], use_default_schema=True)
    stored = {extra["key"]: extra["value"] for extra in plain["extras"]}
    assert stored["region"] == '["500112"]' and stored["sensitive"] == "false"
    assert "region" not in plain


def test_a_plain_client_creates_with_core_keys_alone(provider):
    made = provider.clerk.call("package_create", name=f"plain-{provider.name}", title="Plain", owner_org=provider.id)
    assert made["name"] == f"plain-{provider.name}"
    assert made["private"] is True and made["complete"] is False and made["state"] == "active"


def test_a_name_is_made_only_when_none_is_given_and_cannot_be_counted(provider, entry):
    first = provider.clerk.call("package_create", **entry())
    second = provider.clerk.call("package_create", **entry(name=""))
    for made in (first, second):
        assert re.fullmatch(r"d-[a-z2-7]{16}", made["name"])
    assert first["name"] != second["name"]


def test_neither_name_nor_title_is_refused_as_ckan_refuses_it(provider):
    with pytest.raises(tk.ValidationError) as refused:
        provider.clerk.call("package_create", owner_org=provider.id)
    assert refused.value.error_dict["name"]


def test_our_errors_stand_beside_ckans_under_their_own_keys(provider, entry):
    with pytest.raises(tk.ValidationError) as refused:
        provider.clerk.call("package_create", **entry(name="BAD NAME", update_cycle="有空再说", contact_email="x"))
    errors = refused.value.error_dict
    assert errors["name"] and "有空再说" in errors["update_cycle"][0] and errors["contact_email"]
    assert "每日" in errors["update_cycle"][0]  # what is permitted is said


def test_the_side_row_follows_every_write(provider, entry):
    from ckanext.cqgov.model.dataset import Dataset

    sent = entry()
    made = provider.clerk.call("package_create", **sent)
    row = model.Session.get(Dataset, made["id"])
    assert (row.catalog_code, row.complete, row.opening_type) == (sent["catalog_code"], True, "unconditional")
    before = row.content_hash
    provider.clerk.call("package_patch", id=made["id"], notes="另一个摘要", format_type=None)
    model.Session.refresh(row)
    assert row.content_hash != before and row.complete is False


def test_a_deleted_entry_frees_its_code_and_purging_removes_the_row(provider, entry):
    from ckanext.cqgov.model.dataset import Dataset

    sent = entry()
    made = provider.clerk.call("package_create", **sent)
    provider.clerk.call("package_delete", id=made["id"])
    again = provider.clerk.call("package_create", **sent)
    assert again["catalog_code"] == sent["catalog_code"]
    provider.operator.call("dataset_purge", id=made["id"])
    model.Session.expire_all()
    assert model.Session.get(Dataset, made["id"]) is None
    assert model.Session.get(Dataset, again["id"]) is not None


def test_what_another_program_left_under_our_keys_never_breaks_a_page(provider, entry, app):
    made = provider.head.call("package_create", **entry(private=False))
    package = model.Package.get(made["id"])
    package.extras = {**package.extras, "items": "not json", "region": "5", "sensitive": "maybe", "update_cycle": "x"}
    model.repo.commit()
    tk.get_action("package_show")({"ignore_auth": True, "use_cache": False}, {"id": made["id"]})
    from ckan.lib.search import rebuild

    rebuild(made["id"])
    shown = provider.clerk.call("package_show", id=made["id"])
    assert shown["items"] == "not json" and shown["complete"] is False
