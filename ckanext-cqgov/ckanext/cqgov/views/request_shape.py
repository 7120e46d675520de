"""What no call of an action may carry: values of a kind on which CKAN's own actions would fail instead of answering."""

from __future__ import annotations

import json
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.views import api
from flask import Blueprint, Response, request

from ckanext.cqgov.domain import action_shape
from ckanext.cqgov.language import pick

blueprint = Blueprint("cqgov_request_shape", __name__)

RESOURCE_FORMS = ("resource.new", "resource.edit", "resource_form.edit")
"""The ends of endpoints for the form of a resource, CKAN's and ours, which fails unless one of its buttons was pressed."""

TABLE_DOWNLOAD = "datatablesview.filtered_download"
"""CKAN's endpoint for the rows that a preview shows; it takes for granted that the preview's own script asks."""

BULK = ".bulk_process"
"""The end of CKAN's endpoints for changing many datasets of an organisation, which fails for groups, and without a button too."""

OURS = ("cqgov_", "sharing_", "review_")
"""Actions that check by themselves what they are sent, each with its own sentences."""


@blueprint.before_app_request
def readable() -> Response | None:
    """Answer a call of one of CKAN's actions with a validation error (409) where its code could not read what was sent."""
    endpoint = request.endpoint or ""
    if request.method == "POST" and endpoint.endswith(RESOURCE_FORMS) and "save" not in request.form:
        return tk.abort(400, tk._("The form does not say what is to be done with the resource"))
    if endpoint == TABLE_DOWNLOAD and not _told_rows(request.form.get("params")):
        return tk.abort(400, tk._("The form does not say which rows are wanted"))
    if endpoint == f"group{BULK}":
        return tk.abort(404, tk._("Organization not found"))
    if request.method == "POST" and endpoint.endswith(BULK) and not _told_what(request.form):
        return tk.abort(400, tk._("The form does not say what is to be done with the datasets"))
    if request.endpoint != "api.action":
        return None
    name = (request.view_args or {}).get("logic_function", "")
    check = action_shape.keys if name.startswith(OURS) else action_shape.problems
    try:
        sent = api._get_request_data(try_url_params=getattr(tk.get_action(name), "side_effect_free", False))
    except (KeyError, ValueError):
        return None  # CKAN says itself that there is no such action, or that this is no JSON
    errors: dict[str, Any] = {}
    for key, sentence in check(name, sent):
        errors.setdefault(key, [pick(sentence)])
    if not errors:
        return None
    about = tk.url_for("api.action", logic_function="help_show", ver=3, name=name, _external=True)
    told = {"help": about, "error": {**errors, "__type": "Validation Error"}, "success": False}
    return api._finish(409, told, content_type="json")


def _told_what(form: Any) -> bool:
    """Say whether one of the buttons for many datasets was pressed."""
    return any(key.startswith("bulk_action.") for key in form)


def _told_rows(text: str | None) -> bool:
    """Say whether ``text`` is what the script of a preview sends: search, orders, columns and which of them are seen."""
    try:
        asked = json.loads(text or "")
        [asked["search"]["value"], *asked["visible"]]
        [(int(each["column"]), each["dir"]) for each in asked["order"]]
        [(each["name"], each["search"]["value"]) for each in asked["columns"]]
    except (ValueError, KeyError, TypeError):
        return False
    return True
