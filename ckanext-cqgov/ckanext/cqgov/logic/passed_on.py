"""CKAN's actions and auth functions as they are, chained: for whoever lays something around many of them at once.

Those of CKAN itself and of its activity plugin, where the portal has that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ckan.logic.auth.create
import ckan.logic.auth.delete
import ckan.logic.auth.file
import ckan.logic.auth.get
import ckan.logic.auth.patch
import ckan.logic.auth.update
import ckan.plugins.toolkit as tk
from ckan.plugins import plugin_loaded

from ckanext.cqgov.logic.chained import like, of_core

AUTH = (
    ckan.logic.auth.get,
    *(getattr(ckan.logic.auth, name) for name in ("create", "update", "delete", "patch", "file")),
)


def action(name: str) -> Callable[..., Any] | None:
    """Return an action that does what CKAN's of this name does; None where there is none."""
    core = of_core(name) or getattr(_activity_plugin("action"), name, None)
    return None if core is None else tk.chained_action(like(core, _through(name)))


def auth(name: str) -> Callable[..., Any] | None:
    """Return an auth function that does what CKAN's of this name does, open to the same people; None where there is none."""
    module = next((each for each in (*AUTH, _activity_plugin("auth")) if hasattr(each, name)), None)
    if module is None:
        return None
    core, made = getattr(module, name), _through(name)
    made.__dict__.update(core.__dict__)
    anonymous = getattr(core, "auth_allow_anonymous_access", module is ckan.logic.auth.get)
    made.__dict__["auth_allow_anonymous_access"] = anonymous
    made.__dict__.pop("__wrapped__", None)
    return tk.chained_auth_function(made)


def _through(name: str) -> Callable[..., Any]:
    """Return a function of this name that hands on what it is given."""

    def through(original: Any, context: Any, data_dict: Any) -> Any:
        return original(context, data_dict)

    through.__name__ = name
    return through


def _activity_plugin(part: str) -> Any:
    if not plugin_loaded("activity"):
        return None
    from ckanext.activity.logic import action, auth

    return action if part == "action" else auth
