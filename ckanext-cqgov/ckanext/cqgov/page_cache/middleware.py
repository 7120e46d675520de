"""The layer before CKAN that answers visitors with kept pages and tells caches on the way what they may do."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from ckan.config.middleware.flask_app import handle_i18n
from flask import Flask, Response, g, has_request_context, request
from werkzeug.exceptions import HTTPException

from ckanext.cqgov.domain import page_cache as domain
from ckanext.cqgov.page_cache.store import Page, Store, Ticket, compressed
from ckanext.cqgov.page_cache.version import Versions

Environ = dict[str, Any]
Start = Callable[..., Any]


class Seen(NamedTuple):
    """What CKAN found out about a request."""

    endpoint: str
    signed_in: bool
    passing: bool


SEEN, PASSING = "cqgov.page_cache", "cqgov_passing"
UNSEEN = Seen("", True, True)
PATIENCE, LOOK = 2.0, 0.02
"""Seconds to wait for a page that another request is making, and between two looks."""


class PageCache:
    """Wraps CKAN's WSGI application. Without ``store`` and ``versions`` it only sets headers."""

    def __init__(
        self,
        app: Flask,
        identity: domain.Identity,
        host: str = "",
        pages: Iterable[str] = (),
        store: Store | None = None,
        versions: Callable[[], Versions] | None = None,
    ) -> None:
        self._inner = app.wsgi_app
        self._urls = app.url_map.bind("portal")
        self._identity = identity
        self._host = host
        self._pages = frozenset(pages)
        self._store = store
        self._make_versions = versions
        self._versions: Versions | None = None
        app.after_request(note)

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        """Answer from the store, or let CKAN make the page."""
        visitor = domain.is_visitor(environ, self._identity)
        if visitor and self._store and domain.is_askable(environ):
            handle_i18n(environ)
            if self._endpoint(environ) in self._pages and (version := self._version()):
                ticket = Ticket(domain.key(environ), version, domain.is_common(environ, self._host))
                return self._public(ticket, self._store, environ, start)
        return self._inner(environ, self._guarded(visitor, environ, start))

    def _public(self, ticket: Ticket, store: Store, environ: Environ, start: Start) -> Iterable[bytes]:
        page = store.get(ticket)
        if page is None and not store.begin(ticket):
            page = awaited(ticket, store)
        if page is not None:
            return answer(page, environ, start, "hit")
        try:
            return self._made(ticket, store, environ, start)
        finally:
            store.end(ticket)

    def _made(self, ticket: Ticket, store: Store, environ: Environ, start: Start) -> Iterable[bytes]:
        """Have the page made, keep it if it may be kept, and answer with it."""
        method, begun = environ["REQUEST_METHOD"], []
        guarded = self._guarded(True, environ, start)

        def begin(status: str, headers: domain.Headers, exc_info: Any = None) -> Any:
            seen = environ.get(SEEN, UNSEEN)
            if domain.is_keepable(status, headers) and not seen.signed_in and not seen.passing:
                begun[:] = [headers]
                return None
            return guarded(status, headers, exc_info)

        environ["REQUEST_METHOD"] = "GET"  # a page asked for by HEAD is kept for GET as well
        chunks = self._inner(environ, begin)
        environ["REQUEST_METHOD"] = method
        if not begun:
            return chunks if method == "GET" else closed(chunks)
        try:
            body = b"".join(chunks)
        finally:
            closed(chunks)
        headers = domain.kept_headers(begun[0])
        page = Page(domain.etag(body, headers), headers, compressed(body))
        stored = store.keep(ticket, page)
        return answer(page, environ, start, "fwd=miss; stored" if stored else "fwd=miss")

    def _guarded(self, visitor: bool, environ: Environ, start: Start) -> Start:
        """Return a ``start_response`` that marks answers for one person as theirs."""

        def begin(status: str, headers: domain.Headers, exc_info: Any = None) -> Any:
            seen = environ.get(SEEN, UNSEEN)
            if domain.is_private(visitor=visitor, signed_in=seen.signed_in, endpoint=seen.endpoint, headers=headers):
                headers = domain.made_private(headers)
            return start(status, headers, exc_info) if exc_info else start(status, headers)

        return begin

    def _endpoint(self, environ: Environ) -> str | None:
        path = environ.get("PATH_INFO", "").encode("latin-1", "replace").decode(errors="replace")
        try:
            return self._urls.match(path, method="GET")[0]
        except HTTPException:  # no such page, or a redirect to one: CKAN's to say
            return None

    def _version(self) -> str | None:
        if self._versions is None:
            assert self._make_versions
            self._versions = self._make_versions()
        return self._versions.now()


def note(response: Response) -> Response:
    """Tell the layer which page was asked for and whether somebody is signed in (``after_request``)."""
    signed_in = "userobj" not in g or g.userobj is not None  # not in g: an error before CKAN asked who it is
    passing = bool(g.get("query_error") or g.get(PASSING))  # the former is CKAN's, when a search failed
    request.environ[SEEN] = Seen(request.endpoint or "", signed_in, passing)
    return response


def passing() -> None:
    """Say that the page being made shows a failure that may be over the next moment, so that it isn't kept."""
    if has_request_context():
        setattr(g, PASSING, True)


def awaited(ticket: Ticket, store: Store) -> Page | None:
    """Return the page that another request is making, or nothing when that takes too long."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        time.sleep(LOOK)
        if page := store.get(ticket):
            return page
        if store.begin(ticket):  # it could not be kept
            return None
    return None


def answer(page: Page, environ: Environ, start: Start, status: str) -> list[bytes]:
    """Answer with a page: whole, compressed for whom it may be, or only that it is still the same."""
    gzip = domain.accepts_gzip(environ.get("HTTP_ACCEPT_ENCODING", ""))
    tag = f'"{page.etag}-gzip"' if gzip else f'"{page.etag}"'
    said = [
        ("Cache-Control", domain.FOR_EVERYBODY),
        ("Vary", domain.VARY),
        ("ETag", tag),
        ("Cache-Status", f"cqgov; {status}"),
    ]
    if domain.is_known_already(environ.get("HTTP_IF_NONE_MATCH", ""), page.etag):
        start("304 NOT MODIFIED", said)
        return []
    body = page.gzip if gzip else page.body
    encoding = [("Content-Encoding", "gzip")] if gzip else []
    start("200 OK", [*page.headers, *encoding, ("Content-Length", str(len(body))), *said])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def closed(chunks: Iterable[bytes]) -> list[bytes]:
    """Give up an answer's content as WSGI asks for."""
    if close := getattr(chunks, "close", None):
        close()
    return []
