"""What the tests of faults share: a portal that reaches Solr and Redis by ways that can be cut, and one dataset of each tier."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import ckan.lib.redis
import ckan.plugins.toolkit as tk
import pytest
from ckan.tests import factories
from werkzeug.datastructures import FileStorage

from .relay import Relay

RESTRICTED = {
    "opening_basis_kind": "law",
    "opening_basis": "《中华人民共和国档案法》第二十八条",
    "opening_condition": "须经申请",
}
CONTENT = {tier: f"a,b\n1,{tier}-canary-51c7\n".encode() for tier in ("open", "conditional", "closed")}


@pytest.fixture(scope="session")
def ways():
    """The ways to Solr and Redis for the whole run."""
    made = {"solr": Relay(tk.config["solr_url"], 8983), "redis": Relay(tk.config["ckan.redis.url"], 6379)}
    yield made
    for way in made.values():
        way.cut()


@pytest.fixture
def reached(ways, with_plugins, monkeypatch):
    """Have the portal reach its services by these ways, with sessions in Redis and pages kept, as ``make run`` sets it up."""
    from ckanext.cqgov.catalogue import solr
    from ckanext.cqgov.limits import counting

    monkeypatch.setattr(solr, "_kept", None)
    monkeypatch.setattr(ckan.lib.redis, "_connection_pool", None)
    monkeypatch.setitem(tk.config, "solr_url", ways["solr"].url)
    monkeypatch.setitem(tk.config, "ckan.redis.url", ways["redis"].url)
    monkeypatch.setenv(
        "CKAN_SOLR_URL", ways["solr"].url
    )  # CKAN reads these over the configuration when it builds the application
    monkeypatch.setenv("CKAN_REDIS_URL", ways["redis"].url)
    monkeypatch.setitem(tk.config, "SESSION_TYPE", "redis")
    monkeypatch.setitem(tk.config, "ckanext.cqgov.page_cache.enabled", True)
    counting._counter.cache_clear()
    yield ways
    for way in ways.values():
        way.mend()
    counting._counter.cache_clear()


@pytest.fixture
def site(reached, make_app):
    """The application over these ways; an error of the server is an answer, as outside."""
    app = make_app()
    app.flask_app.testing, app.flask_app.config["PROPAGATE_EXCEPTIONS"] = False, False
    return app


@dataclass
class Tiers:
    """One dataset of each tier with one uploaded file each, and the people around them."""

    datasets: dict[str, dict[str, Any]]
    resources: dict[str, dict[str, Any]]
    organization: str
    handler: dict[str, Any]
    head: Any
    stranger: dict[str, Any]


STANDING: dict[str, Tiers] = {}


@pytest.fixture
def tiers(site, request):
    """One dataset of each tier, made while everything answers; one world for each file of tests, none of which writes to it."""
    key = str(request.node.path)
    if key not in STANDING:
        STANDING[key] = built(request.getfixturevalue("provider"), request.getfixturevalue("entry"))
    return STANDING[key]


@pytest.fixture
def fresh_tiers(site, provider, entry, reached):
    """A world that a test may change; what it began is finished when it ends."""
    made = built(provider, entry)
    yield made
    for each in made.datasets.values():
        assert finished(reached, each["id"]) is not False


def finished(reached, dataset_id: str) -> bool | None:
    """Bring the services back and carry out what waits for the dataset, as the upkeep does; None when nothing waits."""
    from ckanext.cqgov.catalogue import search_outage
    from ckanext.cqgov.reclassification import working

    for way in reached.values():
        way.mend()
    search_outage.forget()
    return working.one(dataset_id, at_once=True)


def built(provider, entry) -> Tiers:
    """Make one dataset of each tier with an uploaded file."""
    handler = factories.UserWithToken()
    member = {"id": provider.id, "username": handler["name"], "role": "editor"}
    tk.get_action("organization_member_create")({"ignore_auth": True, "user": provider.operator.name}, member)
    datasets, resources = {}, {}
    for tier, opening in (("open", "unconditional"), ("conditional", "conditional"), ("closed", "closed")):
        more = {} if tier == "open" else RESTRICTED
        title = f"{tier} 停车场 {provider.name}"
        made = provider.head.call("package_create", **entry(opening_type=opening, title=title, **more))
        upload = FileStorage(io.BytesIO(CONTENT[tier]), f"{tier}.csv", content_type="text/csv")
        resources[tier] = provider.head.call(
            "resource_create", package_id=made["id"], name=f"{tier} 表格", format="CSV", upload=upload
        )
        if tier != "closed":
            provider.head.call("package_patch", id=made["id"], private=False)
        datasets[tier] = provider.head.call("package_show", id=made["id"])
    return Tiers(datasets, resources, provider.name, handler, provider.head, factories.UserWithToken())
