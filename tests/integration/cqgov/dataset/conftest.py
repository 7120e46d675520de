"""What the tests of the dataset share: people with and without the head duty, and a complete entry."""

from __future__ import annotations

import itertools
import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
from ckan.tests import factories

from tests.entry import complete

RESTRICTED = {
    "sharing_basis_kind": "law",
    "sharing_basis": "《中华人民共和国档案法》第二十八条",
    "sharing_condition": "仅限履行职责使用",
    "opening_basis_kind": "law",
    "opening_basis": "《中华人民共和国档案法》第二十八条",
    "opening_condition": "须经申请",
}
"""What an entry needs to say when its sharing or opening is restricted."""
SERIAL = itertools.count(uuid.uuid4().int % 10**12)


@dataclass
class Actor:
    """Somebody who calls actions as over the API: with authorisation."""

    name: str
    id: str

    def call(self, action: str, **data: Any) -> Any:
        """Call an action as this person."""
        return tk.get_action(action)({"user": self.name, "ignore_auth": False}, data)

    def call_with(self, action: str, context: dict[str, Any], **data: Any) -> Any:
        """Call an action as this person with more in the context."""
        return tk.get_action(action)({"user": self.name, **context}, data)


def actor(**attributes: Any) -> Actor:
    """Return a new person; the factory's own names repeat in the end."""
    mark = uuid.uuid4().hex
    made = factories.User(**{"name": f"u{mark}", "email": f"{mark}@example.com", **attributes})
    return Actor(made["name"], made["id"])


@pytest.fixture
def code():
    """Return a maker of catalogue codes that no other test uses."""
    return lambda: f"307001/{next(SERIAL)}"


@pytest.fixture
def provider():
    """Return an organisation with an editor who holds no duty (``clerk``) and one who is its head (``head``)."""
    from ckanext.cqgov.model.duty import Duty

    clerk, head, boss = actor(), actor(), actor(sysadmin=True)
    organization = factories.Organization(
        user={"name": boss.name, "capacity": "admin"},
        users=[{"name": clerk.name, "capacity": "editor"}, {"name": head.name, "capacity": "editor"}],
    )
    model.Session.add(
        Duty(
            user_id=head.id,
            organization_id=organization["id"],
            duty="head",
            valid_from=date(2018, 5, 5),
            assigned_by=boss.id,
        )
    )
    model.Session.commit()

    @dataclass
    class Provider:
        id: str
        name: str
        clerk: Actor
        head: Actor
        operator: Actor

    return Provider(organization["id"], organization["name"], clerk, head, boss)


@pytest.fixture
def entry(provider, code):
    """Return a maker of complete entries of the provider, open without conditions; keyword arguments replace fields."""

    def make(**changes: Any) -> dict[str, Any]:
        own = {
            "owner_org": provider.id,
            "catalog_code": code(),
            "items": [
                {
                    "name": "停车场名称",
                    "type": "C",
                    "length": 200,
                    "primary_key": True,
                    "personal": "none",
                    "base_item": False,
                },
                {
                    "name": "泊位数",
                    "type": "N",
                    "length": "8,2",
                    "primary_key": False,
                    "personal": "none",
                    "base_item": False,
                },
            ],
            "published_on": "2024-01-02",
            "region": ["500112"],
            "sensitive": False,
            "tags": [{"name": "停车"}, {"name": "交通出行"}],
        }
        return complete(**{**own, **changes})

    return make
