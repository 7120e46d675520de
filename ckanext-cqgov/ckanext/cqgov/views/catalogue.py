"""Pages of the catalogue as a whole: import with a trial run, its report, export, template."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint, Response, send_file

from ckanext.cqgov.clock import today
from ckanext.cqgov.domain.exchange import OUTCOME_LABELS, Outcome
from ckanext.cqgov.domain.organization import Organization
from ckanext.cqgov.exchange import mappings, report, runs, workbook
from ckanext.cqgov.exchange.permission import may_import
from ckanext.cqgov.exchange.source import TEMPLATE
from ckanext.cqgov.filenames import disposed
from ckanext.cqgov.language import pick
from ckanext.cqgov.model import duty, organization

__all__ = ["blueprint"]

blueprint = Blueprint("cqgov_catalogue", __name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
REFRESH = 3  # seconds until a page of a running import loads itself again; needs no script


def _organizations() -> list[Organization]:
    """Return the organisations into which the user may import, by title."""
    user = tk.current_user
    every = sorted(organization.everything(), key=lambda one: one.title or one.name)
    if getattr(user, "sysadmin", False):
        return every
    own = tk.get_action("organization_list_for_user")({"user": user.name}, {"permission": "create_dataset"})
    near = {each["id"] for each in own} | {held.organization_id for held in duty.duties_of(user.id, today())}
    return [one for one in every if one.id in near and may_import(user.id, user.name, one.id)]


def _form(values: dict[str, Any], errors: dict[str, Any]) -> Any:
    organizations = _organizations()
    if not organizations and not getattr(tk.current_user, "sysadmin", False):
        return tk.abort(403, tk._("Only its editors and catalogue officers may import into an organisation"))
    shown = {
        "organizations": organizations,
        "mappings": [{"name": each.name, "title": pick(each.title)} for each in mappings.shipped().values()],
        "template": TEMPLATE,
        "values": values,
        "errors": errors,
        "limit": tk.config.get("ckanext.cqgov.import.max_size"),
        "may_import_everywhere": getattr(tk.current_user, "sysadmin", False),
    }
    return tk.render("cqgov/catalogue/import.html", shown), 400 if errors else 200


@blueprint.get("/catalogue/import")
def index():
    """Show the upload form."""
    if tk.current_user.is_anonymous:
        return tk.redirect_to("user.login", came_from=tk.h.url_for("cqgov_catalogue.index"))
    return _form({"organization": tk.request.args.get("organization", "")}, {})


@blueprint.post("/catalogue/import")
def carry_out():
    """Take in a file (or the file of a trial run) and show its report."""
    if tk.current_user.is_anonymous:
        return tk.abort(403, tk._("Log in to import"))
    form = tk.request.form
    values = {key: form.get(key, "").strip() for key in ("organization", "mapping", "visibility", "run")}
    data = {
        **{key: values[key] for key in ("organization", "mapping", "run") if values[key]},
        "dry_run": form.get("do") != "import",
        "publish": values["visibility"] == "publish",
        "draft": values["visibility"] == "draft",
        "upload": tk.request.files.get("upload"),
    }
    try:
        run = tk.get_action("cqgov_catalogue_import")({"user": tk.g.user}, data)
    except tk.NotAuthorized as error:
        return tk.abort(403, str(error))
    except tk.ValidationError as error:
        return _form(values, error.error_dict)
    return tk.redirect_to("cqgov_catalogue.show", id=run["id"])


def _run(id: str) -> dict[str, Any]:
    try:
        return tk.get_action("cqgov_catalogue_import_show")({"user": tk.g.user}, {"id": id})
    except tk.ObjectNotFound:
        return tk.abort(404, tk._("There is no such import"))
    except tk.NotAuthorized as error:
        return tk.abort(403, str(error))


@blueprint.get("/catalogue/import/<id>")
def show(id: str):
    """Show how far an import is and what became of every row."""
    run = _run(id)
    going = run["state"] in ("waiting", "running")
    shown = {
        "run": run,
        "going": going,
        "refresh": REFRESH,
        "outcomes": [(each.value, pick(OUTCOME_LABELS[each])) for each in Outcome],
        "language": "zh" if (tk.h.lang() or "").startswith("zh") else "en",
        "kinds": {"rejected": tk._("Rejected"), "differing": tk._("Differs from an earlier row"), "note": tk._("Note")},
    }
    return tk.render("cqgov/catalogue/run.html", shown)


@blueprint.get("/catalogue/import/<id>/rejects.csv")
def rejects(id: str):
    """Send the rejects file."""
    run = _run(id)
    row = runs.get(id)
    assert row
    text = io.StringIO(newline="")
    report.write_rejects(text, runs.StoredRun(row).rejects())
    stem = Path(run["file_name"]).stem.split(".")[0] or "import"
    return _sent(text.getvalue().encode("utf-8-sig"), f"{stem}-退回.csv", "text/csv; charset=utf-8")


@blueprint.get("/catalogue/template.xlsx")
def template():
    """Send the empty national template."""
    with TemporaryDirectory(prefix="cqgov-template-") as folder:
        path = Path(folder) / "template.xlsx"
        workbook.write_template(path)
        return _sent(path.read_bytes(), "政务信息资源目录模板.xlsx", XLSX)


@blueprint.get("/catalogue/export.xlsx")
def export():
    """Send the catalogue in the national template."""
    data = {"organization": tk.request.args.get("organization", "")}
    try:
        found = tk.get_action("cqgov_catalogue_export")({"user": tk.g.user}, data)
    except tk.NotAuthorized as error:
        return tk.abort(403, str(error))
    except tk.ValidationError as error:
        return tk.abort(400, " ".join(sentence for told in error.error_dict.values() for sentence in told))
    return _sent(base64.b64decode(found["content"]), found["file_name"], XLSX)


def _sent(content: bytes, name: str, kind: str) -> Response:
    """Return a download whose Chinese name survives (RFC 6266 ``filename*``)."""
    response = send_file(io.BytesIO(content), mimetype=kind, max_age=0)
    response.headers["Content-Disposition"] = disposed("attachment", name)
    return response
