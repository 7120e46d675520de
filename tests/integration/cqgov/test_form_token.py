"""A form that somebody else's page sends in the name of a person who is signed in does nothing, whoever came before."""

from __future__ import annotations

import re

import ckan.model as model
import pytest
from ckan.config.middleware.flask_app import csrf
from ckan.tests import factories
from ckan.tests.helpers import _get_test_app

from ckanext.cqgov import form_token
from ckanext.cqgov.model import search_term

pytestmark = [
    pytest.mark.usefixtures("non_clean_db", "with_plugins"),
    pytest.mark.ckan_config("WTF_CSRF_ENABLED", True),
    pytest.mark.ckan_config("SESSION_COOKIE_DOMAIN", "test.ckan.net"),
]

FORM = {"kind": "name", "words": "长江北岸码头", "present": "", "note": ""}


@pytest.fixture
def signed_in(app):
    """Return the browser of a sysadmin, and remove the words that it added."""
    yield app.test_client(user=model.User.get(factories.Sysadmin()["name"]))
    for group in search_term.groups():
        if "长江北岸码头" in group.words:
            search_term.delete(model.Session, group.id)
    model.Session.commit()


def added():
    return any("长江北岸码头" in group.words for group in search_term.groups())


def test_no_visitor_and_no_program_takes_the_token_off_a_page(app, signed_in):
    programs = factories.UserWithToken()["token"]
    app.get("/search-terms/new", expect_errors=True)
    app.post("/search-terms/new", data=FORM, expect_errors=True)
    app.post("/search-terms/new", data=FORM, headers={"Authorization": programs}, expect_errors=True)
    assert "ckanext.cqgov.views.search_term.create" in csrf._exempt_views
    assert signed_in.post("/search-terms/new", data=FORM).status_code == 400
    assert not added()
    page = signed_in.get("/search-terms/new").get_data(as_text=True)
    token = re.search(r'name="_csrf_token"\s+(?:type="hidden"\s+)?(?:value|content)="([^"]+)"', page)[1]
    signed_in.post(
        "/search-terms/new", data={**FORM, "_csrf_token": token}, headers={"Referer": "http://test.ckan.net/"}
    )
    assert added()


def test_core_pages_and_the_api_are_kept_as_well(app, signed_in):
    app.post("/api/3/action/package_search", json={"q": "x"}, status=200)
    assert signed_in.post("/api/3/action/user_delete", json={"id": "x"}).status_code == 400
    app.post("/organization/new", expect_errors=True)
    assert signed_in.post("/organization/new", data={"name": "x-y", "title": "x"}).status_code == 400
    assert model.Group.get("x-y") is None


def test_programs_and_visitors_need_no_token(app, signed_in):
    signed_in.post("/api/3/action/package_search", json={"q": "x"})
    assert app.post("/api/3/action/package_search", json={"q": "x"}).status_code == 200
    program = {"Authorization": factories.UserWithToken()["token"]}
    assert app.post("/api/3/action/package_search", json={"q": "x"}, headers=program).status_code == 200


def test_a_view_that_a_plugin_took_out_stays_out(ckan_config, monkeypatch):
    monkeypatch.setattr(csrf, "_exempt_views", {"ckan.views.api.action"})
    monkeypatch.setattr(form_token, "_opened", set())
    person = _get_test_app().test_client(user=model.User.get(factories.Sysadmin()["name"]))
    assert person.post("/api/3/action/package_search", json={"q": "x"}).status_code == 200
