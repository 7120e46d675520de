"""A question about a word that the asker may not see tells nothing: neither of what is hidden nor that anything is."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
import yaml

from .calling import Call, filled, summary
from .canary import KINDS, token
from .expectation import DATA, ENTRY, TIERS, level
from .test_stores import solr

pytestmark = pytest.mark.usefixtures("portal")

ASKERS = ("anonymous", "staff")
ENTRIES = {"closed": ("ti", "na", "ta", "ob"), "draft": ("ti",), "private": ("rd",), "deleted": ("ti",)}
ENTRIES |= {"open-to-closed": ("ot", "rn")}
"""Tier -> kinds of its words that the index is asked for. It holds no other words: see test_stores."""

WORDS = ENTRIES | {"conditional": ("li", "fn", "ce"), "open-to-conditional": ("ol", "fn"), "purged": ("ti", "na", "ta")}
"""Tier -> kinds of its words that the database is asked for."""


@cache
def questions(part):
    read = yaml.safe_load((Path(__file__).parent / "oracles.yaml").read_text("utf-8"))[part]
    pages = [("GET", path, None) for path in read.pop("pages")]
    return pages + [("POST", f"/api/3/action/{name}", args) for name, each in read.items() for args in each]


def hidden(viewer, tiers):
    """Return the tiers and kinds of the words that the viewer may not see; real addresses are nobody's."""
    needed = {"entry": ENTRY, "data": DATA, "address": DATA + 1}
    return [
        (tier, kind) for tier, kinds in tiers.items() for kind in kinds if level(viewer, tier) < needed[KINDS[kind][1]]
    ]


def put(given, word):
    if isinstance(given, dict):
        return {put(key, word): put(value, word) for key, value in given.items()}
    if isinstance(given, list):
        return [put(each, word) for each in given]
    return given.replace("{x}", word) if isinstance(given, str) else given


def asked(world, caller, viewer, question, word):
    """Return the answer to a question about a word without the word and the time, and what it gives away by itself."""
    method, path, args = question
    call = Call("oracle", method, put(path, word), frozenset([word]), json=put(args, word))
    answer = caller.send(call, world.viewers[viewer])
    page = answer.body.partition("</html>")[0]  # what follows was decoded out of it: tokens, new for every page
    body = re.sub(word, "WORD", page, flags=re.IGNORECASE)
    body = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)?", "TIME", body)
    body = re.sub(r'(nonce|token)="?[^"&\s]+|_csrf_token" (content|value)="[^"]*', "", body)
    if "sort" not in path and "sort" not in (args or {}):
        body = " ".join(sorted(re.findall(r"\w+", body)))  # the order by relevance is a known limit: docs/security.md
    return (answer.status, body), caller.judged(world, call, world.viewers[viewer], answer)


@pytest.fixture(scope="module")
def compared(world, caller):
    """Every question to the index, answered with everything in it and with nothing that its asker may not see."""
    from ckan.lib import search
    from ckan.lib.search.common import make_connection

    from ckanext.cqgov.catalogue import frequency, suggestion

    def forget():
        frequency._known.clear()
        suggestion._known_themes = None

    def answers(viewer):
        forget()
        return {
            (str(question), tier, kind): asked(world, caller, viewer, question, token(TIERS[tier][0], kind))
            for question in questions("index")
            for tier, kind in hidden(viewer, ENTRIES)
        }

    found = {}
    for viewer in ASKERS:
        with_all = answers(viewer)
        unseen = [piece.dataset for tier, piece in world.pieces.items() if level(viewer, tier) < ENTRY]
        make_connection().delete(q=f"id:({' OR '.join(unseen)})", commit=True)
        without = answers(viewer)
        for dataset in unseen:
            if dataset != world.pieces["purged"].dataset:
                search.rebuild(dataset)
        search.commit()
        forget()
        for key in with_all:
            found[(viewer, *key)] = with_all[key], without[key]
    return found


@pytest.mark.parametrize("question", questions("index"), ids=lambda each: f"{each[1]} {each[2] or ''}")
@pytest.mark.parametrize("viewer", ASKERS)
def test_the_index_answers_as_if_what_is_hidden_were_not_in_it(compared, caller, viewer, question):
    found = []
    for tier, kind in hidden(viewer, ENTRIES):
        (with_all, leaks), (without, _leaks) = compared[(viewer, str(question), tier, kind)]
        caller.checks += 1
        found += leaks
        if with_all != without:
            found.append(f"the {KINDS[kind][0]} of {tier}: {differing(with_all, without)}")
    assert not found, summary(found)


@pytest.mark.parametrize("question", questions("database"), ids=lambda each: f"{each[1]} {each[2] or ''}")
@pytest.mark.parametrize("viewer", ASKERS)
def test_the_database_answers_for_a_hidden_word_as_for_none(world, caller, viewer, question):
    found = []
    for tier, kind in hidden(viewer, WORDS):
        code = TIERS[tier][0]
        real, leaks = asked(world, caller, viewer, question, token(code, kind))
        none, _leaks = asked(world, caller, viewer, question, token(code, kind, "nowhere"))
        caller.checks += 1
        found += leaks
        if real != none:
            found.append(f"the {KINDS[kind][0]} of {tier}: {differing(real, none)}")
    assert not found, summary(found)


def differing(one, other):
    """Return where two answers part, with a little around it."""
    if one[0] != other[0]:
        return f"{one[0]} and {other[0]}"
    place = next((n for n, pair in enumerate(zip(one[1], other[1], strict=False)) if len(set(pair)) > 1), -60)
    return " | ".join(" ".join(text[max(0, place - 60) : place + 60].split()) for text in (one[1], other[1]))


@pytest.mark.parametrize("viewer", ASKERS)
@pytest.mark.parametrize("what", ["fl", "facet.field", "sort"])
def test_no_field_of_the_index_can_be_asked_for_what_it_hides(world, caller, viewer, what):
    found, fields = [], sorted(solr("admin/luke", numTerms=0, fl="*")["fields"])
    for name in [*fields, "*"]:
        asking = {"fl": {"fl": name}, "sort": {"sort": f"{name} asc"}}.get(what)
        args = {"q": "*:*", "rows": 100, **(asking or {"facet.field": [name], "facet.limit": -1})}
        call = Call("package_search", "POST", "/api/3/action/package_search", frozenset(), json=args)
        found += caller.leaks(world, call, world.viewers[viewer])
    assert not found, summary(found)


@pytest.mark.parametrize("viewer", ASKERS)
def test_counts_are_those_of_what_is_listed(world, caller, viewer):
    seen = [tier for tier in TIERS if level(viewer, tier) >= ENTRY]
    args = {"q": "暗哨停车场", "rows": 100, "facet.field": ["organization", "tags"], "include_private": True}
    listed = world.viewers[viewer].call("package_search", **args)
    ids = {one["id"] for one in listed["results"]} - {world.scratch.dataset}
    assert ids == {world.pieces[tier].dataset for tier in seen}
    assert listed["count"] == len(listed["results"])
    assert listed["facets"]["tags"]["暗哨"] == listed["count"]
    whole = world.viewers[viewer].call("package_search", q="*:*", rows=0)["count"]
    own = filled("$organization", world, world.scratch)
    for action, one in (("organization_show", own), ("group_show", world.names["group"])):
        assert world.viewers[viewer].call(action, id=one)["package_count"] <= whole
