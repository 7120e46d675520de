"""``ckan cqgov vault`` finds what is not where it belongs, and brings it there."""

from __future__ import annotations

import ckan.model as model
import pytest
import sqlalchemy as sa
from ckan.cli.cli import ckan as command

from ckanext.cqgov import upkeep
from ckanext.cqgov.catalogue import public_file, vault_storage
from ckanext.cqgov.model import reclassification
from ckanext.cqgov.model import vault as rows

pytestmark = pytest.mark.usefixtures("clean_db", "clean_index", "with_plugins")


@pytest.fixture
def loose(provider, restricted, secret):
    """Return an entry from before there was a vault: open on conditions, its address in the catalogue."""
    made = provider.head.call("package_create", **restricted(private=False, resources=[{"name": "表", "url": secret}]))
    resource, id = model.resource_table, made["resources"][0]["id"]
    rows.drop([id])
    model.Session.execute(sa.update(resource).where(resource.c.id == id).values(url=secret, url_type=None))
    model.Session.commit()
    return made


def test_what_is_loose_is_found_and_settled(cli, loose, secret, held):
    said = cli.invoke(command, ["cqgov", "vault", "check"])
    assert said.exit_code == 1 and loose["id"] in said.output
    settled = cli.invoke(command, ["cqgov", "vault", "settle"])
    assert settled.exit_code == 0 and "moved: 1; 未完成 left: 0" in settled.output
    assert held(loose["resources"][0]["id"]).address == secret
    assert cli.invoke(command, ["cqgov", "vault", "check"]).exit_code == 0
    assert "moved: 0" in cli.invoke(command, ["cqgov", "vault", "settle"]).output


def test_a_file_that_was_lost_is_named(cli, provider, restricted, upload, held):
    made = provider.head.call("package_create", **restricted())
    resource = provider.clerk.call("resource_create", package_id=made["id"], name="表", upload=upload())
    key = held(resource["id"]).address
    vault_storage.remove(key)
    said = cli.invoke(command, ["cqgov", "vault", "check"])
    assert said.exit_code == 1 and key in said.output


def test_the_upkeep_finishes_what_was_cut_short(provider, entry, secret, upload, held, monkeypatch):
    made = provider.head.call("package_create", **entry(private=False))
    resource = provider.clerk.call("resource_create", package_id=made["id"], name="表", upload=upload())

    def away(*_):
        raise OSError("away")

    with monkeypatch.context() as broken:
        broken.setattr(vault_storage, "put", away)
        provider.head.call("package_patch", id=made["id"], private=True)
    assert public_file.exists(resource["id"])
    reclassification.hasten(made["id"])
    model.Session.commit()
    assert upkeep.once((upkeep.finish_reclassifications, upkeep.sweep_vault))
    assert not public_file.exists(resource["id"]) and not held(resource["id"]).public
