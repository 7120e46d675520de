"""The file of an open resource, where CKAN's own uploader keeps it: read, written and removed when an entry changes sides."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any, BinaryIO

import file_keeper as fk
import magic
from ckan.common import config
from ckan.lib import files
from ckan.lib.uploader import FKResourceUpload, ResourceUpload

from ckanext.cqgov.catalogue.vault_storage import reader

SAMPLE = 2048


def uploader(resource: dict[str, Any]) -> Any:
    """Return CKAN's own uploader for a resource, as the configuration has it; it takes ``upload`` out of ``resource``."""
    try:
        files.get_storage(config["ckan.files.default_storages.resource"])
    except files.exc.UnknownStorageError:
        return ResourceUpload(resource)
    return FKResourceUpload(resource)


def _place(resource_id: str) -> tuple[fk.Storage | None, Any]:
    """Return the storage and the file's location in it; the storage is None where CKAN keeps plain files."""
    own = uploader({})
    storage = getattr(own, "storage", None)
    if isinstance(storage, fk.Storage):
        return storage, own.get_path(resource_id)
    return None, own.get_path(resource_id) if getattr(own, "storage_path", None) else None


def exists(resource_id: str) -> bool:
    """Say whether there is a public file of the resource."""
    storage, place = _place(resource_id)
    if storage is None:
        return bool(place) and os.path.exists(place)
    return storage.exists(files.FileData(place))


def size(resource_id: str) -> int:
    """Return the size of the public file, in bytes."""
    storage, place = _place(resource_id)
    return os.path.getsize(place) if storage is None else storage.size(place)


def pieces(resource_id: str) -> Iterable[bytes]:
    """Return the bytes of the public file, piece by piece."""
    storage, place = _place(resource_id)
    return _read(place) if storage is None else storage.stream(files.FileData(place))


def _read(path: str) -> Iterator[bytes]:
    with open(path, "rb") as source:
        while chunk := source.read(1 << 20):
            yield chunk


def write(resource_id: str, stream: BinaryIO, length: int, name: str) -> None:
    """Write (or replace) the public file with what ``stream`` has: ``length`` bytes, known to the storage as ``name``."""
    storage, place = _place(resource_id)
    if storage is None:
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(f"{place}~", "wb") as target:
            shutil.copyfileobj(stream, target, 1 << 20)
        os.replace(f"{place}~", place)
        return
    remove(resource_id)
    head = stream.read(SAMPLE)
    rest = reader(_joined(head, stream))
    storage.upload(place, files.Upload(rest, name, length, magic.from_buffer(head, mime=True)))


def _joined(head: bytes, rest: BinaryIO) -> Iterator[bytes]:
    yield head
    while chunk := rest.read(1 << 20):
        yield chunk


def remove(resource_id: str) -> None:
    """Remove the public file; one that is gone is no error."""
    storage, place = _place(resource_id)
    if storage is None:
        for path in (place, f"{place}~") if place else ():  # the second is what a write that was cut short left
            with suppress(FileNotFoundError):
                os.remove(path)
        return
    with suppress(files.exc.MissingFileError):
        storage.remove(files.FileData(place))
