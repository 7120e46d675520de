"""The page of an organisation's duties: who holds which, and for those who may, assigning and ending them."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint

from ckanext.cqgov import rules
from ckanext.cqgov.clock import today
from ckanext.cqgov.domain import duties
from ckanext.cqgov.logic import asking

__all__ = ["blueprint"]

blueprint = Blueprint("cqgov_duty", __name__)
FIELDS = ("user_id", "duty", "valid_from", "valid_to", "acting", "reason")


def _organization(id: str) -> dict[str, Any]:
    """Return the organisation of the page; 404 where there is none, and 403 where its duties may not be read."""
    try:
        group = tk.get_action("organization_show")({"user": tk.g.user}, {"id": id})
        tk.check_access("cqgov_duty_list", {"user": tk.g.user}, {"organization_id": group["id"]})
    except tk.ObjectNotFound:
        return tk.abort(404, tk._("Organization not found"))
    except tk.NotAuthorized as error:
        return tk.abort(403, str(error))
    return group


def _page(group: dict[str, Any], values: dict[str, Any], errors: dict[str, Any]) -> Any:
    context = {"user": tk.g.user}
    rows = tk.get_action("cqgov_duty_list")(context, {"organization_id": group["id"]})
    person, organizations = asking.person(context), asking.directory()
    law = rules.current().duties
    for row in rows:
        over = row["cancelled"] or (row["valid_to"] is not None and row["valid_to"] < today().isoformat())
        row["may_end"] = not over and duties.may_assign(person, row["duty"], row["user_id"], group["id"], organizations)
    shown = {
        "group_dict": group,
        "group_type": group["type"],
        "current": [row for row in rows if row["current"]],
        "others": [row for row in rows if not row["current"]],
        "assignable": [law[code] for code in duties.assignable(person, group["id"], organizations) if code in law],
        "values": values,
        "errors": errors,
        "today": today().isoformat(),
    }
    return tk.render("cqgov/duty/list.html", shown), 400 if errors else 200


@blueprint.get("/organization/<id>/duties")
def index(id: str):
    """Show who holds which duty."""
    return _page(_organization(id), {}, {})


@blueprint.post("/organization/<id>/duties")
def assign(id: str):
    """Assign a duty."""
    group = _organization(id)
    values = {key: tk.request.form.get(key, "").strip() for key in FIELDS}
    data = {**{key: value for key, value in values.items() if value}, "organization_id": group["id"]}
    try:
        tk.get_action("cqgov_duty_assign")({"user": tk.g.user}, data)
    except tk.NotAuthorized as error:
        return tk.abort(403, str(error))
    except tk.ValidationError as error:
        return _page(group, values, error.error_dict)
    tk.h.flash_success(tk._("The duty has been assigned."))
    return tk.redirect_to("cqgov_duty.index", id=group["name"])


@blueprint.post("/organization/<id>/duties/<duty_id>/end")
def end(id: str, duty_id: str):
    """End a duty."""
    group = _organization(id)
    given = {key: tk.request.form.get(key, "").strip() for key in ("valid_to", "reason")}
    try:
        tk.get_action("cqgov_duty_end")(
            {"user": tk.g.user}, {"id": duty_id, **{key: value for key, value in given.items() if value}}
        )
    except tk.ObjectNotFound:
        return tk.abort(404, tk._("Duty not found"))
    except tk.NotAuthorized as error:
        return tk.abort(403, str(error))
    except tk.ValidationError as error:
        return _page(group, {}, {"end": [message for messages in error.error_dict.values() for message in messages]})
    tk.h.flash_success(tk._("The duty has been ended."))
    return tk.redirect_to("cqgov_duty.index", id=group["name"])
