"""While PostgreSQL is away: every page and every action says so, calmly, and nothing is given to anybody."""

from __future__ import annotations

import ckan.model as model
import psycopg2
import pytest
import sqlalchemy as sa

from .conftest import CONTENT

pytestmark = pytest.mark.usefixtures("non_clean_db")

PAGES = (
    "/",
    "/dataset/",
    "/dataset/{name}",
    "/dataset/{name}/resource/{resource}",
    "/dataset/{name}/resource/{resource}/download",
    "/organization/{organization}",
    "/user/login",
)
API = ("package_show?id={name}", "package_search?q=停车", "cqgov_suggest?q=停")


def named(path, tiers, tier="open"):
    return path.format(
        name=tiers.datasets[tier]["name"], resource=tiers.resources[tier]["id"], organization=tiers.organization
    )


def refuse(*_arguments):
    raise psycopg2.OperationalError("connection to server at db.example.test failed: Connection refused")


@pytest.fixture
def away(tiers):
    """Have nothing listen where PostgreSQL was."""
    engine = model.meta.engine
    model.Session.remove()
    sa.event.listen(engine, "do_connect", refuse)
    engine.dispose()
    yield tiers
    sa.event.remove(engine, "do_connect", refuse)
    model.Session.remove()


@pytest.mark.parametrize("tier", ["open", "conditional", "closed"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_says_so_and_gives_nothing(site, away, path, tier):
    for headers in ({}, {"Authorization": away.handler["token"]}):
        answer = site.get(named(path, away, tier), headers=headers)
        assert answer.status_code == 503 and answer.headers["Retry-After"]
        assert "数据库暂时没有响应" in answer.body and "The database does not answer" in answer.body
        assert "Traceback" not in answer.body and "db.example.test" not in answer.body
        assert CONTENT[tier] not in answer.data and away.datasets[tier]["title"] not in answer.body
        assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("path", API)
def test_programs_are_told(site, away, path):
    answer = site.get("/api/3/action/" + named(path, away))
    assert answer.status_code == 503 and answer.headers["Retry-After"]
    assert answer.json["success"] is False and answer.json["error"]["__type"] == "Service Unavailable Error"


def test_when_it_is_back_everything_goes_on(site, tiers):
    engine = model.meta.engine
    model.Session.remove()
    sa.event.listen(engine, "do_connect", refuse)
    engine.dispose()
    try:
        assert site.get(named("/dataset/{name}", tiers)).status_code == 503
    finally:
        sa.event.remove(engine, "do_connect", refuse)
    assert site.get(named("/dataset/{name}", tiers)).status_code == 200
