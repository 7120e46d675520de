"""Auth functions of the calendar."""

from __future__ import annotations

import ckan.plugins.toolkit as tk

from ckanext.cqgov.domain import duties
from ckanext.cqgov.logic import asking

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
    if duties.city_authority(asking.person(context), asking.directory()):
        return {"success": True}
    return {
        "success": False,
        "msg": tk._("Only officers of the city's competent department and sysadmins may import a calendar."),
    }
