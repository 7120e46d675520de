"""The real address of what is not open reaches the vault and nothing else, whichever way it comes in (Arts. 16, 22)."""

from __future__ import annotations

import logging

import ckan.plugins.toolkit as tk
import pytest

from ckanext.cqgov.catalogue.vault import portal_url

pytestmark = pytest.mark.usefixtures("clean_db", "clean_index", "with_plugins")

STATES = {
    "draft": {"state": "draft"},
    "private": {},
    "conditional": {"private": False, "opening_type": "conditional"},
    "closed": {"opening_type": "closed", "opening_condition": None},
}


@pytest.fixture(params=STATES)
def not_open(request, restricted, entry):
    """Return a maker of entries that are not open, in each way of not being open."""
    change = STATES[request.param]
    return lambda **more: (entry if request.param == "private" else restricted)(**{**change, **more})


def only(shown):
    """Return the only resource of a dataset."""
    (resource,) = shown["resources"]
    return resource


def test_package_create_with_inline_resources(provider, not_open, secret, held, nowhere):
    made = provider.head.call("package_create", **not_open(resources=[{"name": "表", "url": secret, "format": "CSV"}]))
    resource = only(made)
    assert resource["url"] == portal_url(made["id"], resource["id"]) and resource["url_type"] == "vault"
    assert resource["name"] == "表" and resource["format"] == "CSV"
    assert held(resource["id"]).address == secret and held(resource["id"]).kind == "link"
    nowhere(made["id"], "canary.example.org")


def test_resource_create(provider, not_open, secret, held, nowhere):
    made = provider.head.call("package_create", **not_open())
    resource = provider.clerk.call("resource_create", package_id=made["id"], url=secret, name="表", hash="canary-hash")
    assert resource["url"] == portal_url(made["id"], resource["id"])
    assert held(resource["id"]).address == secret and held(resource["id"]).facts["hash"] == "canary-hash"
    nowhere(made["id"], "canary.example.org", "canary-hash")


@pytest.fixture
def stored(provider, not_open, secret):
    """Return an entry that is not open, with one link."""
    return provider.head.call(
        "package_create", **not_open(resources=[{"name": "表", "url": secret, "format": "CSV", "description": "旧"}])
    )


@pytest.mark.parametrize("action", ["resource_update", "resource_patch"])
def test_a_resource_gets_a_new_address(provider, stored, held, nowhere, action):
    id = only(stored)["id"]
    provider.clerk.call(action, id=id, url="https://canary.example.org/new.csv", name="表")
    assert held(id).address == "https://canary.example.org/new.csv"
    nowhere(stored["id"], "canary.example.org")


@pytest.mark.parametrize("action", ["package_update", "package_patch", "package_revise"])
def test_a_dataset_brings_a_new_address(provider, stored, held, nowhere, action):
    new = "https://canary.example.org/new.csv"
    shown = provider.clerk.call("package_show", id=stored["id"])
    resources = [{**only(shown), "url": new}]
    if action == "package_revise":
        provider.clerk.call(action, match={"id": stored["id"]}, update={"resources": resources})
    elif action == "package_patch":
        provider.clerk.call(action, id=stored["id"], resources=resources)
    else:
        provider.clerk.call(action, **{**shown, "resources": resources})
    assert held(only(stored)["id"]).address == new
    nowhere(stored["id"], "canary.example.org")


@pytest.mark.parametrize(
    "action", ["package_update", "package_patch", "package_revise", "resource_update", "resource_patch"]
)
def test_what_was_shown_and_comes_back_leaves_the_address_as_it_is(provider, stored, secret, held, nowhere, action):
    shown = provider.clerk.call("package_show", id=stored["id"])
    resource = {**only(shown), "description": "新"}
    if action == "package_update":
        provider.clerk.call(action, **{**shown, "resources": [resource]})
    elif action == "package_patch":
        provider.clerk.call(action, id=stored["id"], resources=[resource])
    elif action == "package_revise":
        provider.clerk.call(action, match={"id": stored["id"]}, update__resources__0={"description": "新"})
    else:
        provider.clerk.call(action, **resource)
    assert held(resource["id"]).address == secret
    assert only(provider.clerk.call("package_show", id=stored["id"]))["description"] == "新"
    nowhere(stored["id"], "canary.example.org")


def test_a_page_in_another_language_or_by_name_is_the_same_page(provider, stored, secret, held):
    resource = only(stored)
    site = tk.config["ckan.site_url"]
    for url in (
        f"{site}/en/dataset/{stored['name']}/resource/{resource['id']}",
        f"{site}/dataset/{stored['id']}/resource/{resource['id']}/download/x.csv",
        f"{site}/dataset/{stored['id']}/resource/{resource['id']}/",
    ):
        provider.clerk.call("resource_patch", id=resource["id"], url=url)
        assert held(resource["id"]).address == secret
    other = f"https://elsewhere.example.org/dataset/{stored['id']}/resource/{resource['id']}"
    provider.clerk.call("resource_patch", id=resource["id"], url=other)
    assert held(resource["id"]).address == other


def test_the_address_alone_changes_the_resource(provider, stored, secret):
    before = only(provider.clerk.call("package_show", id=stored["id"]))
    after = provider.clerk.call("resource_patch", id=before["id"], url=f"{secret}?v=2")
    assert after["last_modified"] and after["last_modified"] != before.get("last_modified")


def test_an_empty_address_takes_it_away(provider, stored, held):
    resource = provider.clerk.call("resource_patch", id=only(stored)["id"], url="")
    assert resource["url"] == "" and held(resource["id"]) is None


def test_nobody_is_shown_the_address_by_default(provider, stored, secret):
    for person in (provider.clerk, provider.head, provider.operator):
        for action, id in (("package_show", stored["id"]), ("resource_show", only(stored)["id"])):
            assert secret not in str(person.call(action, id=id))


def test_who_may_edit_reads_the_address_and_nobody_else(provider, stored, secret, stranger):
    id = only(stored)["id"]
    assert provider.clerk.call("cqgov_resource_address", id=id)["url"] == secret
    with pytest.raises((tk.NotAuthorized, tk.ObjectNotFound)):
        stranger.call("cqgov_resource_address", id=id)
    with pytest.raises((tk.NotAuthorized, tk.ObjectNotFound)):
        tk.get_action("cqgov_resource_address")({"user": "", "ignore_auth": False}, {"id": id})


def test_an_upload_goes_into_the_vault(provider, not_open, upload, held, nowhere):
    made = provider.head.call("package_create", **not_open())
    resource = provider.clerk.call(
        "resource_create", package_id=made["id"], name="表", format="CSV", upload=upload(b"canary-cell,1\n")
    )
    found = held(resource["id"])
    assert resource["url"] == portal_url(made["id"], resource["id"]) and resource["url_type"] == "vault"
    assert found.kind == "file" and not found.public and found.original_name == "停车场canary.csv"
    assert found.size == 14 and found.sha256 == __import__("hashlib").sha256(b"canary-cell,1\n").hexdigest()
    from ckanext.cqgov.catalogue import public_file, vault_storage

    assert b"".join(vault_storage.chunks(found.address)) == b"canary-cell,1\n"
    assert not public_file.exists(resource["id"])
    nowhere(made["id"], "停车场canary", found.sha256, found.address)


def test_a_new_upload_takes_the_place_of_the_old_one(provider, not_open, upload, held):
    made = provider.head.call("package_create", **not_open())
    resource = provider.clerk.call("resource_create", package_id=made["id"], name="表", upload=upload(b"1"))
    before = held(resource["id"])
    provider.clerk.call("resource_patch", id=resource["id"], upload=upload(b"22"))
    after = held(resource["id"])
    assert after.address != before.address and after.size == 2


def test_an_edit_keeps_the_file(provider, not_open, upload, held):
    made = provider.head.call("package_create", **not_open())
    resource = provider.clerk.call("resource_create", package_id=made["id"], name="表", upload=upload())
    before = held(resource["id"])
    provider.clerk.call("resource_patch", id=resource["id"], name="新表")
    provider.clerk.call("package_patch", id=made["id"], notes="另一段说明文字。")
    form = {"url_type": "upload", "url": "停车场canary.csv"}  # as the provider's form sends it
    provider.clerk.call("resource_update", id=resource["id"], name="再改", **form)
    assert held(resource["id"]) == before


def test_a_link_takes_the_place_of_a_file_and_a_file_that_of_a_link(provider, not_open, upload, secret, held):
    made = provider.head.call("package_create", **not_open())
    resource = provider.clerk.call("resource_create", package_id=made["id"], name="表", upload=upload())
    provider.clerk.call("resource_update", id=resource["id"], name="表", url=secret, url_type="", clear_upload="true")
    assert (held(resource["id"]).kind, held(resource["id"]).original_name) == ("link", None)
    provider.clerk.call("resource_patch", id=resource["id"], upload=upload())
    assert held(resource["id"]).kind == "file"


def test_a_resource_cannot_be_taken_from_another_dataset(provider, stored, entry, secret, held):
    with pytest.raises(tk.ValidationError):
        provider.clerk.call(
            "package_create", **entry(resources=[{"id": only(stored)["id"], "url": only(stored)["url"]}])
        )
    assert held(only(stored)["id"]).package_id == stored["id"]


def test_an_open_entry_shows_its_address(provider, entry, secret, held):
    made = provider.head.call("package_create", **entry(private=False, resources=[{"name": "表", "url": secret}]))
    assert only(made)["url"] == secret and held(only(made)["id"]) is None


def test_no_log_has_the_address(provider, restricted, secret, caplog):
    caplog.set_level(logging.DEBUG)
    made = provider.head.call("package_create", **restricted(resources=[{"name": "表", "url": secret}]))
    provider.clerk.call("resource_patch", id=only(made)["id"], url=f"{secret}?v=2")
    provider.head.call("package_patch", id=made["id"], private=False)
    said = [record.getMessage() for record in caplog.records if not record.name.startswith("sqlalchemy")]
    assert not [line for line in said if "canary.example.org" in line]


def test_a_file_too_large_is_refused(provider, restricted, upload, monkeypatch):
    monkeypatch.setitem(tk.config, "ckan.max_resource_size", 0)
    made = provider.head.call("package_create", **restricted())
    with pytest.raises(tk.ValidationError) as refused:
        provider.clerk.call("resource_create", package_id=made["id"], name="表", upload=upload())
    assert "upload" in refused.value.error_dict
