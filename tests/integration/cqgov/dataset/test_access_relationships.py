"""No public entry tells of another that is not: the portal keeps no relationships."""

from __future__ import annotations

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest

from .conftest import RESTRICTED, actor

pytestmark = pytest.mark.usefixtures("non_clean_db", "clean_index", "with_plugins")


def test_entries_are_related_by_nobody(provider, entry):
    closed = entry(opening_type="closed", sharing_type="conditional", **RESTRICTED)
    public, hidden = (provider.head.call("package_create", **each) for each in (entry(private=False), closed))
    for subject, object in ((public, hidden), (hidden, public)):
        asked = {"subject": subject["name"], "object": object["id"], "type": "depends_on"}
        with pytest.raises(tk.ValidationError) as refused:
            provider.head.call("package_relationship_create", **asked)
        assert "22" in str(refused.value.error_dict["object"])
        with pytest.raises(tk.ObjectNotFound):
            actor().call("package_relationship_create", **asked)
    assert provider.head.call("package_relationships_list", id=public["id"]) == []
    rows = model.Session.query(model.PackageRelationship).filter_by(subject_package_id=public["id"])
    assert rows.count() == 0


def test_what_is_missing_is_said_by_ckan(provider, entry):
    public = provider.head.call("package_create", **entry(private=False))
    with pytest.raises(tk.ObjectNotFound):
        provider.head.call("package_relationship_create", subject=public["id"], object="nothing", type="depends_on")
    with pytest.raises(tk.ValidationError):
        provider.head.call("package_relationship_create", subject=public["id"], type="depends_on")
    with pytest.raises(tk.NotAuthorized):
        actor().call("package_relationship_create", subject=public["id"], object=public["id"], type="depends_on")


@pytest.mark.parametrize("key", ["relationships_as_subject", "relationships_as_object"])
def test_what_is_sent_with_an_entry_relates_nothing(provider, entry, key):
    public, other = (provider.head.call("package_create", **entry(private=False)) for _ in range(2))
    sent = [{"type": "depends_on", "subject": public["id"], "object": other["id"]}]
    shown = provider.clerk.call("package_patch", id=public["id"], **{key: sent})
    made = provider.clerk.call("package_create", **entry(), **{key: sent})
    assert shown[key] == made[key] == []
    rows = model.Session.query(model.PackageRelationship)
    ids = [public["id"], made["id"]]
    assert rows.filter(model.PackageRelationship.subject_package_id.in_(ids)).count() == 0
    assert rows.filter(model.PackageRelationship.object_package_id.in_(ids)).count() == 0
    assert provider.head.call_with("package_show", {"use_cache": False}, id=public["id"])["id"] == public["id"]
