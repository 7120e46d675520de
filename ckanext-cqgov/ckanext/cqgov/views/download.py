"""Downloads of what is not open, on CKAN's own address of a download and on ``/download/<token>``; and open files made harmless.

One gate stands before every route of CKAN that gives out a resource's bytes, rows or address, whatever type of dataset it is for:
what is not open is not there. CKAN's own views then never meet it.
"""

from __future__ import annotations

import logging
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
from ckan.lib import files
from ckan.plugins import plugin_loaded
from flask import Blueprint, Response, request
from sqlalchemy import select

from ckanext.cqgov import ledger
from ckanext.cqgov.catalogue import access, attachments, grants, vault
from ckanext.cqgov.catalogue.vault_storage import CONFIG as VAULT
from ckanext.cqgov.domain.access import Level
from ckanext.cqgov.domain.vault import FILE, LINK
from ckanext.cqgov.download import extract, link, streaming
from ckanext.cqgov.filenames import DOWNLOAD, standing_of
from ckanext.cqgov.logic import asking
from ckanext.cqgov.model import vault as rows

log = logging.getLogger(__name__)

blueprint = Blueprint("cqgov_download", __name__)

TABLES = ("datastore.", "datatablesview.", "resource_proxy.")
FILES = "file."
MISSING = {"datastore.dump": "DataStore resource not found"}
"""What CKAN says there of a resource that does not exist, so that nothing tells it from one that is hidden."""
POLICY = "Content-Security-Policy"
HARMLESS = ("image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf", "text/plain", "text/csv")
"""What a browser may show of an open file by itself. Anything else it saves: HTML and SVG would run as a part of the portal."""


@blueprint.before_app_request
def gate() -> Any:
    """Answer in CKAN's place where a route would lead to data that are not open; None lets it pass."""
    endpoint, named = request.endpoint or "", request.view_args or {}
    if endpoint.endswith(DOWNLOAD):
        found = standing_of(named.get("resource_id"))
        # what does not exist goes the same way as what is hidden, or the number of queries would tell one from the other
        return None if found is not None and found.public else forwarded(named.get("resource_id"), found)
    if endpoint.startswith(TABLES) and not _open(_resource_of(named), missing=False):
        return tk.abort(404, tk._(MISSING.get(endpoint, "Resource not found")))
    if endpoint.startswith(FILES) and not _file_open(named):
        return tk.abort(404)
    return None


def _resource_of(named: dict[str, Any]) -> Any:
    """Return what of an address names a resource: itself, or one of its previews."""
    view_id = named.get("resource_view_id")
    view = model.ResourceView.get(view_id) if view_id else None
    return view.resource_id if view is not None else named.get("resource_id")


def _open(resource: Any, missing: bool = True) -> bool:
    """Say whether a resource, by id or by an alias of its table, is open; ``missing`` is the answer for what does not exist, which
    otherwise is left to CKAN. The DataStore's own tables begin with ``_``."""
    if not isinstance(resource, str):
        return True
    if plugin_loaded("datastore"):
        from ckanext.cqgov.logic.action.data_table import real_id

        resource = real_id(resource)
    found = rows.standing(resource)
    return (missing or resource.startswith("_")) if found is None else found.public


def _file_open(named: dict[str, Any]) -> bool:
    """Say whether CKAN may serve a file of its storages: never the vault's, nor one of an entry that is not open.

    Whether there is a file or not, the same is asked of the database.
    """
    guarded = {tk.config[VAULT], tk.config["ckan.files.default_storages.resource"]}
    storage = named.get("storage_name")
    if storage in guarded:
        return False
    if storage and not _public(storage):
        return True  # CKAN says so of any file there
    file = _file(named)
    owner = file.owner if file is not None else None
    key = owner.owner_id if owner is not None else str(named.get("id") or named.get("location") or "")
    resource, package = rows.standing(key), rows.opened(key)
    if file is None:
        return "id" not in named
    if file.storage in guarded:
        return False
    if owner is None or owner.owner_type not in (attachments.PACKAGE, attachments.RESOURCE):
        return True
    return package if owner.owner_type == attachments.PACKAGE else resource is not None and resource.public


def _public(storage: str) -> bool:
    """Say whether CKAN gives whatever lies in a storage to everybody."""
    try:
        return bool(getattr(files.get_storage(storage).settings, "public", False))
    except files.exc.UnknownStorageError:
        return False


def _file(named: dict[str, Any]) -> Any:
    """Return the file that an address or a token of CKAN's names, None where that can't be told."""
    if named.get("id"):
        return model.Session.get(model.File, named["id"])
    if named.get("storage_name"):
        return model.Session.scalar(model.File.by_location(named["location"], named["storage_name"]))
    from ckan.lib import api_token

    try:
        said = api_token.decode_token(named.get("token") or "", audience="trusted_download")
    except Exception:  # whatever is wrong with it, CKAN answers 404
        return None
    if "sub" in said:
        return model.Session.get(model.File, said["sub"])
    found = select(model.File).where(
        model.File.location == said.get("location"), model.File.storage == said.get("storage")
    )
    return model.Session.scalar(found)


def forwarded(resource_id: Any, found: rows.Standing | None) -> Any:
    """Send who may have the data on to a link of their own; to others say why not, or that there is nothing."""
    try:
        told = tk.get_action("cqgov_download_link")(asking.reader(), {"id": resource_id})
    except tk.ObjectNotFound:
        return tk.abort(404, tk._("Resource not found"))
    except tk.NotAuthorized as error:
        package_id = found.package_id if found else ""
        return refused(package_id, str(resource_id), str(error) if isinstance(error, grants.Withheld) else None)
    return streaming.redirect(told["url"])


def refused(package_id: str, resource_id: str, reason: str | None = None) -> Any:
    """Answer 403, with the reason where there is one, to who sees the catalogue entry but may not have the data; record it."""
    ledger.refused(asking.reader(), "data.read", "dataset", package_id, {"resource_id": resource_id})
    general = tk._("These data are open on conditions: ask the provider for them, as the entry's page says")
    return tk.abort(403, reason or general)


@blueprint.route("/download/<token>")
def follow(token: str) -> Any:
    """Give the data that a link leads to, to its holder alone and only while they may have them (Arts. 16, 19, 22, 24)."""
    try:
        said = link.read(token)
    except link.Expired:
        return tk.abort(410, tk._("This link is no longer good. Open the resource's page and start the download again"))
    user = asking.user(asking.reader())
    resource = model.Resource.get(said.resource_id) if said and link.held(said, user) else None
    if said is None or resource is None or resource.state != "active":
        return tk.abort(404, tk._("Resource not found"))
    try:
        access.require(asking.reader(), resource.package, Level.DATA)
    except tk.ObjectNotFound:
        return tk.abort(404, tk._("Resource not found"))
    except tk.NotAuthorized:
        return refused(resource.package_id, resource.id)
    return given(resource)


def given(resource: Any) -> Any:
    """Record that the data are read, then send the file, or send on to the link."""
    held = vault.address(resource.id)
    if held is None:  # it was opened since the link was made
        shown = tk.get_action("resource_show")(asking.reader(), {"id": resource.id})
        return streaming.redirect(shown["url"]) if shown.get("url") else tk.abort(404, tk._("No download is available"))
    if held.kind == FILE and not held.address:
        return tk.abort(404, tk._("No download is available"))
    served = grants.what_to_serve(access.viewer(asking.reader()), resource)
    if not isinstance(served, grants.Original):
        return extract.answer(asking.reader(), resource, served, held)
    if request.method != "HEAD" or held.kind == LINK:  # where a link leads is told to HEAD as well
        part = request.headers.get("Range")
        ledger.read(asking.reader(), held.package_id, resource.id, {"range": part[:200]} if part else None)
    if held.kind == LINK:
        return streaming.redirect(held.address)
    try:
        return streaming.file(held)
    except files.exc.MissingFileError:
        log.error("The file of resource %s is not in the vault", resource.id)
        return tk.abort(404, tk._("No download is available"))


@blueprint.after_app_request
def made_harmless(response: Response) -> Response:
    """Let no uploaded file run as a part of the portal: of an open download a browser shows only what can't do anything.

    (That a browser neither guesses the type nor leaves the file its origin is ``limits.headers``' part.)
    """
    if not (request.endpoint or "").endswith(DOWNLOAD) and not (request.endpoint or "").startswith(FILES):
        return response
    disposition = response.headers.get("Content-Disposition")
    if disposition and response.mimetype not in HARMLESS:
        response.headers["Content-Disposition"] = "attachment" + disposition[len(disposition.partition(";")[0]) :]
    return response


@blueprint.after_app_request
def kept_by_nobody(response: Response) -> Response:
    """Have nobody keep an answer that is for one person: CKAN, and a refusal, say less."""
    if request.endpoint == "cqgov_download.follow":
        page = response.status_code >= 400  # a page of the portal, with the portal's own policy
        kept = {key: value for key, value in streaming.PRIVATE.items() if not (page and key == POLICY)}
        response.headers.update(kept)
    return response
