"""Every refusal of an action that writes goes into the ledger, in one place for all of them (Art. 27-29, 33)."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
from sqlalchemy.exc import SQLAlchemyError

from ckanext.cqgov.domain import ledger_verbs
from ckanext.cqgov.ledger import refused
from ckanext.cqgov.logic.chained import chained

Action = Callable[..., Any]
RECORDED = "cqgov_recorded"

CORE = (
    "organization_create",
    "organization_delete",
    "organization_member_create",
    "organization_member_delete",
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
    known = {**{name: chained(_passed_on(name)) for name in CORE if name not in actions}, **actions}
    return {name: action if _reads(action) else _recording(name, action) for name, action in known.items()}


def _reads(action: Action) -> bool:
    return getattr(action, "side_effect_free", False)


def _passed_on(name: str) -> Action:
    def action(original: Action, context: Any, data_dict: Any) -> Any:
        return original(context, data_dict)

    action.__name__ = name
    return action


def _recording(name: str, action: Action) -> Action:
    @functools.wraps(action)
    def recording(*args: Any, **more: Any) -> Any:
        try:
            return action(*args, **more)
        except tk.NotAuthorized as error:
            context, data = args[-2:]  # a chained action has what it goes round before them
            if not getattr(error, RECORDED, False):
                setattr(error, RECORDED, True)  # an action called by another tells once
                record(context, name, data)
            raise

    return recording


def record(context: Any, action: str, data: Any) -> None:
    """Record that ``action`` with the client's ``data`` was refused, about the thing that the client named.

    A dataset, organisation or resource that does not exist is no subject; its name is kept in the detail.
    """
    verb, kind, named = ledger_verbs.refusal(action, data)
    try:
        found = _found(kind, named)
    except SQLAlchemyError:  # the caller's transaction is broken; the refusal has one of its own
        found = named
    unknown = {"named": named[:100]} if named and found is None else {}
    refused(context, verb, kind, found or "", {"action": action, **unknown})


def _found(kind: str, named: str) -> str | None:
    """Return the id of what the client named, None when there is no such dataset, organisation or resource."""
    if not named:
        return None
    kinds: dict[str, Any] = {"dataset": model.Package, "organization": model.Group, "resource": model.Resource}
    if kind not in kinds:
        return named
    with model.Session.no_autoflush:
        one = kinds[kind].get(named)
    return one.id if one is not None else None
