"""A question about a word that the asker may not see is answered as one about a word that stands nowhere."""

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
SOUGHT = {
    "conditional": ("li", "fn", "ce", "co", "di", "vi"),
    "closed": ("ti", "na", "ta", "rn", "ob", "li", "fn"),
    "draft": ("ti", "ta"),
    "private": ("ti", "rd"),
    "deleted": ("ti", "na"),
    "open-to-conditional": ("ol", "fn", "ce"),
    "open-to-closed": ("ot", "ti", "ta", "ol"),
    "purged": ("ti", "na", "li"),
}
"""Tier -> kinds of its words that are asked for; the others stand in the same fields."""


@cache
def questions():
    read = yaml.safe_load((Path(__file__).parent / "oracles.yaml").read_text("utf-8"))
    pages = [("GET", path, None) for path in read.pop("pages")]
    return pages + [("POST", f"/api/3/action/{name}", args) for name, each in read.items() for args in each]


def words(viewer):
    for tier, kinds in SOUGHT.items():
        for kind in kinds:
            needed = ENTRY if KINDS[kind][1] == "entry" else DATA
            if level(viewer, tier) < needed or (tier != "open" and KINDS[kind][1] == "address"):
                yield tier, kind


def put(given, word):
    if isinstance(given, dict):
        return {put(key, word): put(value, word) for key, value in given.items()}
    if isinstance(given, list):
        return [put(each, word) for each in given]
    return given.replace("{x}", word) if isinstance(given, str) else given


def asked(caller, viewer, question, word):
    method, path, args = question
    call = Call("oracle", method, put(path, word), frozenset([word]), json=put(args, word))
    answer = caller.send(call, viewer)
    body = re.sub(word, "WORD", answer.body, flags=re.IGNORECASE)
    body = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)?", "TIME", body)
    return answer.status, re.sub(r'(nonce|token)="?[^"&\s]+', "", body), call, answer


@pytest.mark.parametrize("question", questions(), ids=lambda each: f"{each[1]} {each[2] or ''}")
@pytest.mark.parametrize("viewer", ASKERS)
def test_asking_for_a_hidden_word_tells_nothing(world, caller, viewer, question):
    who, found, plain = world.viewers[viewer], [], {}
    for tier, kind in words(viewer):
        code = TIERS[tier][0]
        for salt in ("nowhere", ""):
            status, body, call, answer = asked(caller, who, question, token(code, kind, salt))
            found += caller.judged(world, call, who, answer)
            plain[salt] = status, body
        caller.checks += 1
        if plain["nowhere"] != plain[""]:
            found.append(f"the {KINDS[kind][0]} of {tier}: {differing(*plain.values())}")
    assert not found, summary(found)


def differing(one, other):
    """Return where two answers part, with a little around it."""
    if one[0] != other[0]:
        return f"{one[0]} and {other[0]}"
    place = next((n for n, pair in enumerate(zip(one[1], other[1], strict=False)) if len(set(pair)) > 1), 0)
    return " | ".join(text[max(0, place - 60) : place + 60] for text in (one[1], other[1]))


@pytest.mark.parametrize("viewer", ASKERS)
@pytest.mark.parametrize("what", ["fl", "facet.field", "sort"])
def test_no_field_of_the_index_can_be_asked_for_what_it_hides(world, caller, viewer, what):
    found, fields = [], sorted(solr("admin/luke", numTerms=0, fl="*")["fields"])
    for name in [*fields, "*"]:
        args = {
            "q": "*:*",
            "rows": 100,
            what: [name] if what == "facet.field" else f"{name} asc" if what == "sort" else name,
        }
        args |= {"facet.limit": -1} if what == "facet.field" else {}
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
    for action, key in (("organization_show", "package_count"), ("group_show", "package_count")):
        one = own if action.startswith("organization") else world.names["group"]
        assert world.viewers[viewer].call(action, id=one)[key] <= whole
