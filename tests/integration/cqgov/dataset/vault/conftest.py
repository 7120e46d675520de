"""What the tests of the vault share: the provider and its entries, as the tests of datasets have them, and what a secret is."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan.lib.search.common import make_connection
from ckan.tests import factories
from werkzeug.datastructures import FileStorage

SECRET = "https://canary.example.org/secret-7f3a/data.csv"
CONDITIONAL = {
    "opening_type": "conditional",
    "opening_basis_kind": "law",
    "opening_basis": "《中华人民共和国档案法》第二十八条",
    "opening_condition": "须经申请",
}


@pytest.fixture
def secret():
    """Return an address that must not be found anywhere but in the vault."""
    return SECRET


@pytest.fixture
def restricted(entry):
    """Return a maker of complete entries that are open on conditions."""
    return lambda **changes: entry(**{**CONDITIONAL, **changes})


@pytest.fixture
def stranger():
    """Return somebody who belongs to nothing."""
    return person()


@dataclass
class Person:
    """Somebody who calls actions as over the API."""

    name: str
    id: str
    token: str

    def call(self, action: str, **data: Any) -> Any:
        """Call an action as this person."""
        return tk.get_action(action)({"user": self.name, "ignore_auth": False}, data)


def person(**attributes):
    """Return a new person with an API token."""
    made = factories.UserWithToken(**attributes)
    return Person(made["name"], made["id"], made["token"])


def file(content=b"a,b\n1,2\n", name="停车场canary.csv"):
    """Return an upload."""
    return FileStorage(stream=io.BytesIO(content), filename=name)


@pytest.fixture
def upload():
    """Return the maker of uploads."""
    return file


@pytest.fixture
def held():
    """Return what the vault holds of a resource, by its id."""
    from ckanext.cqgov.model import vault

    return vault.of_resource


def tables_with(text):
    """Return the tables of the database, but the vault, in which ``text`` stands anywhere; one query."""
    names = model.Session.execute(
        sa.text(
            "select table_name from information_schema.tables where table_schema = 'public' "
            "and table_type = 'BASE TABLE' and table_name <> 'cqgov_vault'"
        )
    ).scalars()
    asked = (f"select '{name}' where exists (select from \"{name}\" as t where t::text like :text)" for name in names)
    found = list(model.Session.execute(sa.text(" union all ".join(asked)), {"text": f"%{text}%"}).scalars())
    model.Session.rollback()
    return found


def index_document(package_id):
    """Return the index document of a dataset as text, with all stored fields."""
    found = make_connection().search(f'id:"{package_id}"', fl="*", rows=10)
    return str(found.docs)


@pytest.fixture
def nowhere():
    """Return a check that a text stands in no table but the vault, not in the index, and in nothing that actions tell."""

    def check(package_id, *texts):
        said = index_document(package_id)
        for schema in (False, True):
            shown = tk.get_action("package_show")(
                {"ignore_auth": True, "use_cache": False}, {"id": package_id, "use_default_schema": schema}
            )
            said += str(shown) + str(
                [
                    tk.get_action("resource_show")({"ignore_auth": True}, {"id": each["id"]})
                    for each in shown["resources"]
                ]
            )
        for text in texts:
            assert text not in said
            assert tables_with(text) == []

    return check
