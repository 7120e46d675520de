"""While Redis is away: everybody reads on, nobody is signed in by a session, what guards accounts and departments is closed."""

from __future__ import annotations

import ckan.lib.redis
import pytest
from ckan.tests import factories

from ckanext.cqgov.limits import counting

from .conftest import CONTENT, RESTRICTED, finished

pytestmark = pytest.mark.usefixtures("non_clean_db")

READ = (
    "/",
    "/dataset/",
    "/dataset/?q=停车",
    "/dataset/{name}",
    "/dataset/{name}/resource/{resource}",
    "/organization/",
    "/organization/{organization}",
    "/organizations/tree",
    "/search-help",
    "/suggest?q=停",
    "/user/login",
    "/api/3/action/package_search?q=停车",
    "/api/3/action/package_show?id={name}",
    "/api/3/action/resource_show?id={resource}",
    "/api/3/action/organization_show?id={organization}",
)
GUARDED = ("/user/login", "/user/reset", "/user/register")


@pytest.fixture(params=["stopped", "silent"])
def away(request, tiers, reached):
    """Have Redis stopped, or hanging."""
    (reached["redis"].cut if request.param == "stopped" else reached["redis"].silence)()
    return tiers


def named(path, tiers, tier="open"):
    return path.format(
        name=tiers.datasets[tier]["name"], resource=tiers.resources[tier]["id"], organization=tiers.organization
    )


@pytest.mark.parametrize("path", READ)
def test_reading_goes_on(site, away, path):
    assert site.get(named(path, away)).status_code == 200


def test_downloads_go_on_for_who_may_have_them_and_for_nobody_else(site, away):
    path = "/dataset/{name}/resource/{resource}/download"
    assert site.get(named(path, away)).data == CONTENT["open"]
    holder = {"Authorization": away.handler["token"]}
    assert site.get(named(path, away, "conditional"), headers=holder).data == CONTENT["conditional"]
    for headers in ({}, {"Authorization": away.stranger["token"]}):
        for tier in ("conditional", "closed"):
            answer = site.get(named(path, away, tier), headers=headers)
            assert answer.status_code in (403, 404) and CONTENT[tier] not in answer.data
    assert site.get(named("/dataset/{name}", away, "closed")).status_code == 404


@pytest.mark.parametrize("path", GUARDED)
def test_what_must_never_be_unlimited_is_closed(site, away, path):
    answer = site.post(path, data={"login": "x", "user": "x", "password": "wrong-password"})
    assert answer.status_code == 503 and answer.headers["Retry-After"]


@pytest.mark.parametrize("fault", ["cut", "silence"])
def test_a_session_opens_nothing_while_it_cannot_be_looked_up(site, tiers, reached, fault):
    client = site.flask_app.test_client()
    client.set_cookie(site.flask_app.config["SESSION_COOKIE_NAME"], "made-up")
    getattr(reached["redis"], fault)()
    assert client.get(named("/dataset/{name}", tiers)).status_code == 200
    conditional = named("/dataset/{name}/resource/{resource}/download", tiers, "conditional")
    assert client.get(conditional).status_code in (403, 404)


def test_who_was_signed_in_is_so_again_when_redis_is_back(site, tiers, reached):
    user = factories.User(password="a-long-password-1")
    client = site.flask_app.test_client()
    assert client.post("/user/login", data={"login": user["name"], "password": "a-long-password-1"}).status_code == 302
    own = f"/user/edit/{user['name']}"
    assert client.get(own).status_code == 200
    reached["redis"].cut()
    assert client.get(own).status_code != 200
    reached["redis"].mend()
    counting._counter.cache_clear()
    assert client.get(own).status_code == 200


def test_a_dataset_is_closed_without_redis_too(site, fresh_tiers, reached):
    made = fresh_tiers.datasets["open"]
    path = f"/dataset/{made['name']}/resource/{made['resources'][0]['id']}/download"
    assert site.get(path).data == CONTENT["open"]
    reached["redis"].cut()
    ckan.lib.redis.connect_to_redis().connection_pool.disconnect()
    fresh_tiers.head.call("package_patch", id=made["id"], opening_type="closed", **RESTRICTED)
    assert site.get(f"/dataset/{made['name']}").status_code == 404
    assert site.get(path).status_code == 404
    assert finished(reached, made["id"]) is True  # what could not be queued is picked up by the upkeep
