"""What a page says that cannot be made because the search does not answer: that it is so just now (503), not that it is broken."""

from __future__ import annotations

import logging
import math
from functools import wraps
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.lib.search import SearchError, SolrConnectionError
from flask import Blueprint, Response, g, request

from ckanext.cqgov.catalogue import search_outage
from ckanext.cqgov.catalogue.list_page import unanswered

__all__ = ["blueprint", "install"]

blueprint = Blueprint("cqgov_search_outage", __name__)

log = logging.getLogger(__name__)


@blueprint.app_errorhandler(SolrConnectionError)
@blueprint.app_errorhandler(SearchError)
def unavailable(error: Exception) -> tuple[str, int]:
    """Answer with the page for what is not available; the API tells its callers itself."""
    log.error("The search does not answer: %s", error)
    return tk.render("error_document_template.html", {"code": 503, "name": "", "content": unanswered()}), 503


@blueprint.after_app_request
def told_to_programs(response: Response) -> Response:
    """Say on an answer that cannot be given without the search when to ask again; CKAN's API calls it a broken server (500)."""
    if response.status_code >= 500 and search_outage.is_noted():
        response.headers["Retry-After"] = str(math.ceil(search_outage.REST))
        if request.endpoint == "api.action" and b"Search Connection Error" in response.get_data():
            response.status_code = 503
    return response


def install(app: Any) -> Any:
    """Have the home page stand without the search, in the application ``app``: CKAN's is made for a query that fails only."""
    original = app.view_functions["home.index"]

    @wraps(original)
    def home() -> Any:
        try:
            return original()
        except SolrConnectionError as error:
            log.error("The search does not answer: %s", error)
            g.package_count = 0
            return tk.render("home/index.html", {})

    app.view_functions["home.index"] = home
    return app
