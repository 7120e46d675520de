"""Actions of CKAN to which we add something and which otherwise stay CKAN's: also what ``help_show`` says of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.logic.action import create, delete, get, patch, update

MODULES = (get, create, update, patch, delete)


def chained(action: Callable[..., Any]) -> Callable[..., Any]:
    """Register ``action`` around CKAN's action of the same name, with CKAN's documentation and its leave to be asked by GET.

    CKAN builds the chain of ``functools.partial`` and keeps only the function's attributes: without this, ``help_show``
    answers with the documentation of ``partial``, and reading actions refuse GET.
    """
    module, core = next(
        (module, getattr(module, action.__name__)) for module in MODULES if hasattr(module, action.__name__)
    )
    action.__dict__["__doc__"] = core.__doc__
    if module is get:
        tk.side_effect_free(action)
    return tk.chained_action(action)
