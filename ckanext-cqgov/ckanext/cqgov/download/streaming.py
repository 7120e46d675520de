"""How the bytes of the vault are sent: in parts where parts are asked for, at the speed of a plain file, kept by nobody on the way.

A file in a folder goes out as the server's own file wrapper, which gunicorn hands to the kernel (``sendfile``): the bytes never
pass through Python, and memory stays flat. Any other storage is read piece by piece.
"""

from __future__ import annotations

import os
from datetime import datetime
from typing import Any, BinaryIO

from ckan.lib import files
from flask import Response, request
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.wsgi import wrap_file

from ckanext.cqgov.catalogue import vault_storage
from ckanext.cqgov.domain.vault import Holding
from ckanext.cqgov.filenames import disposed

PRIVATE = {
    "Cache-Control": "private, no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "sandbox; default-src 'none'",
}
"""Headers of every answer that carries data which are not open, or the way to them."""

PIECE = 1 << 20


def redirect(address: str) -> Response:
    """Send whoever may know it on to a link; nobody keeps the answer, and the target does not learn where they came from."""
    response = Response(status=303, headers=PRIVATE)
    response.headers["Location"] = address
    response.autocorrect_location_header = False
    return response


def file(held: Holding) -> Response:
    """Send a file of the vault: whole (200), one part of it (206), or say that there is no such part (416).

    Raises ``file_keeper.exc.MissingFileError`` when the storage does not have it.
    """
    path = vault_storage.path_of(held.address)
    if path is not None and not os.path.isfile(path):
        raise files.exc.MissingFileError(vault_storage.storage(), held.address)
    size = os.path.getsize(path) if path is not None else held.size or 0
    try:
        part = _part(size, held.sha256)
    except RequestedRangeNotSatisfiable as error:  # CKAN's page of errors would lose the size
        return Response(status=416, headers={**PRIVATE, **dict(error.get_headers())}, mimetype="text/plain")
    start, end = part or (0, size)
    response = Response(
        status=206 if part else 200, headers=PRIVATE, mimetype=held.media_type or "application/octet-stream"
    )
    if response.mimetype.startswith("text/"):
        response.headers["Content-Type"] = response.mimetype  # a department's table may be in GBK: nothing is claimed
    response.headers["Content-Disposition"] = disposed("attachment", held.original_name or held.resource_id)
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Content-Length"] = str(end - start)
    if held.sha256:
        response.set_etag(held.sha256)
    if part:
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    if request.method == "HEAD":
        return response
    response.direct_passthrough = True
    if path is None:
        response.response = vault_storage.chunks(held.address, start, end if part else None)
    else:
        response.response = wrap_file(request.environ, _opened(path, start, end, size), PIECE)
    return response


def _part(size: int, etag: str | None) -> tuple[int, int] | None:
    """Return first byte and end of the one part that was asked for; None for the whole. Raises 416 where there is no such part.

    Several parts at once are answered with the whole, as RFC 9110 permits; so is a part of a file that has changed meanwhile.
    """
    asked, condition = request.range, request.if_range
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1:
        return None
    if condition.etag is not None and condition.etag != etag or isinstance(condition.date, datetime):
        return None
    found = asked.range_for_length(size)
    if found is None:
        raise RequestedRangeNotSatisfiable(size)
    return found


def _opened(path: str, start: int, end: int, size: int) -> Any:
    """Open a file at ``start``; one that is not sent to its end stops at ``end`` even where the server does not count."""
    source = open(path, "rb")  # noqa: SIM115 - the response closes it
    if start:
        source.seek(start)
    return source if end == size else Bounded(source, end - start)


class Bounded:
    """A file that ends earlier. It keeps the descriptor: gunicorn sends no more of it than the answer says it is long."""

    def __init__(self, source: BinaryIO, length: int) -> None:
        self._source, self._left = source, length
        self.fileno, self.seek, self.tell, self.close = source.fileno, source.seek, source.tell, source.close

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, none after the end."""
        chunk = self._source.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(chunk)
        return chunk
