"""Pages of grants: those of an entry, with forms to give and to revoke one, and the reader's own."""

from __future__ import annotations

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
from flask import Blueprint

from ckanext.cqgov.catalogue import access, grants
from ckanext.cqgov.clock import today
from ckanext.cqgov.domain import grant_rows, list_request
from ckanext.cqgov.logic import asking
from ckanext.cqgov.logic.auth.grant import gives
from ckanext.cqgov.model import granted_table

__all__ = ["blueprint"]

blueprint = Blueprint("cqgov_grant", __name__)

FIELDS = (
    "holder_user",
    "holder_organization",
    "staff",
    "columns",
    "rows",
    "purpose",
    "terms_version",
    "valid_from",
    "valid_until",
    "storage",
)
PAGE = 50
FURTHEST = 10_000
"""The last page that can be asked for."""


def _dataset(id: str) -> dict[str, Any]:
    """Return the entry of the page; 404 where there is none for the reader."""
    try:
        return tk.get_action("package_show")(asking.reader(), {"id": id})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return tk.abort(404, tk._("Dataset not found"))


def _told(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return grants with their conditions on rows as text."""
    return [{**each, "rows_text": list(map(str, grant_rows.read(each["rows"])))} for each in found]


def _page(dataset: dict[str, Any], values: dict[str, Any], errors: dict[str, list[str]]) -> Any:
    context, page = asking.reader(), list_request.page(tk.request.args.get("page", ""), FURTHEST)
    query = {"dataset_id": dataset["id"], "limit": PAGE, "offset": (page - 1) * PAGE}
    try:
        found = tk.get_action("cqgov_grant_list")(context, query)
    except tk.NotAuthorized as error:
        return tk.abort(403, str(error))
    package = model.Session.get(model.Package, dataset["id"])
    may = gives(context, package)
    shown = {
        "pkg": dataset,
        "pkg_dict": dataset,
        "grants": _told(found),
        "page": page,
        "more": len(found) == PAGE,
        "gives": may,
        "columns": _columns(context, package) if may else {},
        "values": values,
        "errors": errors,
        "today": today().isoformat(),
    }
    return tk.render("cqgov/grant/list.html", shown), 400 if errors else 200


def _columns(context: Any, package: Any) -> dict[str, list[str]]:
    """Return the columns of the loaded tables by resource, for who may see the data anyway; others know the entry's items."""
    found = granted_table.columns_of(package.id)
    resources = (each for each in package.resources if found.get(each.id))
    return {each.id: list(found[each.id] or ()) for each in resources if grants.by_right(access.viewer(context), each)}


@blueprint.get("/dataset/<id>/grants")
def index(id: str) -> Any:
    """Show the grants of an entry: all to who oversees them, to others their own."""
    return _page(_dataset(id), {}, {})


@blueprint.post("/dataset/<id>/grants")
def create(id: str) -> Any:
    """Give a grant."""
    dataset, form = _dataset(id), tk.request.form
    values: dict[str, Any] = {key: form.get(key, "").strip() for key in FIELDS}
    values["resources"] = form.getlist("resources")
    data = {key: value for key, value in values.items() if value}
    data |= {"columns": values["columns"].splitlines() if "\n" in values["columns"] else values["columns"]}
    try:
        tk.get_action("cqgov_grant_create")(asking.reader(), {**data, "dataset_id": dataset["id"]})
    except tk.NotAuthorized as error:
        return tk.abort(403, str(error))
    except tk.ObjectNotFound:
        return tk.abort(404, tk._("Dataset not found"))
    except tk.ValidationError as error:
        return _page(dataset, values, error.error_dict)
    tk.h.flash_success(tk._("The data have been granted."))
    return tk.h.redirect_to("cqgov_grant.index", id=dataset["name"])


@blueprint.post("/dataset/<id>/grants/<grant_id>/revoke")
def revoke(id: str, grant_id: str) -> Any:
    """Revoke a grant, at once."""
    dataset = _dataset(id)
    given = {"id": grant_id, "reason": tk.request.form.get("reason", "").strip()}
    try:
        shown = tk.get_action("cqgov_grant_show")(asking.reader(), {"id": grant_id})
        if shown["dataset_id"] != dataset["id"]:
            return tk.abort(404, tk._("Grant not found"))
        tk.get_action("cqgov_grant_revoke")(asking.reader(), given)
    except tk.ObjectNotFound:
        return tk.abort(404, tk._("Grant not found"))
    except tk.NotAuthorized as error:
        return tk.abort(403, str(error))
    except tk.ValidationError as error:
        messages = [message for found in error.error_dict.values() for message in found]
        return _page(dataset, {}, {"revoke": messages})
    tk.h.flash_success(tk._("The grant has been revoked. It opens nothing any more."))
    return tk.h.redirect_to("cqgov_grant.index", id=dataset["name"])


@blueprint.get("/dashboard/grants")
def mine() -> Any:
    """Show the grants that cover the reader."""
    if not tk.current_user.is_authenticated:
        return tk.h.redirect_to("user.login", came_from=tk.url_for("cqgov_grant.mine"))
    page = list_request.page(tk.request.args.get("page", ""), FURTHEST)
    found = tk.get_action("cqgov_grant_list")(asking.reader(), {"limit": PAGE, "offset": (page - 1) * PAGE})
    user = tk.get_action("user_show")(asking.reader(), {"id": tk.current_user.id})
    shown = {"grants": _told(found), "page": page, "more": len(found) == PAGE, "user_dict": user}
    return tk.render("cqgov/grant/mine.html", shown)
