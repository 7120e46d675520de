"""What somebody may not see can't be told from what does not exist: same status, same bytes, same queries."""

from __future__ import annotations

import difflib
import re
import uuid
from collections import Counter
from dataclasses import dataclass
from typing import Any

import ckan.model as model
import pytest
import sqlalchemy as sa
from ckan.tests import factories

from ckanext.cqgov.logic import existence

from .conftest import RESTRICTED, actor

pytestmark = pytest.mark.usefixtures("clean_index", "non_clean_db", "with_plugins")


@dataclass
class Names:
    """By what a dataset and its parts can be named."""

    name: str
    id: str
    resource: str
    view: str
    activity: str
    file: str


@dataclass
class World:
    """A closed entry and somebody who may not see it."""

    hidden: Names
    citizen: str
    colleague: str


def invented() -> Names:
    """Return names that nobody bears, formed like those of the entry."""
    return Names(f"d-{uuid.uuid4().hex[:16]}", *(str(uuid.uuid4()) for _ in range(5)))


@pytest.fixture
def world(provider, entry):
    """Return a closed entry with a resource, a view, an activity and an attached file, and people without access to it."""
    closed = entry(opening_type="closed", sharing_type="conditional", name=f"d-{uuid.uuid4().hex[:16]}", **RESTRICTED)
    made = provider.head.call("package_create", **closed)
    resource = provider.head.call(
        "resource_create", package_id=made["id"], url="https://example.com/a.csv", format="CSV"
    )
    view = model.ResourceView(resource_id=resource["id"], title="v", view_type="text_view", order=0)
    file = model.File(name="a.txt", storage="test", location=uuid.uuid4().hex)
    model.Session.add_all([view, file])
    model.Session.flush()
    model.Session.add(model.FileOwner(file_id=file.id, owner_id=made["id"], owner_type="package"))
    model.Session.commit()
    activity = provider.head.call("package_activity_list", id=made["id"])[0]
    other = actor()
    factories.Organization(users=[{"name": other.name, "capacity": "editor"}])
    return World(
        Names(made["name"], made["id"], resource["id"], view.id, activity["id"], file.id),
        factories.APIToken(user=actor().name)["token"],
        factories.APIToken(user=other.name)["token"],
    )


FURTHER = {
    "object_type": "package",
    "capacity": "public",
    "user_id": "nobody",
    "organization_id": "nowhere",
    "url": "https://example.com/",
    "title": "t",
    "view_type": "text_view",
    "type": "depends_on",
    "order": ["x"],
    "include_data": False,
    "owner_type": "user",
    "owner_id": "nobody",
    "force": False,
    "pin": False,
}
"""What actions need besides a name."""


def payloads(action: str, names: Names) -> dict[str, dict[str, Any]]:
    """Return what programs may send to an action to name the dataset or a part of it, by how it names it."""
    found = {}
    for reference in existence.REFERENCES[action]:
        ways = {"name": names.name, "id": names.id} if reference.kind == existence.PACKAGE else vars(names)
        for key in filter(None, (reference.key, reference.instead)):
            for way in ways if reference.kind == existence.PACKAGE else (reference.kind,):
                value: Any = ways[way]
                for part in reversed(key.split(".")):
                    value = {part: value}
                found[f"{key}: {way}"] = {**FURTHER, **value}
    return found


def without(names: Names, text: str) -> str:
    """Return an answer without the names that were asked for, and without what differs between any two pages."""
    for value in vars(names).values():
        text = text.replace(value, "-" * 8)
    return re.sub(r'nonce-\S+|nonce="[^"]*"|_csrf_token" (?:content|value)="[^"]*"|[0-9a-f-]{36}', "", text)


class Statements:
    """The queries that PostgreSQL got, without their values."""

    def __enter__(self) -> list[str]:
        self.sent: list[str] = []
        sa.event.listen(sa.engine.Engine, "before_cursor_execute", self._heard)
        return self.sent

    def __exit__(self, *_error: Any) -> None:
        sa.event.remove(sa.engine.Engine, "before_cursor_execute", self._heard)

    def _heard(self, _connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.startswith('UPDATE "user" SET last_active'):  # once in a while, whatever is asked
            self.sent.append(statement)


def asked(app: Any, method: str, path: str, who: str | None, names: Names, **sent: Any) -> tuple[int, str, list[str]]:
    """Return status, body and queries of a request."""
    headers = {"Authorization": who} if who else {}
    model.Session.remove()
    with Statements() as statements:
        try:
            answer = getattr(app, method)(path, headers=headers, follow_redirects=False, **sent)
        except Exception as error:  # in service CKAN makes a page of it; here it comes through
            return 500, type(error).__name__, sorted(statements)
    headings = sorted((key, value) for key, value in answer.headers.items() if key in ("Location", "Content-Type"))
    return answer.status_code, without(names, f"{headings} {answer.body}"), sorted(statements)


ACTIONS = sorted(existence.REFERENCES)


WHO = ("anonymous", "citizen", "colleague")


@pytest.mark.parametrize("who", WHO)
def test_no_action_tells_a_hidden_entry_from_none(world, app, who):
    token, nothing = getattr(world, who, None), invented()
    told, broken = [], []
    asked(app, "get", "/api/3/action/package_show?id=x", token, nothing)  # what a process reads once is read now
    for action in sorted(existence.REFERENCES):
        for way, data in payloads(action, world.hidden).items():
            path = f"/api/3/action/{action}"
            one = asked(app, "post", path, token, world.hidden, json=data)
            other = asked(app, "post", path, token, nothing, json=payloads(action, nothing)[way])
            told += [f"{action} by {way}: {difference}" for difference in differences(one, other)]
            broken += [f"{action} by {way}"] if one[0] >= 500 else []
    assert not told, "\n".join(told)
    assert not broken


def differences(one: Any, other: Any) -> list[str]:
    """Return in what two answers differ, in words."""
    found = [f"{one[part]} / {other[part]}" for part in (0, 1) if one[part] != other[part]]
    first, second = Counter(one[2]), Counter(other[2])
    found += [
        f"{sign} {query[:2000]}" for sign, more in (("+", first - second), ("-", second - first)) for query in more
    ]
    return found


PAGES = (
    "/dataset/{name}",
    "/dataset/{id}",
    "/zh_Hans_CN/dataset/{name}",
    "/dataset/{name}?activity_id={activity}",
    "/dataset/edit/{name}",
    "/dataset/resources/{name}",
    "/dataset/delete/{name}",
    "/dataset/follow/{name}",
    "/dataset/followers/{name}",
    "/dataset/groups/{name}",
    "/dataset/activity/{name}",
    "/dataset/{name}/history/{activity}",
    "/dataset/changes/{activity}",
    "/dataset/changes_multiple?new_id={activity}&old_id={activity}&current_old_id={activity}",
    "/dataset/{name}/history",
    "/dataset/{name}/resources/{resource}/history/{activity}",
    "/dataset/collaborators/{name}",
    "/dataset/collaborators/{name}/new",
    "/dataset/{name}/resource/new",
    "/dataset/{name}/resource/{resource}",
    "/dataset/{id}/resource/{resource}",
    "/dataset/{name}/resource/{resource}/edit",
    "/dataset/{name}/resource/{resource}/delete",
    "/dataset/{name}/resource/{resource}/download",
    "/dataset/{name}/resource/{resource}/download/a.csv",
    "/dataset/{name}/resource/{resource}/views",
    "/dataset/{name}/resource/{resource}/view",
    "/dataset/{name}/resource/{resource}/view/{view}",
    "/dataset/{name}/resource/{resource}/edit_view/{view}",
    "/dataset/{name}/resource/{resource}/new_view",
    "/dataset/{name}/resource/{resource}/embed",
    "/dataset/{name}/dictionary/{resource}",
    "/dataset/{name}/resource_data/{resource}",
    "/datastore/dump/{resource}",
    "/file/download/{file}",
)


@pytest.mark.parametrize("who", WHO)
def test_no_page_tells_a_hidden_entry_from_none(world, app, who):
    token = getattr(world, who, None)
    nothing = invented()
    told, broken = [], []
    for page in PAGES:
        for method in ("get", "post"):
            one = asked(app, method, page.format(**vars(world.hidden)), token, world.hidden)
            other = asked(app, method, page.format(**vars(nothing)), token, nothing)
            part = next((i for i in range(2) if one[i] != other[i]), None)
            if part is not None:
                lines = difflib.unified_diff(*(str(each[part]).splitlines() for each in (one, other)), n=0)
                told.append(f"{method} {page}: {one[0]} {other[0]} " + "\n".join(lines))
            broken += [f"{method} {page} {one[1]}"] if one[0] >= 500 and method == "get" else []
    assert not told, "\n".join(told)
    assert not broken, broken
