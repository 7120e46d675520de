"""The world of the leak suite stands for the whole package; the run ends by telling how much was looked at."""

from __future__ import annotations

import pytest

COUNTED: list = []


def emptied():
    """Empty the database, the index and the DataStore, whose tables outlive their resources."""
    import sqlalchemy as sa
    from ckan.common import config
    from ckan.lib import search
    from ckan.tests import helpers

    helpers.reset_db()
    search.clear_all()
    engine = sa.create_engine(config["ckan.datastore.write_url"])
    with engine.begin() as connection:
        left = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        for name in connection.execute(sa.text(f"{left} AND relname ~ '^[0-9a-f-]{{36}}$'")).scalars().all():
            connection.execute(sa.text(f'DROP TABLE "{name}" CASCADE'))
    engine.dispose()


@pytest.fixture(scope="package")
def portal():
    """The application over an empty portal, with the page cache on: a page kept of one viewer must not reach another."""
    import ckan.plugins as p
    from ckan.common import config
    from ckan.tests import helpers

    from ckanext.cqgov.ledger import recording

    p.load_all()
    emptied()
    before = config["ckanext.cqgov.page_cache.enabled"]
    config["ckanext.cqgov.page_cache.enabled"] = True
    recorded, recording.AT_MOST = (
        recording.AT_MOST,
        1_000_000,
    )  # every refusal, or the clock decides what the ledger tells
    app = helpers._get_test_app().flask_app
    app.testing, app.config["PROPAGATE_EXCEPTIONS"] = False, False  # a crash is answered as the public gets it
    yield app
    recording.AT_MOST = recorded
    config["ckanext.cqgov.page_cache.enabled"] = before
    emptied()


@pytest.fixture(scope="package")
def world(portal):
    """One portal that holds every tier at once."""
    from . import watch, world

    with watch.mails(), portal.test_request_context("/"):
        return world.build()


@pytest.fixture(scope="package")
def caller(portal):
    """Send requests and look through the answers, log lines and mails."""
    from . import calling, watch

    with watch.lines() as lines, watch.mails() as bag:
        made = calling.Caller(portal, lines, bag)
        COUNTED.append(made)
        yield made


def pytest_terminal_summary(terminalreporter):
    """Tell how many calls were made and how many bodies, headers, logs and mails were looked through."""
    if COUNTED:
        calls, checks = (sum(getattr(one, name) for one in COUNTED) for name in ("calls", "checks"))
        terminalreporter.write_line(f"leak suite: {checks:,} checks of {calls:,} answers")
