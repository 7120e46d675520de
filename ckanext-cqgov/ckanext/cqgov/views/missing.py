"""Pages for what is not there: where a view of CKAN lets an action's refusal through, it is a page as well, not an error of the server."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint, current_app, request
from werkzeug.exceptions import Forbidden, NotFound

from ckanext.cqgov.logic import asking, existence

blueprint = Blueprint("cqgov_missing", __name__)

LOOKING = ("cqgov_dataset.edit", "dataset.edit", "dataset_resource.views", "resource.views")
"""Where CKAN's view looks the dataset up before it calls an action."""


@blueprint.before_app_request
def named() -> None:
    """Give such a view a name that nobody bears in the place of one that does not exist for the reader."""
    if request.endpoint in LOOKING and request.view_args and "id" in request.view_args:
        context = asking.reader()
        given, replaced, _ = existence.stood_in("package_show", context, {"id": request.view_args["id"]})
        if replaced:
            request.view_args["id"] = given["id"]


@blueprint.app_errorhandler(tk.ObjectNotFound)
def missing(_error: Any) -> Any:
    """Answer 404."""
    return current_app.handle_http_exception(NotFound(tk._("Not found")))


@blueprint.app_errorhandler(tk.NotAuthorized)
def forbidden(_error: Any) -> Any:
    """Answer 403."""
    return current_app.handle_http_exception(Forbidden(tk._("You may not see this page")))
