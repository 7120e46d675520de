"""Auth functions around accounts."""

from __future__ import annotations

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.cqgov.limits import reset

__all__ = ["user_update"]


@tk.chained_auth_function
@tk.auth_allow_anonymous_access
def user_update(original: Any, context: Any, data_dict: Any) -> dict[str, Any]:
    """As CKAN has it; but the key of a link that is too old lets nobody in, by the API neither."""
    given = data_dict or {}
    if "reset_key" in given:
        user = context.get("user_obj") or model.User.get(given.get("id") or "")
        if not isinstance(given["reset_key"], str) or not reset.is_key_of(user, given["reset_key"]):
            given = {key: value for key, value in given.items() if key != "reset_key"}
    return original(context, given)
