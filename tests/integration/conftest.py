"""Plugins and application stand for the whole run, where a test wants nothing of its own.

CKAN's fixtures load and unload every plugin for each test and build an application each time: about two seconds a test.
Here a test with marks of its own (``ckan_config``, ``provide_plugin``, ``with_plugins`` with arguments) gets plugins
loaded for it and an application for its configuration; all others share.
"""

from __future__ import annotations

import ckan.plugins as p
import pytest
from ckan.common import config
from ckan.tests.helpers import CKANTestApp

APPLICATIONS: dict = {}
STANDING: list[str] = []


def own_wishes(request) -> bool:
    """Say whether a test asks for a configuration or plugins of its own."""
    names = ("ckan_config", "provide_plugin", "with_plugins")
    fixtures = {"ckan_config", "provide_plugin"} & set(request.node.fixturenames)
    return bool(fixtures) and any(mark.args for name in names for mark in request.node.iter_markers(name))


@pytest.fixture(autouse=True)
def search_asked_again():
    """Let each test ask Solr, whatever the one before made of it: after an outage it is left alone for seconds."""
    from ckanext.cqgov.catalogue import search_outage

    search_outage.forget()


@pytest.fixture
def with_plugins(request):
    """Give a test the plugins of the configuration; they stay loaded for the next one."""
    if own_wishes(request):
        request.getfixturevalue("ckan_config")
        added = [name for mark in request.node.iter_markers("with_plugins") for name in mark.args]
        config["ckan.plugins"] = [*config["ckan.plugins"], *added]
        p.load_all()
        STANDING.clear()
        yield
        p.unload_all()
        return
    if not STANDING or not all(map(p.plugin_loaded, STANDING)):
        p.load_all()
        STANDING[:] = config["ckan.plugins"]
    yield


@pytest.fixture(scope="module")
def filled(reset_db, reset_index):
    """Return a function that empties the portal and returns what ``populated`` makes in it, for all tests of a module."""

    def fill(populated):
        p.load_all()  # CKAN's own fixture for this lives as long as one test
        try:
            reset_db()
            reset_index()
            return populated()
        finally:
            p.unload_all()

    return fill


@pytest.fixture
def make_app(make_app):
    """Give the application of the present configuration, built once, with a client that has no cookies yet."""

    def made():
        key = repr(sorted((name, repr(value)) for name, value in config.items()))
        if key not in APPLICATIONS:
            APPLICATIONS[key] = make_app().app
        return CKANTestApp(APPLICATIONS[key])

    return made


@pytest.fixture(autouse=True)
def nothing_remembered_for_a_while():
    """Have what a process keeps for a few seconds asked anew: a test changes more in one second than a city in a day.

    Without ``monkeypatch``, which would then be undone after every other fixture of a test.
    """
    from ckanext.cqgov.catalogue import suggestion

    suggestion._known_themes = None
    suggestion._organizations.unasked = 0.0
