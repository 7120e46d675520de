"""Nobody takes over a resource of another dataset by its id, deleted or not, and with it what the vault holds of it."""

from __future__ import annotations

from datetime import date

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan.tests import factories

from ckanext.cqgov.model import vault as holdings
from ckanext.cqgov.model.duty import Duty

from .conftest import person

pytestmark = pytest.mark.usefixtures("non_clean_db", "clean_index", "with_plugins")

TAKEN_UP = {"name": "x", "url": "https://elsewhere.example/x.csv"}


@pytest.fixture
def other(entry):
    """Return the head of another department and an open entry of it."""
    head = person()
    organization = factories.Organization(users=[{"name": head.name, "capacity": "editor"}])
    duty = {"user_id": head.id, "organization_id": organization["id"], "duty": "head", "assigned_by": head.id}
    model.Session.add(Duty(**duty, valid_from=date(2018, 5, 5)))
    model.Session.commit()
    return head, head.call("package_create", **entry(owner_org=organization["id"], private=False))


@pytest.fixture
def deleted(provider, restricted, upload, secret):
    """Return the ids of a file and of a link of a conditional entry that were both deleted."""
    made = provider.head.call(
        "package_create", **restricted(private=False, resources=[{"name": "链接", "url": secret}])
    )
    link = made["resources"][0]["id"]
    file = provider.clerk.call("resource_create", package_id=made["id"], name="表", format="CSV", upload=upload())["id"]
    provider.clerk.call("package_patch", id=made["id"], resources=[])
    return made["id"], (file, link)


@pytest.mark.parametrize("action", ["package_patch", "resource_create", "package_create"])
def test_no_dataset_takes_over_a_deleted_resource_of_another(other, deleted, entry, action):
    head, own = other
    theirs, ids = deleted
    for id in ids:
        sent = {
            "package_patch": {"id": own["id"], "resources": [*own["resources"], {**TAKEN_UP, "id": id}]},
            "resource_create": {**TAKEN_UP, "id": id, "package_id": own["id"]},
            "package_create": entry(owner_org=own["owner_org"], resources=[{**TAKEN_UP, "id": id}]),
        }[action]
        with pytest.raises(tk.ValidationError) as refused:
            head.call(action, **sent)
        assert "id" in str(refused.value.error_dict)
        model.Session.rollback()
        assert model.Session.get(model.Resource, id).package_id == theirs
        for asked in ("cqgov_download_link", "cqgov_resource_address"):
            with pytest.raises((tk.ObjectNotFound, tk.NotAuthorized)):
                head.call(asked, id=id)


def test_a_dataset_may_have_its_own_deleted_resource_back(provider, deleted, restricted):
    theirs, (_file, link) = deleted
    provider.clerk.call("package_patch", id=theirs, resources=[{**TAKEN_UP, "id": link}])
    assert model.Session.get(model.Resource, link).state == "active"
    assert holdings.of_resource(link).address == TAKEN_UP["url"]


def test_the_vault_gives_nothing_of_a_resource_that_another_program_moved(other, deleted):
    head, own = other
    _theirs, ids = deleted
    table = model.resource_table
    moved = sa.update(table).where(table.c.id.in_(ids)).values(package_id=own["id"], state="active")
    model.Session.execute(moved)
    model.Session.commit()
    for id in ids:
        assert holdings.of_resource(id) is None
        with pytest.raises((tk.ObjectNotFound, tk.NotAuthorized)):
            head.call("cqgov_download_link", id=id)
