"""Auth functions of the calendar."""

from __future__ import annotations

import ckan.plugins.toolkit as tk

from ckanext.cqgov.clock import today
from ckanext.cqgov.model import duty, organization

__all__ = ["cqgov_calendar_import", "cqgov_calendar_show", "cqgov_due_date"]


@tk.auth_allow_anonymous_access
def cqgov_due_date(context, data_dict):
    """Everybody may ask for a due date."""
    return {"success": True}


@tk.auth_allow_anonymous_access
def cqgov_calendar_show(context, data_dict):
    """Everybody may read the calendars."""
    return {"success": True}


def cqgov_calendar_import(context, data_dict):
    """Officers of the city's competent department (Art. 5) import calendars; sysadmins are let through by CKAN."""
    user = context.get("auth_user_obj")
    allowed = bool(user) and any(
        held.duty == "authority-officer" and _of_the_city(held.organization_id)
        for held in duty.duties_of(user.id, today())
    )
    if allowed:
        return {"success": True}
    return {
        "success": False,
        "msg": tk._("Only officers of the city's competent department and sysadmins may import a calendar."),
    }


def _of_the_city(organization_id: str) -> bool:
    found = organization.get(organization_id)
    return bool(found) and found.level == "city"
