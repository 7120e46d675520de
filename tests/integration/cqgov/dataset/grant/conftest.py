"""What the tests of grants share: an entry open on conditions with a loaded table, people who hold grants, and canaries."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
from ckan.tests import factories
from werkzeug.datastructures import FileStorage

CONDITIONAL = {
    "opening_type": "conditional",
    "opening_basis_kind": "law",
    "opening_basis": "《中华人民共和国档案法》第二十八条",
    "opening_condition": "须经申请",
    "sharing_type": "conditional",
    "sharing_basis_kind": "law",
    "sharing_basis": "《中华人民共和国档案法》第二十八条",
    "sharing_condition": "仅限履行职责使用",
}
"""Open on conditions to the public and shared on conditions with departments: nobody has the data by right but the provider."""

COLUMN, ROW = "canaryperson", "canarybeyond"
"""Words that stand only in the column 负责人, and only in rows of 江北区."""

TABLE = (
    "区县,停车场,泊位数,启用日期,负责人\n"
    f"渝中区,解放碑,120,2020-01-02,{COLUMN} one\n"
    f"渝中区,朝天门,80,2021-03-04,{COLUMN} two\n"
    f"江北区,{ROW} 观音桥,200,2019-05-06,{COLUMN} three\n"
    f"南岸区,南坪,60,2022-07-08,{COLUMN} four\n"
)


@dataclass
class Person:
    """Somebody who calls actions as over the API."""

    name: str
    id: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        """The header that says who asks."""
        return {"Authorization": self.token}

    def call(self, action: str, **data: Any) -> Any:
        """Call an action as this person."""
        return tk.get_action(action)({"user": self.name, "ignore_auth": False}, data)


def person(**attributes: Any) -> Person:
    made = factories.UserWithToken(**attributes)
    return Person(made["name"], made["id"], made["token"])


@pytest.fixture
def holder():
    """Return a citizen who belongs to nothing."""
    return person()


@pytest.fixture
def stranger():
    """Return another citizen."""
    return person()


@pytest.fixture
def restricted(entry):
    """Return a maker of complete entries that are open on conditions."""
    return lambda **changes: entry(**{**CONDITIONAL, **changes})


def file(text: str = TABLE, name: str = "停车场.csv") -> FileStorage:
    """Return an upload."""
    return FileStorage(stream=io.BytesIO(text.encode()), filename=name)


@pytest.fixture
def upload():
    """Return the maker of uploads."""
    return file


@pytest.fixture
def dataset(provider, restricted):
    """Return a published entry open on conditions, with a table that is loaded."""
    from ckanext.cqgov.catalogue import granted_tables

    made = provider.head.call("package_create", **restricted(private=False))
    provider.clerk.call("resource_create", package_id=made["id"], name="表", format="CSV", upload=file())
    granted_tables.settle(made["id"])
    return provider.clerk.call("package_show", id=made["id"])


@pytest.fixture
def resource(dataset):
    """Return the id of the resource with the table."""
    return dataset["resources"][0]["id"]


@pytest.fixture
def give(provider, dataset, holder):
    """Return a way for the head to give a grant for the dataset, to ``holder`` unless another is named."""

    def given(**changes: Any) -> dict[str, Any]:
        grant = {"holder_user": holder.name, "purpose": "编制停车规划", "terms_version": "2026-1", **changes}
        if grant.get("holder_organization"):
            grant.pop("holder_user")
        return provider.head.call("cqgov_grant_create", dataset_id=dataset["name"], **grant)

    return given


@pytest.fixture
def search(resource):
    """Return a way to query the table as somebody."""
    return lambda who, **asked: who.call("cqgov_data_search", resource_id=resource, **asked)


@pytest.fixture
def entries():
    """Return a way to read the ledger's entries of a verb about a subject, the newest first."""
    from ckanext.cqgov.model import ledger

    def read(verb: str, subject_id: str) -> list[dict[str, Any]]:
        model.Session.rollback()
        return ledger.listing(model.Session, verb=verb, subject_id=subject_id)

    return read
