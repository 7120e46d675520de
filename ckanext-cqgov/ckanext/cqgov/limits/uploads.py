"""Looks at a file before it is stored: size, ending, contents, and what is in it when it is an archive."""

from __future__ import annotations

import os
from typing import IO, Any

import ckan.plugins.toolkit as tk
import magic
from werkzeug.datastructures import FileStorage

from ckanext.cqgov.domain import limits_uploads as domain
from ckanext.cqgov.domain.text import Text
from ckanext.cqgov.language import pick
from ckanext.cqgov.limits.archives import Look, Refused
from ckanext.cqgov.limits.settings import setting


def check(resource: dict[str, Any]) -> None:
    """Refuse the file that comes with a resource, when it may not be uploaded: a ``ValidationError`` at ``upload``.

    To be called before anything is stored and before the file's name is changed; reads the file and leaves it at its
    beginning.
    """
    upload = resource.get("upload")
    if isinstance(upload, FileStorage) and upload.filename and (wrong := problem(upload.stream, upload.filename)):
        raise tk.ValidationError({"upload": [pick(wrong)]})


def problem(file: IO[bytes], name: str) -> Text | None:
    """Return why a file may not be uploaded, or nothing.

    :param file: the file, which can be positioned; it is left at its beginning.
    :param name: its name as handed in.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    try:
        head = file.read(domain.HEAD)
        wrong = domain.problem(
            name, size, head, type_of(head), allowed=setting("upload.formats"), limit=setting("upload.max_size")
        )
        return wrong or archive_problem(file, name, size, head)
    finally:
        file.seek(0)


def archive_problem(file: IO[bytes], name: str, size: int, head: bytes) -> Text | None:
    """Return what is wrong within an archive, or nothing; contents decide whether it is one, whatever the ending says."""
    starts = (*domain.STARTS[domain.ZIP], *domain.STARTS[domain.GZIP])
    if not head.startswith(starts):
        return None
    try:
        Look(size, limits()).through(file, name)
    except Refused as refused:
        return domain.IN_ARCHIVE.filled(name=name, why=refused.said)
    return None


def limits() -> domain.ArchiveLimits:
    """Return what the operator allows an archive."""
    names = ("archive_entries", "archive_size", "archive_ratio", "archive_depth")
    return domain.ArchiveLimits(*(setting(f"upload.{name}") for name in names))


def type_of(head: bytes) -> str:
    """Return what ``libmagic`` calls contents by their beginning."""
    return magic.from_buffer(head, mime=True) if head else ""
