"""From a row of the table to requests, and from an answer to what of any tier stands in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from .canary import Sighting, readable
from .expectation import TIERS, permitted
from .people import Viewer
from .watch import Lines
from .world import Piece, World

SITE = "http://test.ckan.net"
OWN = (
    "$dataset",
    "$name",
    "$resource",
    "$link",
    "$view",
    "$activity",
    "$old_activity",
    "$file",
    "$location",
    "$tag",
    "$sql",
)
"""Names in the table of what each tier has of its own."""

STRONG = ("handler", "head", "reviewer", "sysadmin")
"""Whose writing calls may succeed: they go to the dataset that is there to be written."""

ALL = tuple(tier for tier in TIERS if tier != "open")
SAMPLES = {
    "anonymous": ALL,
    "citizen": ("conditional", "closed", "draft"),
    "holder": ("conditional", "conditional-shared", "closed"),
    "columns": ("conditional",),
    "rows": ("conditional",),
    "staff": ("conditional", "closed", "closed-released", "draft"),
    "authority": ("conditional", "closed", "draft"),
}
"""Tiers for which a viewer calls what is about one dataset: a visitor for all, others for one of each that differs.
Whatever is called may show any tier, and is looked through for all of them."""

FOR_ALL_OTHERS = ("conditional", "closed")
"""Who may have the data still sees no real address."""


@cache
def table() -> dict[str, dict[str, Any]]:
    """Return the table of routes and actions."""
    return yaml.safe_load((Path(__file__).parent / "table.yaml").read_text("utf-8"))


@dataclass(frozen=True)
class Call:
    """One request; ``supplied`` is what it says itself, which an answer may repeat."""

    row: str
    method: str
    path: str
    supplied: frozenset[str]
    query: Mapping[str, Any] | None = None
    form: Mapping[str, Any] | None = None
    json: Any = None


@dataclass(frozen=True)
class Answer:
    """What a request brought: the answer, and what the portal logged and mailed meanwhile."""

    status: int
    body: str
    headers: str
    log: str
    mail: str


def own(row: Mapping[str, Any]) -> bool:
    """Say whether a row asks for what each tier has of its own."""
    texts = set(_texts({key: row.get(key) for key in ("with", "query", "form", "args")}))
    return bool(texts & set(OWN))


def targets(world: World, viewer: str, row: Mapping[str, Any], writes: bool) -> list[Piece]:
    """Return the tiers for which a viewer calls a row; what may succeed in writing gets the dataset for that."""
    if not own(row) or (writes and viewer in STRONG):
        return [world.scratch]
    return [world.pieces[tier] for tier in SAMPLES.get(viewer, FOR_ALL_OTHERS)]


def route_calls(world: World, app: Any, endpoint: str, viewer: str) -> Iterator[Call]:
    """Return the requests of a route: every rule of it, by GET and POST where it has them, for every tier that matters."""
    row = table()["routes"][endpoint]
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint == endpoint]
    for method in ("GET", "POST"):
        for piece in targets(world, viewer, row, writes=method == "POST"):
            for rule in rules:
                if method not in rule.methods:
                    continue
                values = {key: filled(row["with"][key], world, piece) for key in wanted(rule)}
                built = rule.build({**(rule.defaults or {}), **values}, append_unknown=False)
                assert built, f"{endpoint}: no address can be made of {values}"
                query = filled(row.get("query"), world, piece)
                form = filled(row.get("form"), world, piece) if method == "POST" else None
                said = frozenset(map(str.lower, _texts([values, query, form])))
                yield Call(endpoint, method, built[1], said, query, form)


def wanted(rule: Any) -> set[str]:
    """Return the arguments of a rule's address that the rule does not bring itself."""
    return set(rule.arguments) - set(rule.defaults or {})


def action_calls(world: World, name: str, viewer: str) -> Iterator[Call]:
    """Return the requests of an action: one for every tier that matters."""
    row = table()["actions"][name]
    for piece in targets(world, viewer, row, writes=row["kind"] == "write"):
        args = filled(row.get("args") or {}, world, piece)
        yield Call(name, "POST", f"/api/3/action/{name}", frozenset(map(str.lower, _texts(args))), json=args)


def filled(given: Any, world: World, piece: Piece) -> Any:
    """Return ``given`` with every ``$name`` replaced."""
    if isinstance(given, dict):
        return {key: filled(value, world, piece) for key, value in given.items()}
    if isinstance(given, list):
        return [filled(value, world, piece) for value in given]
    return world.named(given[1:], piece) if isinstance(given, str) and given.startswith("$") else given


def _texts(given: Any) -> Iterator[str]:
    if isinstance(given, str):
        yield given
    elif isinstance(given, Mapping):
        yield from (text for value in given.values() for text in _texts(value))
    elif isinstance(given, list | tuple):
        yield from (text for value in given for text in _texts(value))


class Caller:
    """Sends requests as a viewer, and counts what was looked at."""

    def __init__(self, app: Any, lines: Lines, bag: Any) -> None:
        self.app, self.lines, self.bag = app, lines, bag
        self.calls = self.checks = 0

    def send(self, call: Call, viewer: Viewer) -> Answer:
        """Send one request without cookies and without following redirects."""
        self.lines.taken()
        self.bag.clear_smtp_messages()
        client = self.app.test_client(use_cookies=False)
        headers = {**viewer.headers, "Accept-Language": "zh-CN"}
        sent = {"query_string": call.query, "data": call.form, "json": call.json}
        given = {key: value for key, value in sent.items() if value is not None}
        answer = client.open(call.path, method=call.method, base_url=SITE, headers=headers, **given)
        body = answer.get_data()
        answer.close()
        self.calls += 1
        mail = "\n".join(str(message) for message in self.bag.get_smtp_messages())
        return Answer(answer.status_code, readable(body), str(answer.headers), self.lines.taken(), mail)

    def leaks(self, world: World, call: Call, viewer: Viewer) -> list[str]:
        """Send one request and return what the answer says that ``viewer`` must not see, in words."""
        return self.judged(world, call, viewer, self.send(call, viewer))

    def judged(self, world: World, call: Call, viewer: Viewer, answer: Answer) -> list[str]:
        """Return what an answer says that it must not; log lines and mails are read by anybody."""
        found = [f"{call.method} {call.path}: {answer.status}"] if answer.status >= 500 else []
        places = (("body", answer.body), ("headers", answer.headers), ("log", answer.log), ("mail", answer.mail))
        for place, text in places:
            reader = viewer.name if place in ("body", "headers") else "anonymous"
            self.checks += 1
            for seen in world.register.found(text):
                if not repeated(seen, call) and not permitted(reader, seen, call.row):
                    found.append(f"{call.method} {call.path} ({answer.status}): {place} has {told(seen)}")
        return found


def repeated(seen: Sighting, call: Call) -> bool:
    """Say whether the request itself said what was seen."""
    return any(seen.word in said for said in call.supplied)


def told(seen: Sighting) -> str:
    """Return a sighting in words."""
    tier = next(tier for tier, (code, _levels) in TIERS.items() if code == seen.tier)
    return f"the {seen.what} of {tier} ({seen.word})"


def summary(found: list[str]) -> str:
    """Return leaks in words, the first twenty of them."""
    return "\n".join([f"{len(found)} leaks", *found[:20]])
