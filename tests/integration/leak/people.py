"""The viewers of the leak suite: accounts with their duties and tokens, and the departments that they belong to."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
from ckan.tests import factories

from ckanext.cqgov.model.organization import Organization

SINCE = date(2018, 5, 5)

DUTIES = {
    "staff": ("other", "handler"),
    "handler": ("provider", "handler"),
    "head": ("provider", "head"),
    "reviewer": ("provider", "confidentiality-reviewer"),
    "authority": ("bureau", "authority-officer"),
    "inspector": ("bureau", "inspector"),
}


@dataclass(frozen=True)
class Viewer:
    """Somebody who calls: ``user`` and ``token`` are empty for a visitor."""

    name: str
    id: str = ""
    user: str = ""
    token: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """Return what authenticates this viewer's requests."""
        return {"Authorization": self.token} if self.token else {}

    def call(self, action: str, **data: Any) -> Any:
        """Call an action as this viewer, with authorisation."""
        return tk.get_action(action)({"user": self.user}, data)


def account(name: str, **attributes: Any) -> Viewer:
    """Make an account with an API token."""
    mark = uuid.uuid4().hex[:12]
    made = factories.User(name=f"leak-{name}-{mark}", email=f"{name}-{mark}@example.com", **attributes)
    context = {"user": made["name"], "ignore_auth": True}
    given = tk.get_action("api_token_create")(context, {"user": made["name"], "name": "leak suite"})
    return Viewer(name, made["id"], made["name"], given["token"])


def departments() -> dict[str, str]:
    """Make three departments of the city, the bureau being the competent one; returns their ids."""
    made = {}
    for name, title in (("provider", "泄露测试局"), ("other", "旁观局"), ("bureau", "主管局")):
        group = factories.Organization(name=f"leak-{name}-{uuid.uuid4().hex[:8]}", title=title)
        model.Session.add(
            Organization(
                group_id=group["id"],
                kind="department",
                level="city",
                authority=name == "bureau",
                aliases=[],
                former_names=[],
            )
        )
        made[name] = group["id"]
    model.Session.commit()
    return made


def viewers(places: dict[str, str]) -> dict[str, Viewer]:
    """Make every viewer and give them their duties at the departments ``places``."""
    made = {"anonymous": Viewer("anonymous"), "sysadmin": account("sysadmin", sysadmin=True)}
    for name in ("citizen", "holder", "columns", "rows", *DUTIES):
        made[name] = account(name)
    for name, (place, duty) in DUTIES.items():
        data = {"user_id": made[name].id, "organization_id": places[place], "duty": duty, "valid_from": str(SINCE)}
        tk.get_action("cqgov_duty_assign")({"user": made["sysadmin"].user}, data)
    return made
