"""Puts the page cache before CKAN, as the configuration says."""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from flask import Flask
from redis import Redis

from ckanext.cqgov.domain.page_cache import Identity
from ckanext.cqgov.limits.devices import COOKIE
from ckanext.cqgov.page_cache.middleware import PageCache
from ckanext.cqgov.page_cache.release import fingerprint
from ckanext.cqgov.page_cache.store import Store
from ckanext.cqgov.page_cache.version import WAIT, Versions

log = logging.getLogger(__name__)

EXTENSION = "cqgov_page_cache"
"""Under which name the layer is found among the application's extensions, whatever else lies around it."""


def install(app: Flask) -> Flask:
    """Return the application with the page cache before it."""
    on = enabled()
    cache = PageCache(
        app,
        who(),
        urlsplit(tk.config["ckan.site_url"]).netloc,
        setting("pages") if on else (),
        store() if on else None,
        versions if on else None,
    )
    app.extensions[EXTENSION] = app.wsgi_app = cache  # type: ignore[method-assign]
    return app


def enabled() -> bool:
    """Say whether pages are kept: not while templates are being worked on, nor where nobody said how users are known."""
    if not setting("enabled") or tk.config["debug"]:
        return False
    if list(p.PluginImplementations(p.IAuthenticator)) and not setting("identity_headers"):
        log.warning("no public pages are kept: a plugin identifies users; name its headers in identity_headers")
        return False
    return True


def who() -> Identity:
    """Return what tells visitors from persons."""
    return Identity(
        (*setting("ignored_cookies"), COOKIE),
        (tk.config["SESSION_COOKIE_NAME"], tk.config["REMEMBER_COOKIE_NAME"]),
        (*setting("identity_headers"), tk.config["apitoken_header_name"]),
    )


def store() -> Store:
    """Return the places of this portal's pages."""
    redis = Redis.from_url(tk.config["ckan.redis.url"], socket_timeout=WAIT, socket_connect_timeout=WAIT)
    prefix = f"cqgov:page:{tk.config['ckan.site_id']}"
    return Store(redis, prefix, setting("places"), setting("page_bytes"), setting("seconds"))


def versions() -> Versions:
    """Return what gives the present version of everything that pages are made of."""
    user, password = tk.config["solr_user"], tk.config["solr_password"]
    auth = f"{user}:{password}" if user and password else None
    return Versions(tk.config["sqlalchemy.url"], tk.config["solr_url"], auth, fingerprint())


def setting(name: str):
    """Return a setting of the page cache."""
    return tk.config[f"ckanext.cqgov.page_cache.{name}"]
