"""Who sees which entries where Solr is asked without ``package_search``: in suggestions, and when words are counted."""

from __future__ import annotations

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest

from ckanext.cqgov.catalogue import frequency, rights, suggestion
from tests.integration.cqgov.dataset.conftest import actor

pytestmark = pytest.mark.usefixtures("with_plugins", "clean_db", "clean_index")

OPEN, PRIVATE = "公共停车场泊位", "内部停车场泊位"
BOTH = {OPEN, PRIVATE}


@pytest.fixture
def contexts(provider, entry):
    """Store an entry for everybody and a private one; return contexts of actions by who asks."""
    for title, private in ((OPEN, False), (PRIVATE, True)):
        provider.head.call("package_create", **entry(title=title, private=private, tags=[]))
    frequency._known.clear()
    return {
        "visitor": {"user": ""},
        "stranger": {"user": actor().name},
        "clerk": {"user": provider.clerk.name},
        "clerk as logged in": {"auth_user_obj": model.User.get(provider.clerk.id)},
        "sysadmin": {"user": provider.operator.name},
        "code for nobody": {"user": "", "ignore_auth": True},
        "code for a stranger": {"user": actor().name, "ignore_auth": True},
    }


@pytest.fixture(params=[True, False], ids=["lists show private entries", "lists show no private entries"])
def shown(request, monkeypatch):
    """Have the lists show private entries to who may see them, or to nobody."""
    monkeypatch.setitem(tk.config, "ckan.search.default_include_private", request.param)
    return request.param


WHO = {  # (what the lists show when they show private entries, what is counted whatever they show)
    "visitor": ({OPEN}, 1),
    "stranger": ({OPEN}, 1),
    "clerk": (BOTH, 2),
    "clerk as logged in": (BOTH, 2),
    "sysadmin": (BOTH, 2),
    "code for nobody": ({OPEN}, 2),
    "code for a stranger": (BOTH, 2),
}


def test_suggestions_hold_what_the_list_page_shows(contexts, shown):
    for who, (seen, _) in WHO.items():
        context = contexts[who]
        offered = {one["title"] for one in suggestion.titles("停车场", context, 9).titles}
        assert offered == (seen if shown else {OPEN}), who
        # who has no account is offered no private entry, even by code that may see all of them
        private = shown and who != "code for nobody"
        listed = tk.get_action("package_search")({**context}, {"q": "停车场", "include_private": private})
        assert offered == {one["title"] for one in listed["results"]}, who


def test_words_are_counted_in_all_that_the_asker_may_see_whatever_the_lists_show(contexts, shown):
    for who, (_, number) in WHO.items():
        found, total = frequency.of(["停车"], rights.labels(contexts[who]))
        assert (found["停车"], total) == (number, number), who


def test_labels_are_in_order_and_none_for_who_sees_everything(contexts, provider):
    assert rights.labels(contexts["visitor"]) == rights.PUBLIC
    clerk = rights.labels(contexts["clerk"])
    assert clerk == tuple(sorted({"public", f"creator-{provider.clerk.id}", f"member-{provider.id}"}))
    assert rights.labels(contexts["clerk as logged in"]) == clerk
    for who in ("sysadmin", "code for nobody", "code for a stranger"):
        assert rights.labels(contexts[who]) is None


def test_who_is_a_sysadmin_no_longer_sees_no_more_than_others(contexts, provider):
    remembered = model.User.get(provider.operator.id)
    model.Session.expunge(remembered)
    model.User.get(provider.operator.id).sysadmin = False
    model.Session.commit()
    assert remembered.sysadmin
    assert rights.labels({"auth_user_obj": remembered}) is not None


def test_only_who_sees_everything_is_asked_for_without_a_filter():
    assert rights.filters(None) == []
    assert rights.filters(rights.PUBLIC) == ['+permission_labels:("public")']
    assert rights.filters(("a", 'b") OR ("c')) == ['+permission_labels:("a" OR "b) OR (c")']
    assert rights.filters(()) != []
