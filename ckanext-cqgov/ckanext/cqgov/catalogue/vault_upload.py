"""Uploads: to CKAN's public files where the entry is open, into the vault where it is not.

CKAN asks for an uploader before it validates, when nobody knows yet what becomes of the entry, and has it store the file
after the resource's row is written: what that row says then decides.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import ckan.model as model
import ckan.plugins as p
import ckan.plugins.toolkit as tk
import magic
import sqlalchemy as sa
from werkzeug.datastructures import FileStorage

from ckanext.cqgov.catalogue import public_file, vault_storage
from ckanext.cqgov.domain.vault import FILE, URL_TYPE, Holding
from ckanext.cqgov.model import vault as rows

MEGABYTE = 1 << 20
SAMPLE = 2048


class ResourceFile:
    """An uploader around CKAN's (or another plugin's) own: everything but where the file goes is theirs.

    ``original_name`` is the file's name as it was handed in.
    """

    def __init__(self, plugin: Any, resource: dict[str, Any], original_name: str | None) -> None:
        upload = resource.get("upload")
        self._file = upload if isinstance(upload, FileStorage) and upload.filename else None
        self._name = original_name
        others = (other for other in p.PluginImplementations(p.IUploader) if other is not plugin)
        self._own = next(filter(None, (other.get_resource_uploader(resource) for other in others)), None)
        if self._own is None:
            self._own = public_file.uploader(resource)
        self._plain = resource.get("url")
        self._format = resource.get("format")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._own, name)

    def upload(self, id: str, max_size: int = 10) -> None:
        """Store the file of the resource ``id``, of at most ``max_size`` MB; raises ``ValidationError`` when it is larger."""
        table = model.resource_table
        query = sa.select(table.c.url_type, table.c.package_id).where(table.c.id == id)
        row = model.Session.execute(query).one_or_none()
        if row is None or row.url_type != URL_TYPE:
            self._own.upload(id, max_size)
        elif self._file is not None and tk.config["ckan.uploads_enabled"]:
            rows.put([self._stored(self._file, id, row.package_id, max_size)])

    def _stored(self, file: FileStorage, id: str, package_id: str, max_size: int) -> Holding:
        stream = file.stream
        size = stream.seek(0, 2)
        if size > max_size * MEGABYTE:
            raise tk.ValidationError(
                {"upload": [tk._("The file is too large: at most {size} MB").format(size=max_size)]}
            )
        stream.seek(0)
        head = stream.read(SAMPLE)
        stream.seek(0)
        kind = getattr(self._own, "mimetype", None) or magic.from_buffer(head, mime=True)
        stored = vault_storage.put(stream, size, kind)
        fresh = Holding(
            resource_id=id,
            package_id=package_id,
            kind=FILE,
            address=stored.key,
            original_name=self._name or self._plain,
            format=self._format or None,
            media_type=kind,
        )
        return replace(fresh, size=stored.size, sha256=stored.sha256, facts={"url": self._plain, "mimetype": kind})
