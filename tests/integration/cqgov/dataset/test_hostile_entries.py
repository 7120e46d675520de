"""Entries as a hostile client sends them: refused with a message, nothing written; and what closed entries give away."""

from __future__ import annotations

import uuid
from itertools import product

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest

pytestmark = pytest.mark.usefixtures("with_plugins")

TEXTS = ("name", "title", "notes", "owner_org", "state", "url", "license_id", "author", "maintainer", "tag_string")
TABLES = ("tags", "extras", "groups", "resources")


def refused(call):
    """Return the fields at which the call is refused."""
    with pytest.raises(tk.ValidationError) as error:
        call()
    assert error.value.error_summary
    model.Session.rollback()
    return set(error.value.error_dict)


def test_a_text_of_another_kind_or_size_is_refused_beside_its_key(provider, entry):
    kept = provider.clerk.call("package_create", **entry())
    for key, value in product(TEXTS, (["x"], {"a": {}}, "\x00", "\ud800", "长" * 30_000)):
        wrong = refused(lambda: provider.clerk.call("package_patch", id=kept["id"], **{key: value}))  # noqa: B023
        assert key in wrong, (key, value)
    after = provider.clerk.call("package_show", id=kept["id"])
    assert after["metadata_modified"] == kept["metadata_modified"]


def test_a_table_of_another_kind_is_refused_beside_its_key(provider, entry):
    for key, value in product(TABLES, ("zz", 1, [None], [1], ["x"], {"a": 1}, float("inf"))):
        wrong = refused(lambda: provider.clerk.call("package_create", **entry(**{key: value})))  # noqa: B023
        assert key in wrong, (key, value)
    kept = provider.clerk.call("package_create", **entry())
    assert "groups" in refused(lambda: provider.clerk.call("package_patch", id=kept["id"], groups=[1]))


def test_an_entry_has_no_state_that_nobody_knows(provider, entry):
    made = provider.clerk.call("package_create", **entry())
    for state in ("zzz", "ACTIVE", "active ", "pending"):
        wrong = refused(lambda: provider.clerk.call("package_patch", id=made["id"], state=state))  # noqa: B023
        assert "state" in wrong, state


def test_the_longest_permitted_title_can_be_stored_and_a_longer_one_is_refused(provider, entry):
    longest = "".join(chr(0x4E00 + number) for number in range(500))
    made = provider.clerk.call("package_create", **entry(title=longest))
    assert provider.clerk.call("package_show", id=made["id"])["title"] == longest
    assert "title" in refused(lambda: provider.clerk.call("package_create", **entry(title=longest + "长")))


def test_an_entry_has_no_type_that_nobody_knows(provider, entry):
    for kind in (["dataset"], {}, "application", "dataset "):
        wrong = refused(lambda: provider.clerk.call("package_create", **entry(type=kind)))  # noqa: B023
        assert "type" in wrong, kind


def test_tags_of_closed_entries_are_known_only_to_those_who_see_them(provider, entry):
    word = f"密{uuid.uuid4().hex[:8]}"
    provider.clerk.call("package_create", **entry(tags=[{"name": word}]))
    visitor = {"user": "", "ignore_auth": False}

    def ask(action, context, **data):
        return tk.get_action(action)(dict(context), data)

    assert word not in ask("tag_list", visitor)
    assert ask("tag_list", visitor, query=word) == []
    assert ask("tag_autocomplete", visitor, query=word) == []
    assert ask("tag_search", visitor, query=word) == {"count": 0, "results": []}
    with pytest.raises(tk.ObjectNotFound):
        ask("tag_show", visitor, id=word)
    assert provider.clerk.call("tag_autocomplete", query=word) == [word]
    assert provider.clerk.call("tag_show", id=word)["name"] == word
    provider.head.call("package_create", **entry(tags=[{"name": word}], private=False))
    assert ask("tag_list", visitor, query=word) == [word]
    assert ask("tag_search", visitor, query=word, limit=1)["count"] == 1
    with pytest.raises(tk.ValidationError):
        ask("tag_search", visitor, query=word, limit="x")


def test_an_organisations_list_of_members_does_not_tell_its_closed_entries(provider, entry):
    hidden = provider.clerk.call("package_create", **entry())["id"]
    shown = provider.head.call("package_create", **entry(private=False))["id"]
    asked = {"id": provider.id, "object_type": "package"}
    listed = {each[0] for each in tk.get_action("member_list")({"user": "", "ignore_auth": False}, asked)}
    assert shown in listed
    assert hidden not in listed
    assert hidden in {each[0] for each in provider.clerk.call("member_list", **asked)}


def test_actions_that_we_add_to_keep_their_help_and_their_leave_to_be_asked_by_get(app):
    for action in ("package_create", "package_update", "tag_list", "member_list", "organization_show"):
        assert ":param" in tk.get_action("help_show")({}, {"name": action}), action
    assert app.get("/api/3/action/tag_list").status_code == 200
    assert app.get("/api/3/action/organization_show?id=no-such").status_code == 404


def test_a_form_whose_tables_are_texts_is_a_bad_request(app, provider):
    token = tk.get_action("api_token_create")({"ignore_auth": True}, {"user": provider.clerk.name, "name": "t"})[
        "token"
    ]
    for key in TABLES:
        form = {"title": "x", "owner_org": provider.id, key: "zz"}
        answer = app.post("/dataset/new", data=form, headers={"Authorization": token}, follow_redirects=False)
        assert answer.status_code == 400, key


def test_an_export_survives_values_that_another_program_stored(provider, entry):
    made = provider.head.call("package_create", **entry(private=False))
    package = model.Package.get(made["id"])
    package.extras = {**package.extras, "items": "not json", "region": "5", "sensitive": "maybe"}
    model.Session.commit()
    assert provider.clerk.call("cqgov_catalogue_export", organization=provider.name)["count"] == 1
