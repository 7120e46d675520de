"""Puts the limits around CKAN's application."""

from __future__ import annotations

from flask import Flask

from ckanext.cqgov.limits import address, logs, sessions, settings


def install(app: Flask) -> Flask:
    """Return the application behind its proxies, with sessions that end and logs without secrets.

    Comes after the page cache is in place: the address is set right before anything looks at it.
    """
    settings.check()
    sessions.install(app)
    logs.install()
    app.wsgi_app = address.behind(app.wsgi_app, settings.setting("trusted_proxies"))  # type: ignore[method-assign]
    return app
