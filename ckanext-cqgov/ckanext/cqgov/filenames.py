"""Original file names of uploads: kept as handed in, sent back by RFC 6266.

CKAN strips everything but ASCII letters from an uploaded file's name, so 重庆公交线路.csv becomes ``.csv`` and
loses even its type. The name as handed in is therefore kept in the resource's ``original_name``, and the download
answers with it.
"""

from __future__ import annotations

import unicodedata
from typing import Any
from urllib.parse import quote

from ckan.lib.munge import munge_filename
from flask import Blueprint, Response, g, request
from werkzeug.datastructures import FileStorage

from ckanext.cqgov.catalogue.vault_upload import ResourceFile
from ckanext.cqgov.limits import uploads
from ckanext.cqgov.model import vault

FIELD = "original_name"
LONGEST = 200  # bytes in UTF-8; common file systems end at 255
PLAIN = "data"  # the stored name's stem where the original one has no ASCII letter or digit
UNQUOTED = "!#$&+-.^_`|~"  # RFC 5987 attr-char besides letters and digits
DOWNLOAD = "_resource.download"  # the end of CKAN's download endpoints, one for each dataset type

blueprint = Blueprint("cqgov_filenames", __name__)


def cleaned(name: str) -> str:
    """Return a file name without folders, control characters and outer blanks, at most 200 bytes, its ending kept.

    An empty string means that nothing usable is left.
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    visible = "".join(character for character in last if character.isprintable()).strip().lstrip(".")
    stem, dot, ending = visible.rpartition(".")
    if not dot or len(ending.encode()) > 20:
        stem, dot, ending = visible, "", ""
    room = LONGEST - len((dot + ending).encode())
    kept = stem.encode()[:room].decode(errors="ignore").rstrip()
    return kept + dot + ending if kept else ""


def plain(name: str) -> str:
    """Return the ASCII name under which CKAN may store a file, with the ending of ``name``."""
    munged = munge_filename(name)
    stem, dot, ending = munged.rpartition(".")
    if not dot:
        stem, ending = munged, ""
    if any(character.isalnum() for character in stem):
        return munged
    return f"{PLAIN}{dot}{ending}"


class FileNames:
    """Parts of ``IUploader`` and ``IResourceController``: they note the name; the file goes where the entry belongs."""

    def get_uploader(self, upload_to: str, old_filename: str | None = None) -> None:
        """Leave pictures of organisations and users to CKAN."""
        return None

    def get_resource_uploader(self, resource: dict[str, Any]) -> ResourceFile | None:
        """Keep the name of a file that comes with ``resource``; where the file goes is decided when the entry is stored."""
        uploads.check(resource)
        upload = resource.get("upload")
        if isinstance(upload, FileStorage) and upload.filename:
            original = cleaned(upload.filename)
            if original:
                resource[FIELD] = original
            upload.filename = plain(upload.filename)
            return ResourceFile(self, resource, original)
        if resource.get("clear_upload"):
            resource.pop(FIELD, None)
        return None

    def before_resource_update(self, context: Any, current: dict[str, Any], resource: dict[str, Any]) -> None:
        """Keep the name through an edit that neither sends it nor replaces the file, as CKAN's own form does."""
        replaced = resource.get("upload") or resource.get("clear_upload")
        if not replaced and current.get("url_type") == "upload" and current.get(FIELD):
            resource.setdefault(FIELD, current[FIELD])


def disposed(kind: str, name: str) -> str:
    """Return the header that sends a file (``kind``: inline or attachment) under ``name``, in ASCII and as ``filename*``."""
    return f"{kind}; filename=\"{plain(name)}\"; filename*=UTF-8''{quote(name, safe=UNQUOTED)}"


def standing_of(resource_id: Any) -> vault.Standing | None:
    """Return how the resource of this request stands; asked for once, by the gate of downloads and for the name."""
    known = g.setdefault("cqgov_resources", {})
    if resource_id not in known:
        known[resource_id] = vault.standing(resource_id)
    return known[resource_id]


@blueprint.before_app_request
def name_download() -> None:
    """Let a download know the file's original name, whatever name its address carries; storages that redirect sign it.

    Only the name changes here: who may download is decided by the view that follows.
    """
    if not (request.endpoint or "").endswith(DOWNLOAD) or not request.view_args:
        return
    resource = standing_of(request.view_args.get("resource_id"))
    original = cleaned(str(resource.extras.get(FIELD) or "")) if resource and resource.public else ""
    if original:
        request.view_args["filename"] = g.cqgov_filename = original


@blueprint.after_app_request
def name_response(response: Response) -> Response:
    """Send the name twice, after RFC 6266: in ASCII for old programs and in UTF-8 as ``filename*``.

    CKAN's file storage puts the raw characters into the header, which no WSGI server can send outside Latin-1. It also
    says ``charset=utf-8`` of every text, which is untrue of a department's GBK file; nobody knows, so nothing is said.
    """
    original = g.get("cqgov_filename")
    disposition = response.headers.get("Content-Disposition")
    if original and disposition:
        kind = disposition.partition(";")[0].strip()
        response.headers["Content-Disposition"] = disposed(kind, original)
        if response.mimetype.startswith("text/"):
            response.headers["Content-Type"] = response.mimetype
    return response
