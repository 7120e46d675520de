"""Auth function of queries over the DataStore's tables in SQL."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.cqgov.logic.action.data_table import real_id
from ckanext.cqgov.model import vault

__all__ = ["datastore_search_sql"]


@tk.chained_auth_function
@tk.auth_sysadmins_check
@tk.auth_allow_anonymous_access
def datastore_search_sql(original: Any, context: Any, data_dict: Any) -> Any:
    """Nobody queries a table of what is not open, sysadmins neither; which tables a query reads is only known here."""
    standings = [vault.standing(real_id(name)) for name in context["table_names"]]
    refusal = {"success": False, "msg": "Not authorized to read resource."}
    if any(standing is not None and not standing.public for standing in standings):
        return refusal
    user = context.get("auth_user_obj")
    if user is not None and getattr(user, "sysadmin", False):
        return {"success": True}
    if None in standings:  # the table of a resource that is gone, or none of the DataStore's
        return refusal
    return original(context, data_dict)
