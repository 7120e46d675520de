"""Nothing that a visitor gets depends on what stands in entries that the visitor may not see."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import ckan.plugins.toolkit as tk
import pytest

from ckanext.cqgov.catalogue import frequency

pytestmark = pytest.mark.usefixtures("clean_index", "non_clean_db", "with_plugins")


@pytest.fixture
def public(provider, entry):
    """Publish entries that anybody may find."""

    for place in ("渝中区", "江北区", "南岸区"):
        provider.head.call("package_create", **entry(title=f"{place}公共停车场泊位", private=False, tags=[]))


@pytest.mark.parametrize(
    "query", ["公共停车场暗哨", "停车场 暗哨", "停车暗哨泊位", "公共厅车场", "parking 停车", "停车 anshao"]
)
def test_what_somebody_may_not_see_changes_nothing_of_an_answer(public, provider, entry, app, query):
    def answers():
        page = app.get("/dataset/?" + urlencode({"q": query})).body
        sent = app.post("/api/3/action/package_search", json={"q": query, "facet.field": ["tags"]}).json["result"]
        offered = app.get("/api/3/action/cqgov_suggest?" + urlencode({"q": query})).json["result"]
        return re.sub(r"(nonce|token)=\S+", "", page), sent, offered

    before = answers()
    for title in ("暗哨停车场", "公共停车场暗哨", "公共厅车场 parking anshao"):
        provider.head.call("package_create", **entry(title=title, notes=title))
    frequency._known.clear()
    assert answers() == before
    found = provider.operator.call("package_search", q="暗哨", include_private=True)
    assert found["count"] == 2


def test_an_entry_that_nobody_may_see_is_not_counted_among_those_folded_with_another(provider, entry, app):
    for year, private in ((2021, False), (2020, True), (2019, True)):
        provider.head.call("package_create", **entry(title=f"公共停车场泊位{year}年", private=private, tags=[]))
    page = re.sub("<(?!a )[^>]+>", "", app.get("/dataset/?" + urlencode({"q": "停车场泊位"})).body)
    assert "公共停车场泊位2021年" in page and "2020年" not in page and "ext_similar" not in page
    with app.flask_app.test_request_context("/dataset/"):
        found = tk.get_action("package_search")(
            {"user": "", "for_view": True, "auth_user_obj": None}, {"q": "停车场泊位"}
        )
    assert found["count"] == 1 and found.get("cqgov", {}).get("similar", {}) == {}
