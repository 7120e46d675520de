"""The demo city's organisations, and who holds which duty there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.cqgov.clock import today
from ckanext.cqgov.demo.accounts import is_demo
from ckanext.cqgov.model import duty

Say = Callable[[str], None]
Context = Callable[[], dict[str, Any]]


def load(organizations: Iterable[Mapping[str, Any]], context: Context, say: Say) -> int:
    """Import the organisations that are missing; return how many. Those that exist stay as somebody may have made them."""
    names = {name for (name,) in model.Session.query(model.Group.name)}
    missing = [dict(one) for one in organizations if one["name"] not in names]
    if not missing:
        return 0
    result = tk.get_action("cqgov_organization_import")(context(), {"organizations": missing})
    for refused in result["rejected"]:
        say(f"机构未导入 / organisation not imported: {refused}")
    return result["created"]


def assign(accounts: Iterable[Mapping[str, Any]], context: Context) -> int:
    """Give each demo account its duties; return how many were assigned.

    A duty that was ever assigned is not assigned again: who ended it meant it.
    """
    made = 0
    for account in accounts:
        user = model.User.get(account["name"])
        group = model.Group.get(account.get("organization") or "")
        if user is None or group is None or not is_demo(user):
            continue
        ever = {one.duty for one in duty.listing(user.id, group.id)}
        for code in account.get("duties", []):
            if code not in ever:
                tk.get_action("cqgov_duty_assign")(context(), _duty(account, code, today()))
                made += 1
    return made


def _duty(account: Mapping[str, Any], code: str, since: date) -> dict[str, Any]:
    return {
        "user_id": account["name"],
        "organization_id": account["organization"],
        "duty": code,
        "valid_from": since.isoformat(),
        "reason": "演示 / demo",
    }
