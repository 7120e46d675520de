"""What a visitor may not know of can't be told from what does not exist: same status, bytes, headers and queries."""

from __future__ import annotations

import re
import uuid
from collections import Counter
from dataclasses import replace

import pytest

from . import watch
from .calling import Call, action_calls, own, route_calls, summary, table
from .canary import token
from .expectation import ENTRY, level
from .world import World

pytestmark = pytest.mark.usefixtures("portal")

HIDDEN = ("closed", "closed-released", "draft", "deleted", "open-to-closed")
assert all(level("anonymous", tier) < ENTRY for tier in HIDDEN)
TRIES = 3  # what a process remembers for seconds may be asked for during either request
ROUTES = [name for name, row in table()["routes"].items() if own(row)]
ACTIONS = [name for name, row in table()["actions"].items() if own(row)]


def never(piece):
    """Return a tier that does not exist, with names and ids of the same shape."""
    keys = ("dataset", "resource", "link", "view", "activity", "old_activity", "file", "location")
    return replace(
        piece, **{key: str(uuid.uuid4()) for key in keys}, code=piece.code[::-1], name=token(piece.code, "na", "x")
    )


def by_name(piece):
    return replace(piece, dataset=piece.name)


def alone(world, tier, piece):
    """Return the world with ``piece`` in the place of a tier, and no other tier that is hidden."""
    return World(**{**vars(world), "pieces": {**{each: piece for each in world.pieces}, tier: piece}})


def first(calls):
    """Return the calls of one tier: those with the same words as the first of each method and rule."""
    seen = {}
    for call in calls:
        seen.setdefault((call.method, call.path, str(call.form), str(call.query), str(call.json)), call)
    return list(seen.values())


def told(caller, viewer, call: Call, piece):
    """Return what can be told from an answer, with the names of the piece taken out of it."""
    with watch.queries() as run, watch.requests() as asked:
        answer = caller.send(call, viewer)
    said = [
        piece.dataset,
        piece.name,
        piece.resource,
        piece.link,
        piece.view,
        piece.activity,
        piece.old_activity,
        piece.tag,
        piece.file,
        piece.location,
    ]

    def plain(text):
        for number, word in enumerate(said):
            text = text.replace(word, f"<{number if word != piece.name else 0}>")
        text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)?", "TIME", text)
        return re.sub(r'(nonce|token)="?[^"&\s]+|_csrf_token" (content|value)="[^"]*', "", text)

    headers = re.sub(
        r"(?im)^(date|x-request-id|set-cookie|content-length|etag|last-modified|ratelimit-\w+):.*$", "", answer.headers
    )
    return answer.status, plain(answer.body), plain(headers), counted(run), counted(asked)


def counted(run):
    """Return what was asked and how often: the same questions, whatever names they are about."""
    return sorted(Counter(run).items())


def compared(world, caller, tier, calls):
    """Compare every call for a tier with the same call for what does not exist."""
    found, viewer = [], world.viewers["anonymous"]
    for shape in (lambda piece: piece, by_name) if tier == "closed" else (lambda piece: piece,):
        real, none = shape(world.pieces[tier]), shape(never(world.pieces[tier]))
        pairs = zip(first(calls(alone(world, tier, real))), first(calls(alone(world, tier, none))), strict=True)
        for one, other in pairs:
            for _try in range(TRIES):
                caller.checks += 1
                answers = told(caller, viewer, one, real), told(caller, viewer, other, none)
                if answers[0] == answers[1]:
                    break
            else:
                parts = ("status", "body", "headers", "queries", "requests to Solr and Redis")
                parted = [f"{part} {differing(a, b)}" for part, a, b in zip(parts, *answers, strict=True) if a != b]
                found.append(f"{one.method} {one.path} {one.json or ''} of {tier}: {'; '.join(parted)}")
    return found


def differing(one, other):
    if isinstance(one, list):
        return f"{[each for each in one if each not in other]} | {[each for each in other if each not in one]}"
    one, other = str(one), str(other)
    place = next((n for n, pair in enumerate(zip(one, other, strict=False)) if len(set(pair)) > 1), 0)
    return " | ".join(" ".join(text[max(0, place - 30) : place + 90].split()) for text in (one, other))


@pytest.mark.parametrize("endpoint", ROUTES)
def test_a_route_answers_for_a_hidden_entry_as_for_none(portal, world, caller, endpoint):
    found = []
    for tier in HIDDEN:
        found += compared(world, caller, tier, lambda here: route_calls(here, portal, endpoint, "anonymous"))
    assert not found, summary(found)


@pytest.mark.parametrize("action", ACTIONS)
def test_an_action_answers_for_a_hidden_entry_as_for_none(world, caller, action):
    found = []
    for tier in HIDDEN:
        found += compared(world, caller, tier, lambda here: action_calls(here, action, "anonymous"))
    assert not found, summary(found)
