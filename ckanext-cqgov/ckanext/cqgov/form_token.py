"""Keeps the form token (CSRF) of every page in force.

CKAN asks for no token where nobody is signed in by a cookie: visitors, and programs with an API token. It says so by taking
the page out of the protection, and never puts it back: from then on the page asks nobody for a token, until the process ends.
One visitor who opens a page's address would be enough.
"""

from __future__ import annotations

from collections.abc import Collection

from flask import Flask, current_app, g, request
from flask_wtf.csrf import CSRFProtect

_opened: set[str] = set()
"""The views that CKAN took out for the sake of one request."""


def install(app: Flask) -> Flask:
    """Return the application with the token asked for wherever no plugin said, before it started, that none is needed."""
    declared = frozenset(app.extensions["csrf"]._exempt_views - _opened)
    app.before_request(lambda: protect(declared))  # after CKAN's own
    return app


def protect(declared: Collection[str]) -> None:
    """Refuse a form without its token (400) from somebody who is signed in by a cookie, though CKAN would let it pass.

    ``declared`` are the views that a plugin took out for good.
    """
    view = current_app.view_functions.get(request.endpoint or "")
    name = f"{view.__module__}.{view.__name__}" if view else ""
    if not view or name in declared:
        return
    if g.get("login_via_auth_header"):  # CKAN's name for both: a program, and nobody
        _opened.add(name)
        return
    csrf: CSRFProtect = current_app.extensions["csrf"]
    if current_app.blueprints.get(request.blueprint or "") in csrf._exempt_blueprints:
        return
    if current_app.config["WTF_CSRF_ENABLED"] and name in csrf._exempt_views:
        csrf.protect()
