"""Pages of the words that the search knows: the list, adding, changing and deleting a group, import and export."""

from __future__ import annotations

import io
from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint, send_file

from ckanext.cqgov import term_file
from ckanext.cqgov.domain import list_request
from ckanext.cqgov.domain.search_terms import KINDS, RENAMED
from ckanext.cqgov.domain.term_groups import Group
from ckanext.cqgov.filenames import disposed
from ckanext.cqgov.language import pick

__all__ = ["blueprint"]

blueprint = Blueprint("cqgov_search_term", __name__, url_prefix="/search-terms")
PAGE = 50
EXPORTED = 1_000
"""Groups asked for at a time when all are exported."""
FIELDS = ("kind", "words", "present", "related", "note")
FILE_NAME = "检索词.csv"


def _call(action: str, data: dict[str, Any]) -> Any:
    """Call an action as the visitor; whoever may not is told so, and a missing group is a missing page."""
    try:
        return tk.get_action(action)({"user": tk.g.user}, data)
    except tk.NotAuthorized as error:
        return tk.abort(403, str(error))
    except tk.ObjectNotFound as error:
        return tk.abort(404, str(error))


def _kinds() -> list[tuple[str, str]]:
    return [(code, pick(text)) for code, text in KINDS.items()]


def _text(source: Any, key: str) -> str:
    return source.get(key, "").strip()


def _list(errors: dict[str, list[str]] | None = None) -> Any:
    """Show the list; with ``errors`` of an import above it."""
    args = tk.request.args
    query, kind, tried = _text(args, "q")[:200], _text(args, "kind"), _text(args, "try")[:200]
    kind = kind if kind in KINDS else ""
    page = list_request.page(_text(args, "page"), 100_000)
    found = _call("cqgov_search_term_list", {"q": query, "kind": kind, "limit": PAGE, "offset": (page - 1) * PAGE})
    shown = {
        "found": found,
        "kinds": _kinds(),
        "query": query,
        "kind": kind,
        "page": page,
        "pages": max(-(-found["count"] // PAGE), 1),
        "tried": tried,
        "units": _call("cqgov_search_term_check", {"q": tried})["units"] if tried else [],
        "errors": errors or {},
        "renamed": RENAMED,
    }
    return tk.render("cqgov/search_term/list.html", shown), 400 if errors else 200


def _form(action: str, values: dict[str, Any], errors: dict[str, list[str]], id: str | None = None) -> Any:
    shown = {"action": action, "values": values, "errors": errors, "kinds": _kinds(), "renamed": RENAMED, "id": id}
    return tk.render("cqgov/search_term/edit.html", shown), 400 if errors else 200


def _sent() -> dict[str, str]:
    return {key: _text(tk.request.form, key) for key in FIELDS}


@blueprint.get("")
def index():
    """Show the groups, and how a query is read."""
    return _list()


@blueprint.get("/new")
def new():
    """Show the form of a new group."""
    _allowed("cqgov_search_term_create")
    return _form(tk.h.url_for("cqgov_search_term.create"), {"kind": _text(tk.request.args, "kind")}, {})


@blueprint.post("/new")
def create():
    """Add a group."""
    values = _sent()
    try:
        group = _call("cqgov_search_term_create", values)
    except tk.ValidationError as error:
        return _form(tk.h.url_for("cqgov_search_term.create"), values, error.error_dict)
    tk.h.flash_success(tk._("The group has been added."))
    return tk.redirect_to("cqgov_search_term.index", q=group["words"][0])


@blueprint.get("/<id>")
def edit(id: str):
    """Show the form of a group."""
    _allowed("cqgov_search_term_update")
    group = _call("cqgov_search_term_show", {"id": id})
    values = {**group, **{key: "\n".join(group[key]) for key in ("words", "related")}}
    return _form(tk.h.url_for("cqgov_search_term.update", id=id), values, {}, id)


@blueprint.post("/<id>")
def update(id: str):
    """Change a group."""
    values = _sent()
    try:
        group = _call("cqgov_search_term_update", {**values, "id": id})
    except tk.ValidationError as error:
        return _form(tk.h.url_for("cqgov_search_term.update", id=id), values, error.error_dict, id)
    tk.h.flash_success(tk._("The group has been changed."))
    return tk.redirect_to("cqgov_search_term.index", q=group["words"][0])


@blueprint.post("/<id>/delete")
def delete(id: str):
    """Delete a group."""
    _call("cqgov_search_term_delete", {"id": id})
    tk.h.flash_success(tk._("The group has been deleted."))
    return tk.redirect_to("cqgov_search_term.index")


@blueprint.post("/import")
def import_():
    """Take in a CSV file, or say what it would do."""
    trial = bool(tk.request.form.get("dry_run"))
    upload = tk.request.files.get("upload")
    try:
        done = _call("cqgov_search_term_import", {"upload": upload, "dry_run": trial})
    except tk.ValidationError as error:
        return _list(error.error_dict)
    told = tk._("%(created)d added, %(updated)d changed, %(unchanged)d as they were.") % done
    if trial:
        tk.h.flash_notice(tk._("Trial run, nothing was written:") + " " + told)
    else:
        tk.h.flash_success(tk._("The file has been imported:") + " " + told)
    return tk.redirect_to("cqgov_search_term.index")


@blueprint.get("/export.csv")
def export():
    """Send all groups as a CSV file that can be imported again."""
    groups: list[Group] = []
    while True:
        found = _call("cqgov_search_term_list", {"limit": EXPORTED, "offset": len(groups)})
        groups += [Group(**{key: one[key] for key in ("id", *FIELDS)}) for one in found["results"]]
        if len(groups) >= found["count"] or not found["results"]:
            break
    response = send_file(io.BytesIO(term_file.as_csv(groups)), mimetype="text/csv; charset=utf-8", max_age=0)
    response.headers["Content-Disposition"] = disposed("attachment", FILE_NAME)
    return response


def _allowed(action: str) -> None:
    """Stop with a refusal when the visitor may not do ``action``."""
    try:
        tk.check_access(action, {"user": tk.g.user}, {})
    except tk.NotAuthorized as error:
        tk.abort(403, str(error))
