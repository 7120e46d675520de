"""Auth functions of the dataset."""

from __future__ import annotations

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.cqgov import clock
from ckanext.cqgov.logic import asking
from ckanext.cqgov.model import duty

__all__ = [
    "cqgov_dataset_check",
    "cqgov_dataset_publish",
    "cqgov_dataset_release",
    "cqgov_dataset_retract",
    "cqgov_dataset_schema",
]


@tk.auth_allow_anonymous_access
def cqgov_dataset_schema(context, data_dict):
    """Everybody may read how an entry is described."""
    return {"success": True}


def cqgov_dataset_check(context, data_dict):
    """Whoever may edit an entry may have it checked; a record that is not stored, whoever may create one."""
    if data_dict and data_dict.get("id"):
        return _editor(context, data_dict)
    return _creator(context)


def cqgov_dataset_publish(context, data_dict):
    """The head of the providing organisation may publish (Art. 6: the head is first responsible)."""
    user = asking.user(context)
    owner = (data_dict or {}).get("owner_org")
    if user and owner and duty.holds(user.id, owner, "head", clock.today()):
        return {"success": True}
    return {"success": False, "msg": tk._("Only the head of the providing department may publish its entries")}


def cqgov_dataset_release(context, data_dict):
    """The head of the providing organisation decides which departments see a closed entry (Art. 6, 16)."""
    package = model.Package.get((data_dict or {}).get("id") or "")
    return cqgov_dataset_publish(context, {"owner_org": package.owner_org if package else None})


def cqgov_dataset_retract(context, data_dict):
    """Whoever may release an entry may take it back."""
    return cqgov_dataset_release(context, data_dict)


def _editor(context, data_dict):
    try:
        tk.check_access("package_update", tk.fresh_context(context), {"id": data_dict["id"]})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return {"success": False, "msg": tk._("You may not edit this entry")}
    return {"success": True}


def _creator(context):
    try:
        tk.check_access("package_create", tk.fresh_context(context))
    except tk.NotAuthorized:
        return {"success": False, "msg": tk._("You may not create entries")}
    return {"success": True}
