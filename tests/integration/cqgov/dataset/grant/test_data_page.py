"""The page on which the holder of a grant looks through the data, and the command that does the same."""

from __future__ import annotations

import pytest
from ckan.cli.cli import ckan

from .conftest import COLUMN, ROW

pytestmark = pytest.mark.usefixtures("non_clean_db", "clean_index", "with_plugins")


@pytest.fixture
def page(dataset, resource):
    """Return the address of the page."""
    return f"/dataset/{dataset['name']}/resource/{resource}/data"


def test_who_may_only_query_sees_what_was_granted_and_it_is_recorded(
    app, page, dataset, resource, give, holder, entries
):
    give(resources=[resource], columns=["停车场", "泊位数"], rows=["区县 = 渝中区"])
    answer = app.get(page, headers=holder.headers)
    assert answer.status_code == 200 and "解放碑" in answer.text and "朝天门" in answer.text
    assert "启用日期" not in answer.text and COLUMN not in answer.text and ROW not in answer.text
    assert answer.headers["Cache-Control"] == "private, no-store"
    found = app.get(f"{page}?q=朝天门", headers=holder.headers)
    assert "朝天门" in found.text and "解放碑" not in found.text and ">rank<" not in found.text
    assert len(entries("data.read", dataset["id"])) == 2
    shown = app.get(page.removesuffix("/data"), headers=holder.headers)
    assert page in shown.text


def test_rows_come_by_pages(app, page, dataset, resource, give, holder, monkeypatch):
    from ckanext.cqgov.views import granted_data

    monkeypatch.setattr(granted_data, "ROWS", 3)
    give()
    first, second = (app.get(f"{page}?page={number}", headers=holder.headers).text for number in (1, 2))
    assert "解放碑" in first and "南坪" not in first and "page=2" in first
    assert "南坪" in second and "解放碑" not in second and "page=3" not in second
    assert app.get(f"{page}?page=x", headers=holder.headers).status_code == 200


def test_others_see_nothing(app, page, dataset, resource, holder, stranger, give, entries):
    give()
    for headers in ({}, stranger.headers):
        answer = app.get(page, headers=headers)
        assert answer.status_code == 403 and "解放碑" not in answer.text
        assert page not in app.get(page.removesuffix("/data"), headers=headers).text
    assert app.get(page.replace(resource, "no-such-resource"), headers=holder.headers).status_code == 404
    assert app.get(page.replace(dataset["name"], "no-such-entry"), headers=holder.headers).status_code == 404
    assert entries("data.query", dataset["id"])[0]["outcome"] == "refused"


def test_a_resource_is_not_shown_under_another_entrys_address(app, page, dataset, provider, restricted, holder, give):
    give()
    other = provider.head.call("package_create", **restricted(private=False))
    assert app.get(page.replace(dataset["name"], other["name"]), headers=holder.headers).status_code == 404


def test_the_command_queries_as_somebody(cli, dataset, resource, give, holder, stranger, entries):
    give(resources=[resource], columns=["停车场"])
    done = cli.invoke(ckan, ["cqgov", "data", "search", resource, "--user", holder.name, "--q", "朝天门"])
    assert done.exit_code == 0, done.output
    assert "朝天门" in done.output and "解放碑" not in done.output and COLUMN not in done.output
    assert entries("data.read", dataset["id"])[0]["actor"] == holder.id
    assert cli.invoke(ckan, ["cqgov", "data", "search", resource, "--user", stranger.name]).exit_code == 1
    assert cli.invoke(ckan, ["cqgov", "data", "search", resource, "--user", "nobody-of-that-name"]).exit_code == 1
