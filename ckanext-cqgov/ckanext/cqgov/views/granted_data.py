"""The page on which who may have data that are not open to everybody looks through their table: what a grant opens, and no more."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint, make_response

from ckanext.cqgov.domain import list_request
from ckanext.cqgov.logic import asking

__all__ = ["blueprint"]

blueprint = Blueprint("cqgov_granted_data", __name__)

ROWS = 50
"""Rows of one page."""

FURTHEST = 1_000_000
"""The last page that can be asked for."""

ADDED = ("_id", "rank")


@blueprint.get("/dataset/<id>/resource/<resource_id>/data")
def show(id: str, resource_id: str) -> Any:
    """Show a page of the rows and columns that are open to the reader (Arts. 16, 19, 24); each page is a row of the ledger."""
    try:
        dataset = tk.get_action("package_show")(asking.reader(), {"id": id})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return tk.abort(404, tk._("Dataset not found"))
    resource = next((each for each in dataset["resources"] if each["id"] == resource_id), None)
    if resource is None:
        return tk.abort(404, tk._("Resource not found"))
    words, page = tk.request.args.get("q", "").strip(), list_request.page(tk.request.args.get("page", ""), FURTHEST)
    asked = {"resource_id": resource_id, "limit": ROWS, "offset": (page - 1) * ROWS, "records_format": "lists"}
    found, errors = None, []
    try:
        found = tk.get_action("cqgov_data_search")(asking.reader(), {**asked, **({"q": words} if words else {})})
    except tk.ObjectNotFound:
        return tk.abort(404, tk._("Resource not found"))
    except tk.NotAuthorized as error:
        return tk.abort(403, str(error))
    except tk.ValidationError as error:
        errors = [message for told in error.error_dict.values() for message in told]
    shown = {"pkg": dataset, "pkg_dict": dataset, "res": resource, "q": words, "page": page, "errors": errors}
    body = tk.render("cqgov/grant/data.html", {**shown, "found": _table(found) if found else None, "rows": ROWS})
    response = make_response(body, 400 if errors else 200)
    response.headers["Cache-Control"] = "private, no-store"
    tk.request.environ["__no_cache__"] = True  # else CKAN says something weaker
    return response


def _table(found: dict[str, Any]) -> dict[str, Any]:
    """Return headings, rows and total of an answer, without what the search adds: the row's place in the file, and its rank."""
    kept = [place for place, each in enumerate(found["fields"]) if each["id"] not in ADDED]
    headings = [found["fields"][place].get("info", {}).get("label") or found["fields"][place]["id"] for place in kept]
    rows = [[row[place] for place in kept] for row in found["records"]]
    return {"headings": headings, "rows": rows, "total": found["total"]}
