"""Actions of CKAN to which we add something and which otherwise stay CKAN's: also what ``help_show`` says of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.logic.action import create, delete, file, get, patch, update

MODULES = (get, create, update, patch, delete, file)


def of_core(name: str) -> Callable[..., Any] | None:
    """Return CKAN's own action of that name, None when it has none."""
    return next((getattr(module, name) for module in MODULES if hasattr(module, name)), None)


def like(core: Callable[..., Any], action: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``action`` with the documentation of ``core`` and its leave to be asked by GET.

    CKAN builds the chain of ``functools.partial`` and keeps only the function's attributes: without this, ``help_show``
    answers with the documentation of ``partial``, and reading actions refuse GET.
    """
    action.__dict__["__doc__"] = core.__doc__
    if core.__module__ == get.__name__ or getattr(core, "side_effect_free", False):
        tk.side_effect_free(action)
    return action


def chained(action: Callable[..., Any]) -> Callable[..., Any]:
    """Register ``action`` around CKAN's action of the same name. Raises ``LookupError`` where CKAN has none."""
    core = of_core(action.__name__)
    if core is None:
        raise LookupError(action.__name__)
    return tk.chained_action(like(core, action))
