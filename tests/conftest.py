"""What every test run shares: the test configuration, a migrated database, no tolerance for tests that did not run.

Unit tests run without CKAN (``pytest -p no:ckan -p no:ckan_fixtures tests/unit``) and use only the skip rule.
Integration tests get a database with all migrations applied; CKAN's ``clean_db`` then empties the tables instead of
dropping them, so that the tables of the plugins stay.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.load_profile("suite")  # a busy machine is no failure
os.environ.setdefault("CKAN_INI", str(ROOT / "config" / "test.ini"))


def _migrations() -> str:
    """Return a fingerprint of CKAN's version and of every migration file of the suite."""
    from importlib.metadata import version

    digest = hashlib.sha256(version("ckan").encode())
    for path in sorted(ROOT.glob("ckanext-*/ckanext/*/migration/**/*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _migrate(url: str) -> None:
    """Bring the test database at ``url`` to the present migrations, from an empty schema when they have changed."""
    import sqlalchemy as sa

    wanted, engine = _migrations(), sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        if connection.scalar(sa.text("select obj_description('public'::regnamespace)")) == wanted:
            return
        if "test" not in str(engine.url.database):
            raise pytest.UsageError(f"{engine.url.database} is not a test database; its name must hold 'test'")
        connection.execute(sa.text("drop schema public cascade"))
        connection.execute(sa.text("create schema public"))
        command = [str(Path(sys.executable).with_name("ckan")), "-c", os.environ["CKAN_INI"], "db", "upgrade"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise pytest.UsageError(f"migrations failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
        connection.execute(sa.text(f"comment on schema public is '{wanted}'"))
    engine.dispose()


def pytest_configure(config):
    """Declare the marks of CKAN's fixtures; migrate before CKAN's own plugin boots the application."""
    for mark in ("ckan_config", "ckan_plugin", "provide_plugin", "with_plugins"):
        config.addinivalue_line("markers", f"{mark}: see CKAN's pytest fixtures")
    if (
        config.pluginmanager.hasplugin("ckan")
        and not config.option.collectonly
        and os.environ.get("CKAN_SQLALCHEMY_URL")
    ):
        _migrate(os.environ["CKAN_SQLALCHEMY_URL"])


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session):
    """Tell CKAN that the tables stand, so that ``clean_db`` empties them and never drops them."""
    if session.config.pluginmanager.hasplugin("ckan"):
        from ckan import model

        model.repo.tables_created_and_initialised = True


def pytest_addoption(parser):
    """Add ``--no-skips``: a skipped or expected-to-fail test fails the run (``make test`` uses it)."""
    parser.addoption("--no-skips", action="store_true", help="fail the run when any test is skipped or xfailed")


def pytest_sessionfinish(session, exitstatus):
    """With ``--no-skips``, turn a green run with skipped tests into a failure."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if session.config.getoption("--no-skips") and reporter:
        unrun = sum(len(reporter.stats.get(kind, [])) for kind in ("skipped", "xfailed", "xpassed"))
        if unrun and exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            reporter.write_line(f"{unrun} tests did not run; --no-skips makes that a failure", red=True)
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
