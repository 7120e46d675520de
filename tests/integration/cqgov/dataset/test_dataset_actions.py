"""The actions that describe and check entries, and CKAN's own actions that must behave as they always did."""

from __future__ import annotations

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest

pytestmark = pytest.mark.usefixtures("non_clean_db", "with_plugins")


def test_a_record_is_checked_without_being_written(provider, entry):
    before = model.Session.query(model.Package).count()
    found = provider.clerk.call(
        "cqgov_dataset_check", **entry(sharing_type="withheld", update_cycle=None, catalog_code="坏代码")
    )
    assert found["complete"] is False
    assert {each["field"]: each["article"] for each in found["problems"]} == {
        "catalog_code": None, "sharing_basis_kind": "17(1)", "sharing_basis": "17(1)",
    }  # fmt: skip
    missing = {each["field"]: each for each in found["missing"]}
    assert set(missing) == {"update_cycle", "sharing_basis_kind", "sharing_basis"}
    assert missing["update_cycle"]["form_id"] == "field-update_cycle"
    assert model.Session.query(model.Package).count() == before


def test_a_stored_entry_is_checked_with_changes_laid_over_it(provider, entry):
    made = provider.clerk.call("package_create", **entry())
    assert provider.clerk.call("cqgov_dataset_check", id=made["id"]) == {
        "complete": True,
        "problems": [],
        "missing": [],
    }
    changed = provider.clerk.call("cqgov_dataset_check", id=made["name"], opening_type="closed")
    assert [each["field"] for each in changed["missing"]] == ["opening_basis_kind", "opening_basis"]


def test_only_those_who_may_edit_or_create_may_check(provider, entry):
    made = provider.clerk.call("package_create", **entry())
    for data, refusal in (({"id": made["id"]}, tk.ObjectNotFound), ({"title": "x"}, tk.NotAuthorized)):
        with pytest.raises(refusal):
            tk.get_action("cqgov_dataset_check")({"user": "", "ignore_auth": False}, dict(data))
    with pytest.raises(tk.ObjectNotFound):
        provider.clerk.call("cqgov_dataset_check", id="nowhere")


def test_everybody_may_read_the_schema(app):
    answer = app.get("/api/action/cqgov_dataset_schema").json["result"]
    fields = {field["key"]: field for field in answer["fields"]}
    assert fields["opening_type"]["label"] == {"zh": "开放类型", "en": "Opening type"}
    assert [value["code"] for value in fields["opening_type"]["values"]] == ["unconditional", "conditional", "closed"]
    assert [item["key"] for item in answer["items"]] == [
        "name", "type", "length", "primary_key", "personal", "base_item",
    ]  # fmt: skip
    assert {field["section"] for field in answer["fields"]} == {section["key"] for section in answer["sections"]}


def test_over_http_errors_have_ckans_shape_and_the_language_of_the_page(app, provider, entry):
    from ckan.tests import factories

    token = factories.APIToken(user=provider.clerk.name)["token"]
    for prefix, word in (("/zh_Hans_CN", "第十七条第（一）项"), ("/en", "Art. 17(1)")):
        answer = app.post(
            f"{prefix}/api/action/package_create",
            json=entry(sharing_type="withheld"),
            headers={"Authorization": token},
            status=409,
        ).json
        assert answer["success"] is False and answer["error"]["__type"] == "Validation Error"
        (said,) = answer["error"]["sharing_basis_kind"]
        assert word in said and " / " not in said


def test_malformed_input_is_a_refusal_and_never_a_fault(app, provider, entry):
    from ckan.tests import factories

    token = factories.APIToken(user=provider.clerk.name)["token"]
    for broken in (
        {"items": {"a": 1}}, {"items": [1]}, {"items": "x"}, {"class_path": {"a": 1}}, {"region": 5}, {"sensitive": {}},
        {"extras": "x"}, {"extras": [{"value": "x"}]}, {"extras": [1]}, {"published_on": []}, {"private": "maybe"},
        {"catalog_code": {"a": "b"}}, {"title": None, "name": None}, {"tags": "x"}, {"opening_type": ["x"]},
        {"notes": ["x"]}, {"source_key": [1]}, {"extras": [{"key": "items", "value": {}}]},
    ):  # fmt: skip
        answer = app.post("/api/action/package_create", json={**entry(), **broken}, headers={"Authorization": token})
        assert answer.status_code in (200, 400, 403, 409), (broken, answer.status_code, answer.body[:300])


def test_keys_of_context_only_cannot_be_smuggled_in_over_http(app, provider, entry):
    from ckan.tests import factories

    token = factories.APIToken(user=provider.clerk.name)["token"]
    sent = entry(origin="listing", cqgov_import=True, context={"cqgov_import": True}, ignore_auth=True)
    app.post("/api/action/package_create", json=sent, headers={"Authorization": token}, status=409)


def test_ids_only_and_deferred_commits_keep_their_meaning(provider, entry):
    made = provider.clerk.call_with("package_create", {"return_id_only": True}, **entry())
    assert isinstance(made, str)
    sent = entry()
    deferred = provider.clerk.call_with("package_create", {"defer_commit": True, "return_id_only": True}, **sent)
    model.Session.rollback()
    assert model.Package.get(deferred) is None
    assert provider.clerk.call("package_create", **sent)["catalog_code"] == sent["catalog_code"]


def test_a_sysadmin_restores_a_dumped_listing_with_its_provenance(provider):
    dumped = {
        "title": "公交站点", "name": f"d-{provider.name}"[:90], "owner_org": provider.id, "opening_type": "unconditional",
        "origin": "listing", "source_portal": "上海", "source_id": "1", "source_key": provider.id, "private": False,
        "complete": False,
    }  # fmt: skip
    made = provider.operator.call("package_create", **dumped)
    assert {key: made[key] for key in dumped} == dumped


def test_one_entry_of_a_portal_is_listed_once(provider):
    listing = {
        "title": "公交",
        "owner_org": provider.id,
        "origin": "listing",
        "source_portal": "上海",
        "source_key": provider.id,
    }
    provider.operator.call("package_create", **listing)
    with pytest.raises(tk.ValidationError) as refused:
        provider.operator.call("package_create", **listing)
    assert "source_key" in refused.value.error_dict


def test_the_web_form_saves_chinese_titles_under_a_made_name(app, provider):
    from ckan.tests import factories

    token = factories.APIToken(user=provider.clerk.name)["token"]
    form = {
        "_ckan_phase": "1", "pkg_name": "", "title": "停车场", "name": "", "owner_org": provider.id, "save": "go-resource",
        "items__0__name": "名称", "items__0__type": "字符型", "items__0__length": "20", "items__0__primary_key": "on",
        "class_path": "部门/交通/停车", "sensitive": "false",
    }  # fmt: skip
    answer = app.post("/dataset/new", data=form, headers={"Authorization": token}, follow_redirects=False)
    assert answer.status_code == 302, answer.body[:500]
    package = model.Session.query(model.Package).filter_by(owner_org=provider.id).one()
    shown = provider.clerk.call("package_show", id=package.id)
    assert shown["name"].startswith("d-") and shown["title"] == "停车场"
    assert shown["items"][0]["primary_key"] is True and shown["class_path"] == ["部门", "交通", "停车"]
