"""Which pages may be kept for everybody, under which key, and what caches on the way are told (RFC 9110, 9111, 9211).

Only what a visitor gets is kept, and only visitors get it: somebody who shows a cookie, a token or the name that a proxy
vouches for is never answered from there. A cookie counts unless the operator named it as one that identifies nobody.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import unquote_to_bytes

Headers = list[tuple[str, str]]

LONGEST = 2_000
"""Bytes of path and query; longer addresses are made anew each time."""

IDENTITY = (
    "HTTP_AUTHORIZATION",
    "HTTP_PROXY_AUTHORIZATION",
    "HTTP_REMOTE_USER",
    "HTTP_X_CKAN_API_KEY",
    "HTTP_X_FORWARDED_USER",
    "HTTP_X_REMOTE_USER",
    "REMOTE_USER",
    "SSL_CLIENT_S_DN",
)
"""WSGI names of what says who asks."""

HTMX = (
    "HTTP_HX_BOOSTED",
    "HTTP_HX_HISTORY_RESTORE_REQUEST",
    "HTTP_HX_REQUEST",
    "HTTP_HX_TARGET",
    "HTTP_HX_TRIGGER",
    "HTTP_HX_TRIGGER_NAME",
)
"""htmx asks for parts of a page at the page's address."""

VARY = ", ".join(
    ["Accept-Encoding", "Authorization", "Cookie"]
    + [name.removeprefix("HTTP_").replace("_", "-").title().replace("Hx-", "HX-") for name in HTMX]
)
KNOWN_VARY = frozenset({"accept", "host", "origin", *VARY.lower().split(", ")})
"""What an answer may depend on: each of these is in the key, or keeps a request from being answered from the store."""

FOR_EVERYBODY = "public, no-cache"
FOR_ONE = "private, no-store"
NOT_KEPT_HEADERS = frozenset(
    {"cache-control", "connection", "content-length", "date", "etag", "expires", "pragma", "set-cookie", "vary"}
    | {"keep-alive", "server", "transfer-encoding", "last-modified"}
    | {"ratelimit-limit", "ratelimit-remaining", "ratelimit-reset", "ratelimit-policy"}  # of the first who asked
)


@dataclass(frozen=True)
class Identity:
    """What tells a visitor from a person: cookies that say nothing, by pattern; cookies that always do; more headers."""

    ignorable_cookies: tuple[str, ...] = ()
    session_cookies: tuple[str, ...] = ("ckan", "remember_token")
    headers: tuple[str, ...] = ()


def is_visitor(environ: Mapping[str, Any], identity: Identity) -> bool:
    """Say whether nothing in the request can tell who asks."""
    further = (f"HTTP_{name.upper().replace('-', '_')}" for name in identity.headers)
    if any(environ.get(name) for name in (*IDENTITY, *further)):
        return False
    names = (part.partition("=")[0].strip() for part in environ.get("HTTP_COOKIE", "").split(";") if part.strip())
    return all(
        name not in identity.session_cookies
        and any(fnmatchcase(name, pattern) for pattern in identity.ignorable_cookies)
        for name in names
    )


def is_askable(environ: Mapping[str, Any]) -> bool:
    """Say whether a visitor's request may be answered with a kept page: a page is read, in the common way."""
    accepted = environ.get("HTTP_ACCEPT", "")
    return (
        environ.get("REQUEST_METHOD") in ("GET", "HEAD")
        and not environ.get("HTTP_ORIGIN")
        and (not accepted or "text/html" in accepted or "*/*" in accepted)
        and len(environ.get("PATH_INFO", "")) + len(environ.get("QUERY_STRING", "")) <= LONGEST
    )


def normalised(query: str) -> tuple[tuple[bytes, bytes], ...]:
    """Return a query string's names and values as bytes, ordered by name; values of one name keep their order.

    So ``?b=2&a=%31`` and ``?a=1&b=2`` are one page, ``?a=1&a=2`` and ``?a=2&a=1`` are two.
    """
    pairs = (part.partition("=")[::2] for part in query.split("&") if part)
    return tuple(sorted(((_bytes(name), _bytes(value)) for name, value in pairs), key=lambda pair: pair[0]))


def key(environ: Mapping[str, Any]) -> str:
    """Return the key of the page that a request asks for: equal keys, equal pages; HEAD has GET's."""
    names = ("wsgi.url_scheme", "HTTP_HOST", "SERVER_NAME", "SERVER_PORT", "PATH_INFO")
    asked = (
        *(environ.get(name) for name in names),
        *(environ.get(name) for name in ("CKAN_LANG", "CKAN_LANG_IS_DEFAULT", *HTMX)),
        normalised(environ.get("QUERY_STRING", "")),
    )
    return hashlib.sha256(repr(asked).encode("utf-8", "backslashreplace")).hexdigest()


def is_common(environ: Mapping[str, Any], host: str) -> bool:
    """Say whether a whole page is asked for at an address of the portal itself: nothing in it can be made up at will.

    ``host`` is the portal's own, as ``ckan.site_url`` has it.
    """
    return (
        environ.get("HTTP_HOST") == host
        and not environ.get("QUERY_STRING")
        and not any(environ.get(name) for name in HTMX)
    )


def is_keepable(status: str, headers: Iterable[tuple[str, str]]) -> bool:
    """Say whether an answer to a visitor may be kept: a whole HTML page that opens no session and forbids nothing."""
    found = [(name.lower(), value.lower()) for name, value in headers]
    if status[:3] != "200":
        return False
    if any(name in ("set-cookie", "content-encoding", "content-range", "www-authenticate") for name, _ in found):
        return False
    if not any(name == "content-type" and value.startswith("text/html") for name, value in found):
        return False
    if any(name == "cache-control" and "no-store" in value for name, value in found):
        return False
    varies = {word.strip() for name, value in found if name == "vary" for word in value.split(",")}
    return varies - {""} <= KNOWN_VARY


def kept_headers(headers: Iterable[tuple[str, str]]) -> Headers:
    """Return the headers that are kept with a page; those of the transport and of caching are made for each answer."""
    return [(name, value) for name, value in headers if name.lower() not in NOT_KEPT_HEADERS]


def etag(body: bytes, headers: Headers) -> str:
    """Return the page's tag, without quotes: another content or type, another tag."""
    return hashlib.sha256(repr(headers).encode() + b"\0" + body).hexdigest()[:32]


def accepts_gzip(accept_encoding: str) -> bool:
    """Say whether gzip may be sent."""
    for part in accept_encoding.lower().split(","):
        name, _, quality = part.partition(";")
        if name.strip() in ("gzip", "*"):
            return quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def is_known_already(if_none_match: str, tag: str) -> bool:
    """Say whether the asker has the page with this tag; compressed or not is no difference to a reader."""
    given = {part.strip().removeprefix("W/").strip('"').removesuffix("-gzip") for part in if_none_match.split(",")}
    return tag in given or "*" in given


def made_private(headers: Iterable[tuple[str, str]]) -> Headers:
    """Return the headers of an answer that is for one person alone: nothing on the way may keep it."""
    rest = [(name, value) for name, value in headers if name.lower() not in ("cache-control", "expires", "pragma")]
    return [*rest, ("Cache-Control", FOR_ONE)]


def is_private(*, visitor: bool, signed_in: bool, endpoint: str, headers: Iterable[tuple[str, str]]) -> bool:
    """Say whether an answer must not be kept by anybody: made for a person, or opening a session."""
    if endpoint in STATIC:
        return False
    return signed_in or not visitor or any(name.lower() == "set-cookie" for name, _ in headers)


STATIC: Collection[str] = frozenset({"static", "webassets.index"})
"""Endpoints that give everybody the same file."""


def _bytes(text: str) -> bytes:
    """Return the bytes that a part of a query stands for; WSGI gives bytes as characters below 256."""
    spaced = text.replace("+", " ")
    try:
        return unquote_to_bytes(spaced.encode("latin-1"))
    except UnicodeEncodeError:  # from no server, so no page of any other query may be meant
        return b"\0\0" + spaced.encode("utf-8", "surrogatepass")
