"""Files and addresses follow the entry when it is opened or stops being open; whatever is cut short leaves them withheld."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa

from ckanext.cqgov.catalogue import public_file, vault, vault_storage
from ckanext.cqgov.catalogue.vault import portal_url
from ckanext.cqgov.model import vault as rows

pytestmark = pytest.mark.usefixtures("non_clean_db", "clean_index", "with_plugins")


@pytest.fixture
def two(provider, entry, secret, upload):
    """Return a maker of entries with a link and a file."""

    def make(**changes):
        made = provider.head.call("package_create", **entry(resources=[{"name": "链接", "url": secret}], **changes))
        provider.clerk.call(
            "resource_create", package_id=made["id"], name="文件", format="CSV", upload=upload(b"a,b\n1,2\n")
        )
        return provider.clerk.call("package_show", id=made["id"])

    return make


def addresses(package_id):
    shown = tk.get_action("package_show")({"user": "", "ignore_auth": False}, {"id": package_id})
    return [each["url"] for each in shown["resources"]]


def test_publishing_brings_addresses_and_files_out(provider, two, secret, held):
    made = two()
    link, file = made["resources"]
    key = held(file["id"]).address
    published = provider.head.call("package_patch", id=made["id"], private=False)
    assert [each["url_type"] for each in published["resources"]] == [None, "upload"]
    assert addresses(made["id"]) == [secret, published["resources"][1]["url"]]
    assert "/download/" in published["resources"][1]["url"]
    assert published["resources"][1]["original_name"] == "停车场canary.csv" and published["resources"][1]["size"] == 8
    assert b"".join(public_file.pieces(file["id"])) == b"a,b\n1,2\n"
    assert held(link["id"]) is None and held(file["id"]) is None and not vault_storage.exists(key)


@pytest.mark.parametrize("change", [{"private": True}, {"state": "draft"}, {"opening_type": "closed"}])
def test_withdrawing_takes_addresses_and_files_in(provider, two, secret, held, nowhere, change):
    made = two(private=False)
    link, file = made["resources"]
    assert addresses(made["id"])[0] == secret and public_file.exists(file["id"])
    restriction = {"opening_basis_kind": "law", "opening_basis": "《中华人民共和国档案法》第二十八条"}
    changed = provider.operator.call("package_patch", id=made["id"], **change, **restriction)
    assert [each["url_type"] for each in changed["resources"]] == ["vault", "vault"]
    assert held(link["id"]).address == secret and held(link["id"]).kind == "link"
    found = held(file["id"])
    assert not found.public and found.original_name == "停车场canary.csv" and found.size == 8
    assert b"".join(vault_storage.chunks(found.address)) == b"a,b\n1,2\n"
    assert not public_file.exists(file["id"])
    shown = tk.get_action("package_show")({"ignore_auth": True}, {"id": made["id"]})
    assert secret not in str(shown) and "canary" not in str(shown)


KEPT = ("url", "url_type", "original_name", "size", "mimetype", "format")


def test_there_and_back_loses_nothing(provider, two):
    def said():
        shown = provider.clerk.call("package_show", id=made["id"])
        return [{key: each.get(key) for key in KEPT} for each in shown["resources"]]

    made = two(private=False)
    before = said()
    provider.head.call("package_patch", id=made["id"], private=True)
    provider.head.call("package_patch", id=made["id"], private=False)
    assert said() == before


def test_deleting_an_entry_takes_everything_in(provider, two, secret, held):
    made = two(private=False)
    link, file = made["resources"]
    provider.operator.call("package_delete", id=made["id"])
    assert held(link["id"]).address == secret and not held(file["id"]).public and not public_file.exists(file["id"])


def test_addresses_of_deleted_resources_are_taken_in_too(provider, two, secret, held):
    made = two(private=False)
    link, file = made["resources"]
    provider.clerk.call("resource_delete", id=link["id"])
    provider.head.call("package_patch", id=made["id"], private=True)
    assert held(link["id"]).address == secret
    stored = model.Session.execute(sa.select(model.resource_table.c.url).where(model.resource_table.c.id == link["id"]))
    assert stored.scalar() == portal_url(made["id"], link["id"])


class Away(Exception):
    """A storage that is not there."""


def test_a_storage_that_is_away_leaves_what_is_published_withheld_until_later(provider, two, secret, held, monkeypatch):
    made = two()
    with monkeypatch.context() as broken:
        broken.setattr(public_file, "write", lambda *_: (_ for _ in ()).throw(Away()))
        published = provider.head.call("package_patch", id=made["id"], private=False)
    assert published["private"] is False and {each["url_type"] for each in published["resources"]} == {"vault"}
    assert rows.unsettled([made["id"]]) == [made["id"]]
    assert vault.settle_all([made["id"]]) == 1
    assert addresses(made["id"])[0] == secret and rows.unsettled([made["id"]]) == []


def test_a_withdrawal_cut_short_is_finished_later_and_withheld_at_once(provider, two, held, monkeypatch):
    made = two(private=False)
    file = made["resources"][1]["id"]
    with monkeypatch.context() as broken:
        broken.setattr(vault_storage, "put", lambda *_: (_ for _ in ()).throw(Away()))
        provider.head.call("package_patch", id=made["id"], private=True)
    assert held(file).public and public_file.exists(file)
    shown = tk.get_action("package_show")({"ignore_auth": True}, {"id": made["id"]})
    assert {each["url_type"] for each in shown["resources"]} == {"vault"}
    assert vault.settle_all([made["id"]]) == 1
    assert not held(file).public and not public_file.exists(file)


def test_steps_may_be_repeated(provider, two):
    made = two()
    assert vault.withdraw(made["id"]) == 0 and vault.publish(made["id"]) == 0
    provider.head.call("package_patch", id=made["id"], private=False)
    assert vault.publish(made["id"]) == 0 and vault.withdraw(made["id"]) == 0


def test_nothing_is_published_that_was_withdrawn_while_its_files_were_copied(provider, two, held, monkeypatch):
    made = two()
    link = made["resources"][0]["id"]
    package = model.package_table

    def withdrawn(*_):
        model.Session.execute(sa.update(package).where(package.c.id == made["id"]).values(private=True))
        model.Session.commit()

    model.Session.execute(sa.update(package).where(package.c.id == made["id"]).values(private=False))
    model.Session.commit()
    monkeypatch.setattr(public_file, "write", withdrawn)
    assert vault.publish(made["id"]) == 0
    assert held(link) is not None


def test_what_was_stored_before_there_was_a_vault_is_found_and_taken_in(provider, restricted, secret, held):
    made = provider.head.call("package_create", **restricted(private=False, resources=[{"name": "表", "url": secret}]))
    id = made["resources"][0]["id"]
    rows.drop([id])
    resource = model.resource_table
    model.Session.execute(sa.update(resource).where(resource.c.id == id).values(url=secret, url_type=None))
    model.Session.commit()
    assert made["id"] in vault.unvaulted()
    assert vault.withdraw(made["id"]) == 1
    assert held(id).address == secret and made["id"] not in vault.unvaulted()
    assert secret not in str(tk.get_action("package_show")({"ignore_auth": True}, {"id": made["id"]}))


def test_files_that_no_row_names_are_swept_when_they_are_old(provider, two, held):
    key = held(two()["resources"][1]["id"]).address
    import io

    orphan = vault_storage.put(io.BytesIO(b"x"), 1, "text/plain").key
    vault_storage.sweep(datetime.now(UTC))
    assert vault_storage.exists(orphan) and vault_storage.exists(key)
    assert vault_storage.sweep(datetime.now(UTC) + timedelta(days=3)) >= 1
    assert not vault_storage.exists(orphan) and vault_storage.exists(key)


def test_purging_a_dataset_forgets_what_the_vault_has_of_it(provider, two, held):
    made = two()
    provider.operator.call("dataset_purge", id=made["id"])
    assert held(made["resources"][0]["id"]) is None
