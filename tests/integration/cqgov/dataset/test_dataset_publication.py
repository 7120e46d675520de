"""Nothing becomes public but on request, complete, listed by its opening type (Art. 22), and by the head of the provider."""

from __future__ import annotations

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
from ckan.tests import factories

pytestmark = pytest.mark.usefixtures("non_clean_db", "with_plugins")


def errors_of(call, *arguments, **data):
    """Return the error dictionary of a call that must be refused."""
    with pytest.raises(tk.ValidationError) as refused:
        call(*arguments, **data)
    return refused.value.error_dict


def verbs(package_id, outcome="done"):
    """Return what the ledger says was done to an entry (or refused), oldest first, without the job that carries it out."""
    from ckanext.cqgov.model import ledger

    rows = reversed(ledger.listing(model.Session, subject_id=package_id, outcome=outcome))
    return [row["verb"] for row in rows if not row["verb"].startswith("reclassification.")]


def stranger_sees(package_id):
    """Whether somebody without an account sees the entry."""
    try:
        tk.get_action("package_show")({"user": "", "ignore_auth": False}, {"id": package_id})
    except tk.ObjectNotFound:
        return False
    return True


def test_an_entry_is_private_until_somebody_asks(provider, entry):
    for person in (provider.clerk, provider.head, provider.operator):
        made = person.call("package_create", **entry())
        assert made["private"] is True and not stranger_sees(made["id"])
        assert verbs(made["id"]) == []


def test_the_head_publishes_a_complete_entry_and_the_ledger_says_so(provider, entry):
    made = provider.clerk.call("package_create", **entry())
    published = provider.head.call("package_patch", id=made["id"], private=False)
    assert published["private"] is False and stranger_sees(made["id"])
    assert verbs(made["id"]) == ["dataset.publish"]


def test_the_head_may_create_and_publish_at_once(provider, entry):
    made = provider.head.call("package_create", **entry(private=False))
    assert made["private"] is False and verbs(made["id"]) == ["dataset.publish"]


@pytest.mark.parametrize("how", ["create", "patch", "update", "revise"])
def test_an_editor_without_the_duty_cannot_publish_by_any_way(provider, entry, how):
    if how == "create":
        assert "private" in errors_of(provider.clerk.call, "package_create", **entry(private=False))
        return
    made = provider.clerk.call("package_create", **entry())
    if how == "patch":
        found = errors_of(provider.clerk.call, "package_patch", id=made["id"], private=False)
    elif how == "update":
        found = errors_of(provider.clerk.call, "package_update", **{**made, "private": False})
    else:
        found = errors_of(provider.clerk.call, "package_revise", match={"id": made["id"]}, update={"private": False})
    assert "负责人" in found["private"][0]
    assert not stranger_sees(made["id"])


def test_bulk_publishing_passes_the_same_gate(provider, entry):
    made = provider.clerk.call("package_create", **entry(opening_condition=None, notes=None))
    found = errors_of(provider.operator.call, "bulk_update_public", datasets=[made["id"]], org_id=provider.id)
    assert "信息资源摘要" in found["private"][0]


def test_a_state_change_does_not_publish(provider, entry):
    made = provider.clerk.call("package_create", **entry(state="draft"))
    assert made["state"] == "draft"
    live = provider.clerk.call("package_patch", id=made["id"], state="active")
    assert live["state"] == "active" and live["private"] is True


def test_an_incomplete_entry_is_refused_with_what_it_lacks(provider, entry):
    made = provider.clerk.call("package_create", **entry(update_cycle=None))
    assert made["complete"] is False
    found = errors_of(provider.head.call, "package_patch", id=made["id"], private=False)
    assert "更新周期" in found["private"][0]


def test_an_entry_without_an_opening_type_counts_as_closed(provider, entry):
    made = provider.clerk.call("package_create", **entry(opening_type=None))
    found = errors_of(provider.operator.call, "package_patch", id=made["id"], private=False)
    assert "第二十二条" in found["private"][0]


def test_a_closed_entry_is_complete_but_never_public(provider, entry):
    closed = entry(opening_type="closed", opening_basis_kind="law", opening_basis="《中华人民共和国统计法》第九条")
    made = provider.head.call("package_create", **closed)
    assert made["complete"] is True and made["private"] is True
    assert "private" in errors_of(provider.head.call, "package_patch", id=made["id"], private=False)


def test_closing_a_public_entry_withdraws_it_at_once(provider, entry):
    made = provider.head.call("package_create", **entry(private=False))
    changes = {"opening_type": "closed", "opening_basis_kind": "law", "opening_basis": "《中华人民共和国统计法》第九条"}
    closed = provider.clerk.call("package_patch", id=made["id"], **changes)
    assert closed["private"] is True and not stranger_sees(made["id"])
    assert verbs(made["id"]) == ["dataset.publish", "dataset.withdraw"]


def test_a_public_entry_must_stay_complete(provider, entry):
    made = provider.head.call("package_create", **entry(private=False))
    found = errors_of(provider.clerk.call, "package_patch", id=made["id"], items=[])
    assert "信息项信息" in found["private"][0]
    assert stranger_sees(made["id"])


def test_an_editor_may_correct_a_public_entry_but_not_widen_it(provider, entry):
    made = provider.head.call(
        "package_create", **entry(private=False, opening_type="conditional", opening_condition="用于科研，不得转让")
    )
    assert provider.clerk.call("package_patch", id=made["id"], notes="更正后的摘要")["private"] is False
    assert "opening_type" in errors_of(
        provider.clerk.call, "package_patch", id=made["id"], opening_type="unconditional"
    )
    assert verbs(made["id"], "refused") == ["dataset.widen"]
    widened = provider.head.call("package_patch", id=made["id"], opening_type="unconditional")
    assert widened["private"] is False
    assert verbs(made["id"]) == ["dataset.publish", "dataset.widen"]


def test_a_public_entry_does_not_leave_its_provider_without_the_new_head(provider, entry):
    other = factories.Organization(user={"name": provider.operator.name, "capacity": "admin"}, users=[
        {"name": provider.head.name, "capacity": "editor"}
    ])  # fmt: skip
    made = provider.head.call("package_create", **entry(private=False))
    assert "owner_org" in errors_of(provider.head.call, "package_patch", id=made["id"], owner_org=other["id"])
    with pytest.raises(tk.NotAuthorized):
        provider.head.call("package_owner_org_update", id=made["id"], organization_id=other["id"])
    assert model.Package.get(made["id"]).owner_org == provider.id
    provider.operator.call("package_owner_org_update", id=made["id"], organization_id=other["id"])
    assert model.Package.get(made["id"]).owner_org == other["id"]


def test_a_draft_may_lack_a_basis_an_active_entry_may_not(provider, entry):
    restricted = entry(sharing_type="conditional")
    draft = provider.clerk.call("package_create", **{**restricted, "state": "draft"})
    assert draft["state"] == "draft" and draft["complete"] is False
    found = errors_of(provider.clerk.call, "package_create", **restricted)
    assert "第十七条第（一）项" in found["sharing_basis_kind"][0]


def test_a_draft_needs_title_and_provider_only(provider):
    draft = provider.clerk.call("package_create", title="停车场", owner_org=provider.id, state="draft")
    assert draft["state"] == "draft" and draft["private"] is True


def test_even_a_draft_may_not_contradict_the_decree(provider, entry):
    items = [{"name": "姓名", "type": "C", "base_item": True}]
    found = errors_of(
        provider.clerk.call, "package_create",
        **entry(state="draft", sharing_type="withheld", items=items, base_kind="natural-person"),
    )  # fmt: skip
    assert "第十七条第（二）项" in found["sharing_type"][0]


def test_deleting_a_public_entry_is_a_withdrawal(provider, entry):
    made = provider.head.call("package_create", **entry(private=False))
    provider.operator.call("package_delete", id=made["id"])
    assert verbs(made["id"]) == ["dataset.publish", "dataset.withdraw"]


def test_purging_leaves_a_trace(provider, entry):
    made = provider.clerk.call("package_create", **entry())
    provider.operator.call("dataset_purge", id=made["id"])
    assert verbs(made["id"]) == ["dataset.purge"]


def test_where_an_entry_came_from_is_set_by_the_importer_alone(provider, entry):
    for key, value in {"origin": "listing", "source_url": "https://data.sh.gov.cn/1", "demo_notice": "示例"}.items():
        assert key in errors_of(provider.clerk.call, "package_create", **entry(**{key: value}))
        sneaked = entry(extras=[{"key": key, "value": value}])
        assert key in errors_of(provider.clerk.call, "package_create", **sneaked)
    listed = provider.head.call_with(
        "package_create",
        {"cqgov_import": True},
        **entry(origin="listing", source_portal="上海", source_key="k-1" + provider.id),
    )
    assert listed["origin"] == "listing"
    shown = provider.clerk.call("package_show", id=listed["id"])
    again = provider.clerk.call("package_update", **{**shown, "notes": "改"})
    assert again["source_portal"] == "上海"
    assert "origin" in errors_of(provider.clerk.call, "package_patch", id=listed["id"], origin="compiled")
    del shown["source_portal"], shown["origin"]
    assert provider.clerk.call("package_update", **shown)["source_portal"] == "上海"


def test_a_listing_is_published_incomplete_but_holds_no_data(provider, entry):
    listing = {
        "title": "公交站点",
        "owner_org": provider.id,
        "opening_type": "完全开放",
        "origin": "listing",
        "private": False,
    }
    made = provider.operator.call_with("package_create", {"cqgov_import": True}, **listing)
    assert made["private"] is False and made["complete"] is False and stranger_sees(made["id"])
    found = errors_of(provider.operator.call, "resource_create", package_id=made["id"], url="http://example.com/x.csv")
    assert "来源登记" in found["url"][0]


def test_complete_is_computed_whatever_the_client_says(provider, entry):
    made = provider.clerk.call("package_create", **entry(update_cycle=None, complete=True))
    assert made["complete"] is False
