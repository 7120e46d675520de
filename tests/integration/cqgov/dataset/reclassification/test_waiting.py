"""From the commit on no route tells an address of what is not open, though the copies are still there and the index is behind."""

from __future__ import annotations

import ckan.lib.search as search
import ckan.model as model
import pytest
from ckan.tests import factories

pytestmark = pytest.mark.usefixtures("non_clean_db", "clean_index", "with_plugins")

CHANGES = [
    {"opening_type": "conditional"},
    {"opening_type": "closed"},
    {"opening_type": "unconditional", "private": True},
    {"opening_type": "unconditional", "state": "draft"},
]


@pytest.fixture
def waiting(lying_open, close, asked, monkeypatch, provider):
    """Return an entry that was reclassified a moment ago: nothing has followed yet. Its one tag is a public entry's too."""

    def make(entry, change):
        place = lying_open()
        tag = model.Package.get(place.id).get_tags()[0].name
        provider.head.call("package_create", **entry(private=False, tags=[{"name": tag}]))
        with monkeypatch.context() as behind:
            behind.setattr(search.index.PackageSearchIndex, "index_package", lambda *_args, **_more: None)
            close(place.id, **change)
        model.Session.remove()
        return place, tag

    return make


@pytest.mark.parametrize("change", CHANGES, ids=lambda each: "-".join(map(str, each.values())))
def test_no_answer_tells_an_address_while_the_copies_wait(waiting, entry, provider, app, change):
    place, tag = waiting(entry, change)
    stranger = factories.UserWithToken()["token"]
    asked = (
        ("package_show", {"id": place.id}),
        ("package_show", {"id": place.id, "use_default_schema": True}),
        ("package_search", {"q": f'id:"{place.id}"'}),
        ("package_search", {"q": "*:*", "use_default_schema": True, "rows": 100}),
        ("package_search", {"q": "*:*", "fl": ["res_url", "title"], "rows": 100}),
        ("package_search", {"q": "*:*", "fl": "*", "rows": 100}),
        ("package_search", {"q": "*:*", "fl": "id validated_data_dict", "rows": 100}),
        ("current_package_list_with_resources", {"limit": 100}),
        ("tag_show", {"id": tag, "include_datasets": True}),
        ("organization_show", {"id": provider.id, "include_datasets": True}),
        ("package_activity_list", {"id": place.id}),
        ("recently_changed_packages_activity_list", {"limit": 100}),
        ("organization_activity_list", {"id": provider.id, "limit": 100}),
        ("user_activity_list", {"id": provider.head.id, "limit": 100}),
        ("resource_search", {"query": "name:文件", "limit": 100}),
    )
    told = []
    for action, data in asked:
        for who in (None, stranger):
            headers = {"Authorization": who} if who else {}
            body = app.post(f"/api/3/action/{action}", headers=headers, json=data).body
            told += [f"{action} {data}: {word}" for word in place.words if word in body]
    assert not told, "\n".join(told)


def test_the_operator_still_sees_what_waits(waiting, entry, provider):
    place, tag = waiting(entry, CHANGES[0])
    assert place.id in {
        each["id"] for each in provider.operator.call("package_search", q=f'id:"{place.id}"')["results"]
    }
    shown = provider.operator.call("tag_show", id=tag, include_datasets=True)["packages"]
    assert place.id in {each["id"] for each in shown}


def test_an_entry_that_is_conditional_is_found_when_the_index_has_followed(lying_open, close, app, provider):
    place = lying_open()
    close(place.id)
    tag = model.Package.get(place.id).get_tags()[0].name
    found = app.post("/api/3/action/package_search", json={"q": f'id:"{place.id}"'}).json["result"]
    assert found["count"] == 1
    shown = app.get(f"/api/3/action/tag_show?id={tag}&include_datasets=true").json["result"]
    assert place.id in {each["id"] for each in shown["packages"]}
    listed = app.get(f"/api/3/action/package_activity_list?id={place.id}").json["result"]
    assert listed and all(each["data"]["package"]["title"] for each in listed)
