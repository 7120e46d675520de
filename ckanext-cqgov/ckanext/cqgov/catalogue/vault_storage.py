"""Where the vault's files are: a storage of CKAN's of its own, which no route of CKAN serves (ADR 0009).

A file gets a new random key with every upload and is never overwritten; a row names it only when all of it is there, and it is
removed when no row names it any more. So a crash leaves at worst a file that nobody can reach, which ``sweep`` removes.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO, NamedTuple
from uuid import uuid4

import ckan.plugins.toolkit as tk
import file_keeper as fk
from ckan.exceptions import CkanConfigurationException
from ckan.lib import files
from file_keeper.default.adapters.fs import FsStorage

from ckanext.cqgov.model import vault

CONFIG = "ckanext.cqgov.vault.storage"
SPARED = timedelta(days=1)
"""Age up to which a file without a row is spared: its upload may not be committed yet."""

CHUNK = 1 << 20


class Stored(NamedTuple):
    """A file in the vault: its key, SHA-256 in hex, and size in bytes."""

    key: str
    sha256: str
    size: int


class Digesting:
    """A stream that is hashed while somebody else reads it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._hash, self.size = stream, hashlib.sha256(), 0

    def read(self, size: int = -1) -> bytes:
        """Return up to ``size`` bytes, all that is left without it."""
        chunk = self._stream.read(size)
        self._hash.update(chunk)
        self.size += len(chunk)
        return chunk

    def __iter__(self) -> Iterator[bytes]:
        while chunk := self.read(CHUNK):
            yield chunk

    @property
    def sha256(self) -> str:
        """The hash of what was read, in hex."""
        return self._hash.hexdigest()


def storage() -> fk.Storage:
    """Return the vault's storage: the configured one, or a folder of its own below CKAN's storage path.

    Raises ``ckan.exceptions.CkanConfigurationException`` where there is neither, or where CKAN would serve it to everybody.
    """
    name = tk.config[CONFIG]
    try:
        found = files.get_storage(name)
    except files.exc.UnknownStorageError:
        found = _folder(name)
        files.storages.register(name, found)
    if getattr(found.settings, "public", False):
        raise CkanConfigurationException(
            f"ckan.files.storage.{name}: 保管库不能设为公开存储 / the vault's storage must not be public"
        )
    return found


def _folder(name: str) -> fk.Storage:
    """Return a storage in a folder beside CKAN's own, closed to other users of the machine."""
    root = tk.config.get("ckan.storage_path")
    if not root:
        raise CkanConfigurationException(
            f"没有保管库存储：请设置 ckan.files.storage.{name}.* 或 ckan.storage_path / "
            f"there is no storage for the vault: set ckan.files.storage.{name}.* or ckan.storage_path"
        )
    path = os.path.join(root, "vault")
    os.makedirs(path, mode=0o700, exist_ok=True)
    return files.make_storage(name, {"type": "ckan:fs", "path": path, "name": name})


def path_of(key: str) -> str | None:
    """Return the file's path where the vault is a folder of this machine, else None.

    Raises ``file_keeper.exc.LocationError`` for a key that leads out of it.
    """
    found = storage()
    return found.full_path(files.Location(key)) if _is_folder(found) else None


def _is_folder(found: fk.Storage) -> bool:
    return isinstance(found, FsStorage)


def put(stream: BinaryIO, size: int, media_type: str) -> Stored:
    """Store what is left of ``stream`` (``size`` bytes, as far as known) under a new key, hashing it on the way.

    Raises ``ValidationError`` at ``upload`` when the storage finds the file too large.
    """
    found, digest = storage(), Digesting(stream)
    key = f"{datetime.now(UTC):%Y%m%d}/{uuid4().hex}"
    folder = _is_folder(found)
    if folder:
        os.chmod(found.settings.path, 0o700)
        os.makedirs(os.path.dirname(found.full_path(files.Location(key))), mode=0o700, exist_ok=True)
    try:
        found.upload(files.Location(key), files.Upload(digest, key.rpartition("/")[2], size, media_type))
    except files.exc.LargeUploadError as error:
        raise tk.ValidationError({"upload": [str(error)]}) from error
    if folder:
        _kept(found.full_path(files.Location(key)))
    return Stored(key, digest.sha256, digest.size)


def _kept(path: str) -> None:
    """Close a file to other users, and have it on the disk before any row names it."""
    os.chmod(path, 0o600)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def chunks(key: str, start: int = 0, end: int | None = None) -> Iterable[bytes]:
    """Return the bytes of a file from ``start`` up to and without ``end``, piece by piece.

    Raises ``file_keeper.exc.MissingFileError`` when it is not there.
    """
    found, data = storage(), files.FileData(files.Location(key))
    if (start or end is not None) and found.supports(files.Capability.RANGE):
        return found.range(data, start, end)
    return _part(found.stream(data), start, end)


def _part(source: Iterable[bytes], start: int, end: int | None) -> Iterator[bytes]:
    """Yield a part of a stream whose storage gives no parts."""
    position = 0
    for chunk in source:
        first, last = max(start - position, 0), len(chunk) if end is None else min(end - position, len(chunk))
        position += len(chunk)
        if first < last:
            yield chunk[first:last]
        if end is not None and position >= end:
            return


def exists(key: str) -> bool:
    """Say whether the vault has the file."""
    return bool(key) and storage().exists(files.FileData(files.Location(key)))


def remove(key: str) -> None:
    """Remove a file that no row names any more; one that is gone is no error."""
    if key:
        with suppress(files.exc.MissingFileError):
            storage().remove(files.FileData(files.Location(key)))


def sweep(now: datetime) -> int:
    """Remove files that no row names and that are older than a day; returns how many. ``now`` has a time zone."""
    found = storage()
    if not found.supports(files.Capability.SCAN):
        return 0
    last = f"{now.astimezone(UTC) - SPARED:%Y%m%d}"
    # the files first: one that is stored meanwhile is not among them, whatever the rows say
    old = [key for key in map(str, found.scan()) if key.partition("/")[0] < last]
    unnamed = set(old) - vault.keys()
    for key in unnamed:
        remove(key)
    return len(unnamed)


class _Pieces(io.RawIOBase):
    """An iterable of bytes as a raw stream."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces, self._left = iter(pieces), memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any) -> int:
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._left = memoryview(piece)
        count = min(len(target), len(self._left))
        target[:count], self._left = self._left[:count], self._left[count:]
        return count


def reader(pieces: Iterable[bytes]) -> BinaryIO:
    """Return an iterable of bytes as a stream that can be read; what can be read already stays as it is."""
    return pieces if hasattr(pieces, "read") else io.BufferedReader(_Pieces(pieces), CHUNK)  # type: ignore[return-value]
