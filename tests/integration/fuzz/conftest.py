"""A small portal of its own, which the calls may wear out."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

import pytest


@dataclass(frozen=True)
class Portal:
    """The application as the public gets it, tokens by caller, and ids of what is there."""

    app: Any
    tokens: dict[str, str]
    pool: tuple[str, ...]


@pytest.fixture(scope="package")
def portal():
    """A portal with one dataset, a person, a group, and a sysadmin who may call everything."""
    import ckan.plugins as p
    import ckan.plugins.toolkit as tk
    from ckan.lib import search
    from ckan.tests import factories, helpers

    p.load_all()
    helpers.reset_db()
    search.clear_all()
    app = helpers._get_test_app().flask_app
    app.testing, app.config["PROPAGATE_EXCEPTIONS"] = False, False
    with app.test_request_context("/"):
        people = {
            name: account(factories, name, sysadmin=name == "sysadmin") for name in ("sysadmin", "editor", "other")
        }
        tokens = {"anonymous": ""}
        for name in ("sysadmin", "editor"):
            context = {"ignore_auth": True, "user": people[name]["name"]}
            made = tk.get_action("api_token_create")(context, {"user": people[name]["name"], "name": "fuzz"})
            tokens[name] = made["token"]
        organization = factories.Organization(users=[{"name": people["editor"]["name"], "capacity": "editor"}])
        dataset = factories.Dataset(owner_org=organization["id"], user=people["sysadmin"])
        resource = factories.Resource(package_id=dataset["id"], user=people["sysadmin"])
        group = factories.Group()
    pool = (dataset["id"], dataset["name"], resource["id"], organization["id"], group["name"], people["other"]["id"])
    yield Portal(app, tokens, pool)
    helpers.reset_db()
    search.clear_all()


def account(factories, name, sysadmin):
    mark = uuid.uuid4().hex[:12]
    return factories.User(name=f"fuzz-{name}-{mark}", email=f"{name}-{mark}@example.com", sysadmin=sysadmin)
