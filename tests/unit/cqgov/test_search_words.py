"""Which queries are plain Chinese words, and how they are cut."""

from __future__ import annotations

import pytest

from ckanext.cqgov.domain.search import chinese, parsed, required


@pytest.mark.parametrize(
    "query", ["停车场", " 公交 线路", "PM2.5 监测", "停车场（库）", "公交/地铁", "说明：停车", "水"]
)
def test_plain_words(query):
    assert chinese(query)


@pytest.mark.parametrize(
    "query",
    [
        "*:*",
        "",
        None,
        "bus",
        "title:停车",
        "停车*",
        '"停车场"',
        "停车 AND 公交",
        "-停车",
        "停车~2",
        "[停 TO 车]",
        "{!lucene}停车",
    ],
)
def test_queries_that_stay_as_they_are(query):
    assert not chinese(query)


@pytest.mark.parametrize(
    ("query", "text", "match"),
    [
        ("水", "水", 1),
        ("停车", "停车", 1),
        ("停车场", '停车 OR 车场 OR "停车场"^3', 2),
        ("PM2.5 监测", "PM2.5 OR 监测", 2),
        ("停车场（库）", '停车 OR 车场 OR 库 OR "停车场"^3', 3),
        ("渝中区停车场", '渝中 OR 中区 OR 区停 OR 停车 OR 车场 OR "渝中区停车场"^3', 3),
    ],
)
def test_runs_are_cut_into_pairs(query, text, match):
    assert (parsed(query).text, parsed(query).match) == (text, match)


def test_the_more_words_the_fewer_must_match_but_never_none():
    assert [required(words) for words in range(1, 11)] == [1, 2, 3, 3, 3, 4, 4, 5, 6, 7]
