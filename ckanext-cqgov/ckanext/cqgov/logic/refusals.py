"""Every refusal of an action that writes goes into the ledger, in one place for all of them (Art. 27-29, 33).

Outermost, around the guard that lets nothing exist for whom may not see it: here the client's own words are still there.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from ckanext.cqgov.domain import ledger_verbs
from ckanext.cqgov.ledger import refused
from ckanext.cqgov.logic import passed_on

Action = Callable[..., Any]
RECORDED = "cqgov_recorded"

CORE = (
    "organization_create",
    "organization_delete",
    "organization_member_create",
    "organization_member_delete",
    "organization_patch",
    "organization_purge",
    "organization_update",
    "package_delete",
    "resource_create",
    "resource_delete",
    "resource_patch",
    "resource_update",
)
"""CKAN's own writing actions that are wrapped for this alone."""


def recorded(actions: Mapping[str, Action]) -> dict[str, Action]:
    """Return ``actions`` and those of ``CORE``, with each refusal of one that writes recorded in the ledger."""
    known = {**{name: passed_on.action(name) for name in CORE if name not in actions}, **actions}
    return {name: action if _reads(action) else _recording(name, action) for name, action in known.items()}


def _reads(action: Action) -> bool:
    return getattr(action, "side_effect_free", False)


def _recording(name: str, action: Action) -> Action:
    @functools.wraps(action)
    def recording(*args: Any, **more: Any) -> Any:
        context, data = args[-2:]  # a chained action has what it goes round before them
        try:
            return action(*args, **more)
        except (tk.NotAuthorized, tk.ObjectNotFound) as error:
            if not getattr(error, RECORDED, False) and not context.get("ignore_auth"):
                setattr(error, RECORDED, True)  # an action called by another tells once
                record(context, name, data, "not-found" if isinstance(error, tk.ObjectNotFound) else "not-authorized")
            raise

    return recording


def record(context: Any, action: str, data: Any, reason: str) -> None:
    """Record that ``action`` with the client's ``data`` was refused, about the thing that the client named.

    What does not exist is no subject; its name is kept in the detail. What exists but not for whoever asks is refused as not
    existing (``reason`` is ``not-found``): recording the one takes the same queries as recording the other.
    """
    verb, kind, named = ledger_verbs.refusal(action, data)
    try:
        found = _found(kind, named)
    except SQLAlchemyError:  # the caller's transaction is broken; the refusal has one of its own
        found = named
    unknown = {"named": named[:100]} if named and found is None else {}
    refused(context, verb, kind, found or "", {"action": action, "reason": reason, **unknown})


def _found(kind: str, named: str) -> str | None:
    """Return the id of what the client named, None when there is no such dataset, organisation or resource; one query."""
    tables: dict[str, sa.Table] = {"dataset": model.package_table, "organization": model.group_table}
    if kind == "resource":
        query = sa.select(model.resource_table.c.id).where(model.resource_table.c.id == named)
    elif kind in tables:
        table = tables[kind]
        query = sa.select(table.c.id).where(sa.or_(table.c.id == named, table.c.name == named))
    else:
        return named or None
    with model.Session.no_autoflush:
        return model.Session.execute(query.limit(1)).scalar_one_or_none()
