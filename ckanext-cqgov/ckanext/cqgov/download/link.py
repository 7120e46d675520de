"""Links to data that are not open: signed, short-lived, and of use to their holder alone.

A link is no key. It says which resource, for whom and with which session or API token it was asked for; whoever follows it must
come with the same one, and the right to the data is looked up again at that moment. So a link that leaks into a log, a chat or
a history opens nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Any, NamedTuple

import ckan.plugins.toolkit as tk
from flask import has_request_context, request, session
from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

CONFIG = "ckanext.cqgov.download.link_seconds"
SALT = "cqgov.download"
MARK = "cqgov_download"
"""Key of a session's own mark, by which its links are known."""


class Expired(Exception):
    """The link was good, but its time is over."""


class Link(NamedTuple):
    """What a link says: the resource's id, the holder's user id, and the digest of the session or token it belongs to."""

    resource_id: str
    user_id: str
    key: str


def seconds() -> int:
    """Return for how many seconds a link is good."""
    return tk.config[CONFIG]


def issued(resource_id: str, user_id: str) -> str:
    """Return the token of a link to the resource for the person who asks in this request."""
    if has_request_context() and not _api_token() and MARK not in session:
        session[MARK] = secrets.token_urlsafe(16)  # not every kind of session has an id
    return _serializer().dumps([resource_id, user_id, presented()])


def read(token: str) -> Link | None:
    """Return what a link says, None when it was not made here. Raises ``Expired`` when it is too old."""
    try:
        said = _serializer().loads(token, max_age=seconds())
    except SignatureExpired as error:
        raise Expired from error
    except BadSignature:
        return None
    return Link(*said)


def held(link: Link, user: Any) -> bool:
    """Say whether whoever asks in this request, as ``user`` (None for a visitor), is the one the link was made for."""
    if user is None or user.id != link.user_id:
        return False
    shown = presented()
    return bool(shown) and hmac.compare_digest(shown, link.key)


def presented() -> str:
    """Return a digest of what the request shows to say who asks: its API token, else its session; empty outside a request."""
    if not has_request_context():
        return ""
    token, mark = _api_token(), session.get(MARK)
    shown = f"token {token}" if token else f"session {mark}" if mark else ""
    return hashlib.sha256(shown.encode()).hexdigest()[:32] if shown else ""


def _api_token() -> str | None:
    header = tk.config["apitoken_header_name"]
    return request.headers.get(header) or request.environ.get(header)


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(tk.config["SECRET_KEY"], salt=SALT, signer_kwargs={"digest_method": hashlib.sha256})
