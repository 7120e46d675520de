"""Under what circumstances something happens: the request's id and the client's address (encrypted), for the ledger.

The id is the portal's own: what a client sends under that name is never taken. It is in ``g.cqgov_request_id`` and in the
answer's header ``X-Request-ID``, also of pages that the page cache answers, so that whoever complains can name it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import ckan.plugins.toolkit as tk
from flask import Flask, g, has_request_context, request

from ckanext.cqgov import keyring

log = logging.getLogger(__name__)

HEADER = "X-Request-ID"
ENVIRON = "cqgov.request_id"
KEPT = "cqgov_circumstances"
CLAIMED = "cqgov.claimed_address"
"""Where of a request's environment stands what a proxy claims of the client's address: evidence, which nothing goes by."""


@dataclass(frozen=True)
class Circumstances:
    """The request's id and the client's encrypted address; both None where there is no request, or no key."""

    request_id: str | None = None
    address: str | None = None


def install(app: Flask) -> Flask:
    """Return the application with an id for every request, before everything else."""
    inner = app.wsgi_app

    def identified(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        name = environ[ENVIRON] = uuid4().hex

        def begin(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            headers = [(key, value) for key, value in headers if key.lower() != HEADER.lower()] + [(HEADER, name)]
            return start(status, headers, exc_info) if exc_info else start(status, headers)

        return inner(environ, begin)

    app.wsgi_app = identified  # type: ignore[method-assign]
    app.before_request_funcs.setdefault(None, []).insert(0, note)
    return app


def note() -> None:
    """Put the request's id where everything finds it (``before_request``)."""
    g.cqgov_request_id = request.environ.setdefault(ENVIRON, uuid4().hex)


def now() -> Circumstances:
    """Return the circumstances of what happens just now; found out once per request, and only when asked for."""
    if not has_request_context():
        return Circumstances()
    found = g.get(KEPT)
    if found is None:
        found = Circumstances(request.environ.setdefault(ENVIRON, uuid4().hex), _address())
        setattr(g, KEPT, found)
    return found


def key_file(name: str) -> Path | None:
    """Return the path that the configuration names for ``key``, ``address_key`` or ``checkpoints``; None without one."""
    value = tk.config.get(f"ckanext.cqgov.ledger.{name}")
    return Path(value) if value else None


def _address() -> str | None:
    """Return the client's address, encrypted; what a proxy claims is kept beside it, for the proxy may be anybody."""
    path, address = key_file("address_key"), request.remote_addr
    if path is None or not address:
        return None
    claimed = request.environ.get(CLAIMED, "")
    try:
        return keyring.encrypted(path, f"{address} ({claimed[:200]})" if claimed else address)
    except keyring.KeyFault as fault:
        log.error("the ledger records no address: %s", fault)
        return None
