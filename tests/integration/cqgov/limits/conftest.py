"""Low limits for one test, and counts that begin at nothing."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
import pytest
from ckan.tests import factories

from ckanext.cqgov.limits import counting


@pytest.fixture(autouse=True)
def uncounted(with_plugins):
    """Forget all counts before and after a test."""

    def forget():
        storage = counting.counter()._storage
        for key in storage.storage.scan_iter(storage.prefixed_key("*")):
            storage.storage.delete(key)

    counting._counter.cache_clear()
    forget()
    yield
    counting._counter.cache_clear()
    forget()


@pytest.fixture
def limit(monkeypatch):
    """Return a function that sets ``ckanext.cqgov.limits.<name>`` for the test."""

    def set_to(name, value):
        key = f"ckanext.cqgov.limits.{name}"
        assert key in tk.config
        monkeypatch.setitem(tk.config, key, value)

    return set_to


@pytest.fixture
def without_redis(monkeypatch):
    """Return a function after which nothing listens where Redis was."""

    def gone():
        monkeypatch.setitem(tk.config, "ckan.redis.url", "redis://127.0.0.1:9/0")

    return gone


PASSWORD = "x7Kq-2mPz0vT"


@pytest.fixture
def log_in(app):
    """Return a function that logs an account with ``PASSWORD`` in and returns its browser."""

    def logged_in(user, password=PASSWORD):
        browser = app.test_client()
        form = {"login": user["name"], "password": password}
        assert browser.post("/user/login", data=form, follow_redirects=False).status_code == 302
        return browser

    return logged_in


@pytest.fixture
def person():
    """Return an account with ``PASSWORD``."""
    return factories.User(password=PASSWORD)
