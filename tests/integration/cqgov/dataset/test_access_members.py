"""Groups tell nobody what there is: whoever may not change a group gets the same answer for whatever is named."""

from __future__ import annotations

import uuid

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
from ckan.tests import factories

from .conftest import RESTRICTED, actor

pytestmark = pytest.mark.usefixtures("non_clean_db", "clean_index", "with_plugins")


@pytest.fixture
def hidden(provider, entry):
    """Return by kind what there is of a closed entry, and an account."""
    mark = f"m{uuid.uuid4().hex[:16]}"
    closed = entry(opening_type="closed", sharing_type="conditional", tags=[{"name": mark}], **RESTRICTED)
    made = provider.head.call(
        "package_create", **{**closed, "resources": [{"name": mark, "url": "https://a.example/"}]}
    )
    resource = made["resources"][0]
    return {
        "package": [made["id"], made["name"]],
        "resource": [resource["id"], mark],
        "tag": [mark],
        "user": [provider.clerk.id, provider.clerk.name],
    }


def ways(kind):
    """Return how a client may write a kind."""
    return (kind, kind.title(), kind.upper())


@pytest.mark.parametrize("action", ["member_create", "member_delete"])
@pytest.mark.parametrize("who", ["visitor", "citizen"])
def test_no_group_tells_what_there_is(hidden, app, action, who):
    group = factories.Group()
    headers = {"Authorization": factories.APIToken(user=actor().name)["token"]} if who == "citizen" else {}
    told = []
    for kind, names in hidden.items():
        for name in names:
            for way in ways(kind):
                sent = {"id": group["id"], "object_type": way, "capacity": "public"}
                one, other = (
                    app.post(f"/api/3/action/{action}", headers=headers, json={**sent, "object": each})
                    for each in (name, str(uuid.uuid4()))
                )
                if (one.status_code, one.body) != (other.status_code, other.body) or one.status_code != 403:
                    told.append(f"{way} {name}: {one.status_code} / {other.status_code}")
    assert not told, "\n".join(told)


def test_who_may_change_a_group_names_only_what_groups_have(hidden):
    editor = actor()
    group = factories.Group(users=[{"name": editor.name, "capacity": "admin"}])
    for kind in ("resource", "tag", "Package", "PACKAGE", "User"):
        for name in (*hidden[kind.lower()], str(uuid.uuid4())):
            with pytest.raises(tk.ValidationError) as refused:
                editor.call("member_create", id=group["id"], object=name, object_type=kind, capacity="public")
            assert set(refused.value.error_dict) == {"object_type"}


def test_groups_still_take_datasets_and_people(provider, entry):
    editor, colleague = actor(), actor()
    group = factories.Group(users=[{"name": editor.name, "capacity": "admin"}])
    made = provider.head.call("package_create", **entry(private=False))
    for kind, id in (("package", made["id"]), ("user", colleague.id)):
        sent = {"id": group["id"], "object": id, "object_type": kind}
        editor.call("member_create", **sent, capacity="public")
        query = model.Session.query(model.Member).filter_by(group_id=group["id"], table_id=id, state="active")
        assert query.count() == 1
        editor.call("member_delete", **sent)
        assert query.count() == 0
