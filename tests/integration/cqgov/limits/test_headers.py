"""Every answer tells a browser what it may do with it, kept pages included; logs hold no secret."""

from __future__ import annotations

import io
import logging

import ckan.plugins.toolkit as tk
import pytest
from ckan.tests import factories
from flask import Response
from werkzeug.datastructures import FileStorage

from ckanext.cqgov.limits import headers, logs

pytestmark = pytest.mark.usefixtures("non_clean_db", "with_plugins")


@pytest.mark.parametrize(
    "path", ["/", "/dataset/", "/no-such-page", "/api/3/action/status_show", "/api/3/action/none", "/cqgov/refused.css"]
)
def test_every_answer_is_guarded(app, path):
    answer = app.get(path, expect_errors=True)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in answer.headers


def test_pages_programs_and_files_have_each_their_policy(app):
    assert "script-src 'self';" in app.get("/dataset/").headers["Content-Security-Policy"]
    assert app.get("/api/3/action/status_show").headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "Content-Security-Policy" not in app.get("/cqgov/refused.css").headers


def test_an_uploaded_page_is_of_no_origin(app):
    boss = factories.SysadminWithToken()
    package = factories.Dataset(user=boss, owner_org=factories.Organization(user=boss)["id"], private=True)
    file = FileStorage(stream=io.BytesIO(b"<script>alert(document.cookie)</script>"), filename="a.html")
    made = tk.get_action("resource_create")(
        {"user": boss["name"]}, {"package_id": package["id"], "upload": file, "url": ""}
    )
    path = f"/dataset/{package['id']}/resource/{made['id']}/download/a.html"
    answer = app.get(path, headers={"Authorization": boss["token"]})
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "script-src" not in answer.headers["Content-Security-Policy"]


def test_other_sites_show_previews_alone_and_only_those_named(app, limit):
    limit("embedding", ["https://www.example.gov.cn"])
    with app.flask_app.test_request_context("/dataset/a/resource/b/view/c"):
        answer = headers.guard(Response("", mimetype="text/html"))
        assert "frame-ancestors 'self' https://www.example.gov.cn" in answer.headers["Content-Security-Policy"]
        assert "X-Frame-Options" not in answer.headers
    answer = app.get("/dataset/")
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"] and "example" not in str(
        answer.headers
    )


def test_browsers_are_told_to_insist_on_https_where_the_portal_is_https(app, monkeypatch):
    monkeypatch.setitem(tk.config, "ckan.site_url", "https://test.ckan.net")
    answer = app.get("/api/3/action/status_show")
    assert answer.headers["Strict-Transport-Security"] == "max-age=15552000"


def test_an_administrators_style_is_a_file(app, monkeypatch):
    monkeypatch.setitem(tk.config, "ckan.site_custom_css", "body { color: red }")
    answer = app.get("/cqgov-custom.css")
    assert answer.mimetype == "text/css" and answer.body == "body { color: red }"


def test_no_handler_writes_a_secret():
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    logger = logging.getLogger("ckanext.cqgov.tests.secrets")
    logger.addHandler(handler)
    try:
        logs.install()
        logs.install()
        logger.error("asked %s", "/a?token=hunter2&q=1")
        try:
            raise ValueError("Authorization: hunter2")
        except ValueError:
            logger.exception("failed")
    finally:
        logger.removeHandler(handler)
    assert "hunter2" not in out.getvalue() and "q=1" in out.getvalue() and "ValueError" in out.getvalue()
