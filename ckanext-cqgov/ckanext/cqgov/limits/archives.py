"""Looks through archives entry by entry, as a stream: what they hold, and how large they really are when unpacked."""

from __future__ import annotations

import gzip
import sys
import zipfile
import zlib
from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from ckanext.cqgov.domain import limits_uploads as domain
from ckanext.cqgov.domain.text import Text

CHUNK = 256 * 1024
IN_MEMORY = 8_000_000
"""Bytes of an inner archive that are kept in memory; a larger one goes to a temporary file."""

LISTED = 512
"""Bytes that an entry may take in an archive's table of contents, on average; that of a file of 10 letters takes 56."""

STREAMED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Methods of which Python unpacks no more than it is asked for. Of any other, one piece may unpack to gigabytes at once."""


class Refused(Exception):
    """An archive that is not taken; ``said`` tells why."""

    def __init__(self, said: Text) -> None:
        super().__init__(str(said))
        self.said = said


class Sparing:
    """A file of which no more than ``most`` bytes are read at once: a zip's table of contents is read whole, however long."""

    def __init__(self, file: IO[bytes], most: int, said: Text) -> None:
        self._file, self._most, self._said = file, most, said

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes; raises ``Refused`` where too many are wanted."""
        if size > self._most:
            raise Refused(self._said)
        return self._file.read(size)


class Look:
    """One look through an archive and the archives within it; counts go over all of them together."""

    def __init__(self, size: int, limits: domain.ArchiveLimits) -> None:
        self._limits = limits
        self._packed = max(size, 1)
        self._entries = 0
        self._unpacked = 0

    def through(self, file: IO[bytes], name: str, depth: int = 1) -> None:
        """Read the archive ``file`` (positioned anywhere); raises ``Refused``.

        :param name: its name, by which its kind is known besides its first bytes.
        :param depth: its level; the uploaded file is 1.
        """
        if depth > self._limits.depth:
            raise Refused(domain.TOO_DEEP.filled(limit=self._limits.depth))
        file.seek(0)
        gzipped = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        try:
            self._gzip(file, name, depth) if gzipped else self._zip(file, depth)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, KeyError) as error:
            raise Refused(domain.BROKEN) from error

    def _zip(self, file: IO[bytes], depth: int) -> None:
        most = max(CHUNK, self._limits.entries * LISTED)
        with zipfile.ZipFile(
            Sparing(file, most, domain.TOO_MANY_ENTRIES.filled(limit=self._limits.entries))
        ) as archive:
            entries = archive.infolist()
            self._count(len(entries))
            self._weigh(sum(entry.file_size for entry in entries), only_looked=True)
            for entry in entries:
                if domain.leads_out(entry.filename):
                    raise Refused(domain.ESCAPES.filled(name=entry.filename[:100]))
                if entry.is_dir():
                    continue
                if entry.flag_bits & 0x1:
                    raise Refused(domain.ENCRYPTED)
                if entry.compress_type not in STREAMED:
                    raise Refused(domain.OTHER_METHOD.filled(name=entry.filename[:100]))
                entry.file_size = sys.maxsize  # read to the real end: Python stops where an entry says that it ends
                with archive.open(entry) as inner:
                    self._content(chunks(inner), entry.filename, depth)

    def _gzip(self, file: IO[bytes], name: str, depth: int) -> None:
        self._count(1)
        with gzip.GzipFile(fileobj=file) as inner:
            self._content(chunks(inner), name.removesuffix(".gz"), depth)

    def _content(self, content: Iterator[bytes], name: str, depth: int) -> None:
        """Read one entry to its end; what is an archive itself is looked through as well."""
        first = next(content, b"")
        if domain.is_program(name, first[: domain.HEAD]):
            raise Refused(domain.HOLDS_PROGRAM.filled(name=name[:100]))
        self._weigh(len(first))
        inner = first.startswith((*domain.STARTS[domain.ZIP], *domain.STARTS[domain.GZIP]))
        if not inner:
            for chunk in content:
                self._weigh(len(chunk))
            return
        with SpooledTemporaryFile(IN_MEMORY) as kept:
            kept.write(first)
            for chunk in content:
                self._weigh(len(chunk))
                kept.write(chunk)
            self.through(kept, name, depth + 1)

    def _count(self, more: int) -> None:
        self._entries += more
        if self._entries > self._limits.entries:
            raise Refused(domain.TOO_MANY_ENTRIES.filled(limit=self._limits.entries))

    def _weigh(self, more: int, *, only_looked: bool = False) -> None:
        """Add bytes; ``only_looked`` for what an archive says of itself, which is checked but not believed."""
        unpacked = self._unpacked + more
        if unpacked > self._limits.size * 1_000_000:
            raise Refused(domain.UNPACKS_TOO_LARGE.filled(limit=self._limits.size))
        if unpacked > max(domain.FREE, self._packed * self._limits.ratio):
            raise Refused(domain.PACKED_TOO_WELL.filled(limit=self._limits.ratio))
        if not only_looked:
            self._unpacked = unpacked


def chunks(file: IO[bytes]) -> Iterator[bytes]:
    """Return the contents piece by piece."""
    while chunk := file.read(CHUNK):
        yield chunk
