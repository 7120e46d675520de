"""Pages for what is not there: where a view of CKAN lets an action's refusal through, it is a page as well, not an error of the server."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint, current_app
from werkzeug.exceptions import Forbidden, NotFound

blueprint = Blueprint("cqgov_missing", __name__)


@blueprint.app_errorhandler(tk.ObjectNotFound)
def missing(_error: Any) -> Any:
    """Answer 404."""
    return current_app.handle_http_exception(NotFound(tk._("Not found")))


@blueprint.app_errorhandler(tk.NotAuthorized)
def forbidden(_error: Any) -> Any:
    """Answer 403."""
    return current_app.handle_http_exception(Forbidden(tk._("You may not see this page")))
