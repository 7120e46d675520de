"""What people say finds what the catalogue calls it: through Solr, one way, and behind what has the words themselves."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
import pytest
from ckan.tests.helpers import call_action

pytestmark = pytest.mark.usefixtures("with_plugins", "clean_db", "clean_index")

SAID, SAME, CALLED, OTHER = "外来人员找工作统计", "外来人员求职统计", "外来人员招聘统计", "外来人员居住统计"


@pytest.fixture
def found(provider, entry):
    """Publish entries with what people say, a synonym of it, what the catalogue calls it, and neither; return a search."""
    call_action("cqgov_search_term_create", kind="synonym", words="找工作、求职")
    call_action("cqgov_search_term_create", kind="related", words="找工作", related="招聘")
    for title in (CALLED, SAME, SAID, OTHER):
        notes = "按月汇总的人数"
        provider.head.call("package_create", **entry(title=title, notes=notes, private=False, tags=[]))

    def search(q):
        answer = tk.get_action("package_search")({"user": "", "ignore_auth": False}, {"q": q, "ext_exact": True})
        return [result["title"] for result in answer["results"]]

    return search


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("找工作", [SAID, SAME, CALLED]),
        ("求职", [SAME, SAID]),
        ("招聘", [CALLED]),
        ("居住", [OTHER]),
    ],
)
def test_the_words_come_first_then_other_names_then_what_the_catalogue_calls_it_and_never_the_reverse(
    found, query, titles
):
    assert found(query) == titles


def test_a_piece_that_is_found_by_a_related_word_is_found(found):
    assert found("外来人员找工作")[:3] == [SAID, SAME, CALLED]


def test_related_words_are_marked_in_the_list(found, app):
    page = app.get("/dataset/?q=找工作").body
    assert "<mark>招聘</mark>" in page and "<mark>找工作</mark>" in page
    assert "<mark>找工作</mark>" not in app.get("/dataset/?q=招聘").body
