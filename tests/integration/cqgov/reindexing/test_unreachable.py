"""While Solr cannot be reached, whatever reads a core or writes into it says so in the same words."""

from __future__ import annotations

from datetime import UTC, datetime

import pysolr
import pytest
from ckan.lib.search.common import SearchIndexError

from ckanext.cqgov.reindexing import indexed, posting

SAID = "^Solr 无法访问或者出错 / Solr cannot be reached or failed: "


@pytest.mark.parametrize(
    "act",
    [
        lambda solr: posting.post([{"id": "a"}], solr),
        lambda solr: posting.remove(["a"], solr),
        posting.commit,
        indexed.ids,
        lambda solr: indexed.since(solr, datetime(2026, 5, 5, tzinfo=UTC)),
        indexed.of_others,
    ],
    ids=["post", "remove", "commit", "ids", "since", "of others"],
)
def test_a_core_that_nobody_answers_for_is_named_as_such(act):
    with pytest.raises(SearchIndexError, match=SAID):
        act(pysolr.Solr("http://127.0.0.1:9/solr/none", timeout=1))


def test_what_solr_says_to_many_documents_is_cut_and_what_it_says_to_a_reader_is_whole():
    long = pysolr.SolrError("x" * 2000)
    assert str(posting.unreachable(long, posting.SAID)).endswith(": " + "x" * posting.SAID)
    assert str(posting.unreachable(long)).endswith(": " + "x" * 2000)
