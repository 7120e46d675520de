"""Pages of the ledger for those who oversee and inspect: the list with its filters, an entry, the export as a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
from flask import Blueprint, Response

from ckanext.cqgov.clock import today
from ckanext.cqgov.domain import ledger as domain
from ckanext.cqgov.domain import ledger_verbs
from ckanext.cqgov.filenames import disposed
from ckanext.cqgov.language import pick
from ckanext.cqgov.ledger import export as files
from ckanext.cqgov.logic import asking, ledger_filters
from ckanext.cqgov.model import ledger

__all__ = ["blueprint"]

blueprint = Blueprint("cqgov_ledger", __name__, url_prefix="/ledger")
PAGE = 50
FILTERS = (*ledger_filters.NAMES, "organization_id", "since", "until")
TYPES = {"jsonl": "application/x-ndjson; charset=utf-8", "csv": "text/csv; charset=utf-8"}


def _given() -> dict[str, str]:
    """Return the filters of the address that say something."""
    args = tk.request.args
    return {name: value for name in FILTERS if (value := args.get(name, "").strip())}


@blueprint.get("")
def index():
    """Show entries, newest first, and how the ledger stands."""
    given, errors, results = _given(), {}, []
    before = tk.request.args.get("before", "").strip()
    data = {**given, **({"before": before} if before else {}), "limit": PAGE + 1}
    try:
        results = tk.get_action("cqgov_ledger_list")(asking.reader(), data)["results"]
    except tk.NotAuthorized as error:
        return tk.abort(403, str(error))
    except tk.ValidationError as error:
        errors = error.error_dict
    shown = {
        "entries": results[:PAGE],
        "older": results[PAGE - 1]["id"] if len(results) > PAGE else None,
        "before": before,
        "given": given,
        "errors": errors,
        "status": tk.get_action("cqgov_ledger_status")(asking.reader(), {}),
        "verbs": sorted((code, pick(text)) for code, text in ledger_verbs.VERBS.items()),
        "subjects": [(code, pick(text)) for code, text in ledger_verbs.SUBJECTS.items()],
        "outcomes": [(code, pick(text)) for code, text in domain.OUTCOMES.items()],
        "formats": files.FORMATS,
    }
    return tk.render("cqgov/ledger/list.html", shown), 400 if errors else 200


@blueprint.get("/<int:id>")
def show(id: int):
    """Show one entry with its seal."""
    try:
        entry = tk.get_action("cqgov_ledger_show")(asking.reader(), {"id": id})
    except tk.NotAuthorized as error:
        return tk.abort(403, str(error))
    except (tk.ObjectNotFound, tk.ValidationError):
        return tk.abort(404, tk._("There is no such entry of the ledger"))
    told = [(key, _said(value)) for key, value in entry["detail"].items()]
    return tk.render("cqgov/ledger/show.html", {"entry": entry, "told": told})


@blueprint.get("/export.<form>")
def export(form: str):
    """Send all entries that the filters leave, in the order of the chain."""
    if form not in files.FORMATS:
        return tk.abort(404)
    try:
        wanted = ledger_filters.exported(asking.reader(), _given(), form)
    except tk.NotAuthorized as error:
        return tk.abort(403, str(error))
    except tk.ValidationError as error:
        return tk.abort(400, "；".join(message for messages in error.error_dict.values() for message in messages))
    response = Response(_lines(wanted, form), content_type=TYPES[form])
    response.headers["Content-Disposition"] = disposed("attachment", f"台账-{today().isoformat()}.{form}")
    return response


def _lines(wanted: ledger.Wanted, form: str) -> Iterator[str]:
    """Yield the file over a connection of its own: that of the request is gone when the first line is sent."""
    with model.meta.engine.connect() as connection:
        yield from files.lines(connection, wanted, form)


def _said(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
