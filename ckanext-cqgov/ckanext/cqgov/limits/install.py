"""Puts the limits around CKAN's application."""

from __future__ import annotations

from flask import Flask

from ckanext.cqgov.limits import address, logs, reset, sessions, settings, template_source


def install(app: Flask) -> Flask:
    """Return the application behind its proxies, with sessions that end, logs without secrets and pages without scripts in them.

    Comes before the page cache is laid around it: a kept page needs no address.
    """
    settings.check()
    sessions.install(app)
    logs.install()
    reset.install(app)
    template_source.install(app)
    app.wsgi_app = address.behind(app.wsgi_app, settings.setting("trusted_proxies"))  # type: ignore[method-assign]
    return app
