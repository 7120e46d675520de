"""No secret stands in a log."""

from __future__ import annotations

import pytest

from ckanext.cqgov.domain.limits_logs import masked

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJqdGkiOiJzZWNyZXQifQ.c2lnbmF0dXJlLXNlY3JldA"


@pytest.mark.parametrize(
    "line",
    [
        f"GET /api/3/action/package_show Authorization: {JWT}",
        f"Received API Token: {JWT[:10]}[...]. Identified user: a",
        f"{{'Authorization': '{JWT}'}}",
        "Headers: Host: a\r\nAuthorization: 3f9-secret-old-key\r\nAccept: */*",
        "Cookie: ckan=secret-session; other=1",
        "GET /dataset/a/resource/b/download?token=secret&x=1 200",
        "GET /d?x=1&key=secret HTTP/1.1",
        "GET /user/reset/someone?key=secret",
        "GET /en/download/WyJzZWNyZXQiLDFd.aSNk2w.secret7Zt8Qn3vK5yB2xW9cL0pR4dF6gH 302",
        "GET /file/trusted-download/secret 302",
        "Action API format incorrect: {'password': 'secret', 'name': 'a'}",
        '{"old_password": "secret"}',
        "connecting to postgresql://ckan:secret@db/ckan",
        "redis://:secret@127.0.0.1:6379/0",
        "('password', 'secret')",
    ],
)
def test_secrets_are_masked(line):
    assert "secret" not in masked(line) and JWT[:10] not in masked(line)
    assert "***" in masked(line)


@pytest.mark.parametrize(
    "line",
    [
        "200 /dataset/?q=停车场&page=2 render time 0.010 seconds",
        "the keyword=停车 of monkey=1",
        "http://127.0.0.1:5000/dataset",
        "2026-11-23 20:00:00,123 INFO [ckan] token bucket: 3 tokens left",
        "primary key (id)",
        "GET /dataset/a/resource/0b3c/download/gongjiao-xianlu.2026.csv 200",
    ],
)
def test_all_else_stays(line):
    assert masked(line) == line
