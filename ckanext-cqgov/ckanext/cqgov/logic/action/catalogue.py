"""Actions of the catalogue as a whole: import, its report, export."""

from __future__ import annotations

import base64
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.cqgov.exchange import exporting, operation, runs, upload
from ckanext.cqgov.exchange.merging import Wishes
from ckanext.cqgov.exchange.unreadable import Unreadable
from ckanext.cqgov.language import pick
from ckanext.cqgov.logic.input import Input

__all__ = ["cqgov_catalogue_export", "cqgov_catalogue_import", "cqgov_catalogue_import_show"]


def cqgov_catalogue_import(context, data_dict):
    """Import a catalogue file: the national template, or a portal's listing.

    :param upload: the file (multipart), .xlsx, .csv or .json, gzipped if you like
    :param run: instead of ``upload``, the id of a dry run whose file is now to be imported (kept for a day)
    :param organization: id or name of the organisation to which everything belongs; only a sysadmin may leave it out,
        each row's provider is then looked up
    :param mapping: name of a shipped mapping (optional; recognised by the columns)
    :param dry_run: only check and report (optional, default false)
    :param publish: make public what may be public (optional, default false)
    :param draft: store new entries as drafts (optional, default false)

    :returns: the run, as ``cqgov_catalogue_import_show`` gives it; a large file is imported by a background job and its
        ``state`` is first ``waiting``
    :raises NotAuthorized: for whom may not import into the organisation
    :raises ValidationError: when the file cannot be read or understood at all; nothing was imported then
    """
    tk.check_access("cqgov_catalogue_import", context, data_dict)
    given = Input(data_dict)
    named, mapping = given.text("organization"), given.text("mapping")
    flags = {key: given.flag(key) for key in ("publish", "draft", "dry_run")}
    given.done()
    try:
        actor = operation.actor_named(context.get("user"))
        organization = operation.organization_named(named)
    except Unreadable as error:
        raise tk.ValidationError({"organization": [pick(error.wrong), pick(error.fix)]}) from error
    if flags["publish"] and flags["draft"]:
        raise tk.ValidationError({"draft": [tk._("Choose publish or draft, not both")]})
    name, content = _file(context, data_dict)
    wishes = Wishes(organization, flags["publish"], flags["draft"])
    try:
        row = upload.received(name, content, actor, wishes, mapping, flags["dry_run"])
    except Unreadable as error:
        raise tk.ValidationError({"upload": [pick(error.wrong), pick(error.fix)]}) from error
    return upload.shown(row)


def _file(context: Any, data_dict: dict[str, Any]) -> tuple[str, bytes]:
    """Return name and content of the uploaded file, or of the dry run that is to be repeated in earnest."""
    if data_dict.get("run"):
        tk.check_access("cqgov_catalogue_import_show", tk.fresh_context(context), {"id": data_dict["run"]})
        row = runs.get(str(data_dict["run"]))
        if row is None or row.content is None:
            raise tk.ValidationError({"run": [tk._("The file of this run is no longer kept; upload it again")]})
        return row.file_name, bytes(row.content)
    given = data_dict.get("upload")
    if not hasattr(given, "read") or not getattr(given, "filename", None):
        raise tk.ValidationError({"upload": [tk._("Choose a file")]})
    limit = tk.config.get("ckanext.cqgov.import.max_size") * 1_000_000
    return given.filename, given.read(limit + 1)


@tk.side_effect_free
def cqgov_catalogue_import_show(context, data_dict):
    """Return how far an import is and what became of every row.

    :param id: the run's id

    :returns: ``state`` (waiting, running, done, failed), ``rows_read``, ``rows`` and ``records`` by outcome (created,
        updated, unchanged, duplicate, differing, rejected; they sum up to ``rows_read``), ``findings`` (columns not
        read, unknown departments), ``rejects`` (the first 200 lines), ``error``
    :raises NotFound: when there is no such run
    :raises NotAuthorized: for whom may not see it
    """
    row = runs.get(str(tk.get_or_bust(data_dict, "id")))
    if row is None:
        raise tk.ObjectNotFound(tk._("There is no such import"))
    tk.check_access("cqgov_catalogue_import_show", context, data_dict)
    return upload.shown(row)


@tk.side_effect_free
def cqgov_catalogue_export(context, data_dict):
    """Export the catalogue in the national template: public entries, and those of the organisations one belongs to.

    :param organization: id or name of one organisation (optional)

    :returns: ``{"file_name", "count", "content"}``; ``content`` is the workbook (.xlsx) in base64
    :raises NotAuthorized: for visitors without an account
    :raises ValidationError: when the organisation is unknown, or the catalogue does not fit into a worksheet
    """
    tk.check_access("cqgov_catalogue_export", context, data_dict)
    given = Input(data_dict)
    named = given.text("organization")
    given.done()
    try:
        organization = operation.organization_named(named)
        actor = operation.actor_named(context.get("user"))
        with TemporaryDirectory(prefix="cqgov-export-") as folder:
            path = Path(folder) / "catalogue.xlsx"
            count = exporting.export(path, organization, actor)
            content = path.read_bytes()
    except Unreadable as error:
        raise tk.ValidationError({"organization": [pick(error.wrong), pick(error.fix)]}) from error
    owner = model.Group.get(organization) if organization else None
    title = f"{owner.title or owner.name}信息资源目录.xlsx" if owner else "信息资源目录.xlsx"
    return {"file_name": title, "count": count, "content": base64.b64encode(content).decode("ascii")}
