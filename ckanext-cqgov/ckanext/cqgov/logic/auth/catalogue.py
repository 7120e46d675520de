"""Auth functions of the catalogue as a whole."""

from __future__ import annotations

import ckan.plugins.toolkit as tk

from ckanext.cqgov.exchange import runs
from ckanext.cqgov.exchange.permission import may_import
from ckanext.cqgov.logic import asking
from ckanext.cqgov.model import organization

__all__ = ["cqgov_catalogue_export", "cqgov_catalogue_import", "cqgov_catalogue_import_show"]


def cqgov_catalogue_import(context, data_dict):
    """Editors and catalogue officers import into their organisation; only a sysadmin into several at once."""
    user, named = asking.user(context), (data_dict or {}).get("organization")
    group = organization.resolve(str(named)) if named else None
    if user and group and may_import(user.id, user.name, group):
        return {"success": True}
    if user and not named:
        return {"success": False, "msg": tk._("Name the organisation into which you import")}
    return {"success": False, "msg": tk._("Only its editors and catalogue officers may import into an organisation")}


def cqgov_catalogue_import_show(context, data_dict):
    """Whoever imported sees the report, and whoever may import into the same organisation."""
    user, row = asking.user(context), runs.get(str((data_dict or {}).get("id") or ""))
    if user and row and (row.actor_id == user.id or may_import(user.id, user.name, row.organization_id or "")):
        return {"success": True}
    return {"success": False, "msg": tk._("You may not see this import")}


def cqgov_catalogue_export(context, data_dict):
    """Whoever has an account may export what they may see."""
    if asking.user(context):
        return {"success": True}
    return {"success": False, "msg": tk._("Log in to export the catalogue")}
