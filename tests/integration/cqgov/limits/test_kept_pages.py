"""A kept page is answered before anything is counted, and says nothing of the counts of whom it was made for."""

from __future__ import annotations

import pytest

from ckanext.cqgov.page_cache import installation

pytestmark = [
    pytest.mark.ckan_config("ckanext.cqgov.page_cache.enabled", True),
    pytest.mark.ckan_config("ckanext.cqgov.limits.rate.search", "1/hour"),
    pytest.mark.usefixtures("ckan_config", "non_clean_db", "clean_index", "with_plugins"),
]


@pytest.fixture(autouse=True)
def nothing_kept(ckan_config, with_plugins):
    """Start and end with no page kept."""
    installation.store().clear()
    yield
    installation.store().clear()


def asked(app, path="/dataset/"):
    return app.get(path, environ_overrides={"REMOTE_ADDR": "192.0.2.1"}, expect_errors=True)


def test_kept_pages_are_not_counted_and_pages_that_are_made_are(app):
    answers = [asked(app) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200] * 4
    assert [answer.headers["Cache-Status"] for answer in answers] == ["cqgov; fwd=miss; stored"] + ["cqgov; hit"] * 3
    assert asked(app, "/dataset/?q=another").status_code == 429
    assert asked(app).status_code == 200


def test_a_refusal_is_not_kept(app):
    asked(app)
    assert asked(app, "/dataset/?q=b").status_code == 429
    answer = app.get("/dataset/?q=b", environ_overrides={"REMOTE_ADDR": "192.0.2.2"})
    assert answer.status_code == 200


def test_a_kept_page_has_the_policy_and_no_count(app):
    for _ in range(2):
        answer = asked(app)
        assert "script-src 'self';" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert not [name for name in answer.headers.keys() if name.startswith("RateLimit")]
