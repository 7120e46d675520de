"""Who asks: the person behind an action's context, with today's duties."""

from __future__ import annotations

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.cqgov.clock import today
from ckanext.cqgov.domain.duties import Person
from ckanext.cqgov.domain.organization import Organization
from ckanext.cqgov.model import duty, organization

NOBODY = Person("")


def reader() -> dict[str, Any]:
    """Return the context of an action that a page calls for who looks at it."""
    return {"user": tk.current_user.name, "auth_user_obj": tk.current_user}


def user(context: dict[str, Any]) -> Any:
    """Return the CKAN user of the context, None for an anonymous one."""
    found = context.get("auth_user_obj")
    if found is None and context.get("user"):
        found = model.User.get(context["user"])
    return found if found is not None and getattr(found, "is_authenticated", True) else None


def actor(context: dict[str, Any]) -> str:
    """Return who the ledger names for what happens in this context: a user id, or ``system``."""
    found = user(context)
    return found.id if found is not None else "system"


def person(context: dict[str, Any]) -> Person:
    """Return who asks, with the duties held today; nobody has none."""
    found = user(context)
    return NOBODY if found is None or found.state != "active" else duty.person(found, today())


def directory() -> dict[str, Organization]:
    """Return all organisations by id; one query."""
    return {one.id: one for one in organization.everything()}
