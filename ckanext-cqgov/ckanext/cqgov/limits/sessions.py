"""How long somebody stays signed in, on top of whatever keeps CKAN's sessions.

A session ends after a time without a request, after a longer time in any case, at logging out, and when the password is
changed elsewhere. Without Redis nobody is signed in, and reading goes on.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import time
from datetime import timedelta
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
from flask import Blueprint, Flask, Request, Response, g, request, session
from flask.sessions import SessionInterface, SessionMixin
from flask_login import current_user, logout_user, user_logged_in, user_logged_out
from redis import Redis
from redis.exceptions import RedisError

from ckanext.cqgov.domain.limits_accounts import Lifetime, is_over
from ckanext.cqgov.limits.settings import setting

log = logging.getLogger(__name__)
blueprint = Blueprint("cqgov_sessions", __name__)

BEGAN, SEEN, KEY, USER = "cqgov_began", "cqgov_seen", "cqgov_key", "_user_id"
WAIT = 2.0
"""Seconds to wait for Redis."""

NOTED = 60.0
"""Seconds after which a request is noted anew; a session is not written with every request."""

now = time.time


class Sessions(SessionInterface):
    """CKAN's own sessions with an end, and without an error where Redis does not answer."""

    def __init__(self, kept: SessionInterface) -> None:
        self._kept = kept

    def __getattr__(self, name: str) -> Any:
        return getattr(self._kept, name)

    def open_session(self, app: Flask, request: Request) -> SessionMixin | None:
        """Return the request's session, emptied when its time is over."""
        try:
            found = self._kept.open_session(app, request)
        except RedisError as error:
            log.warning("sessions are away: Redis does not answer (%s)", type(error).__name__)
            return Away()
        if found and USER in found:
            _age(found)
        return found

    def save_session(self, app: Flask, found: SessionMixin, response: Response) -> None:
        """Keep the session; where that fails the answer goes out without it."""
        if isinstance(found, Away):
            return
        try:
            self._kept.save_session(app, found, response)
        except RedisError as error:
            log.warning("a session was not kept: Redis does not answer (%s)", type(error).__name__)


class Away(dict, SessionMixin):  # type: ignore[misc]
    """A session that lives for one request, because sessions can't be read."""

    accessed = True
    modified = False
    sid = ""


def _age(found: SessionMixin) -> None:
    """End a session whose time is over; else note that it was used."""
    moment = now()
    began, seen = found.get(BEGAN), found.get(SEEN)
    if began is None or seen is None:  # from before there was a rule
        found[BEGAN] = found[SEEN] = moment
    elif is_over(began, seen, moment, Lifetime(setting("session.idle") * 60, setting("session.most") * 60)):
        found.clear()
    elif moment - seen > NOTED:
        found[SEEN] = moment


def key_of(password_hash: str | None) -> str:
    """Return what ties a session to the password it was opened with, and tells nothing about it."""
    secret = tk.config["SECRET_KEY"].encode()
    return hmac.new(secret, (password_hash or "").encode(), hashlib.sha256).hexdigest()[:24]


@user_logged_in.connect
def begin(_app: Any, user: Any, **_: Any) -> None:
    """Note when a session began and by which password; nobody is remembered beyond it."""
    session[BEGAN] = session[SEEN] = now()
    session[KEY] = key_of(user.password)
    for remembered in ("_remember", "_remember_seconds"):
        session.pop(remembered, None)


@user_logged_out.connect
def end(_app: Any, **_: Any) -> None:
    """Leave nothing of a session whose person logged out, neither at the browser nor with us."""
    remembered = session.get("_remember")
    session.clear()
    if remembered == "clear":  # has flask-login take back a cookie from before there was a rule
        session["_remember"] = remembered


@blueprint.before_app_request
def same_password() -> None:
    """End a session that was opened with a password that is no longer the account's."""
    if not g.get("userobj") or g.get("login_via_auth_header"):
        return
    key = session.get(KEY)
    if key and not hmac.compare_digest(key, key_of(current_user.password)):
        logout_user()
        g.user, g.userobj = "", None


@blueprint.after_app_request
def own_change(response: Response) -> Response:
    """Keep the session in which a person changed the own password; their others end."""
    if request.endpoint == "user.edit" and response.status_code == 302 and g.get("userobj") and session.get(KEY):
        session[KEY] = key_of(model.User.get(g.userobj.id).password)
    return response


def install(app: Flask) -> None:
    """Give the application sessions with an end; their cookies go over https alone where the portal is https."""
    kept: Any = app.session_interface
    if isinstance(getattr(kept, "client", None), Redis):  # CKAN's own waits for a Redis that hangs without an end
        kept.client = Redis.from_url(tk.config["ckan.redis.url"], socket_timeout=WAIT, socket_connect_timeout=WAIT)
    app.session_interface = Sessions(kept)
    app.config["PERMANENT_SESSION_LIFETIME"] = timedelta(
        minutes=setting("session.most")
    )  # what is kept, and the cookie
    if tk.config["ckan.site_url"].startswith("https://"):
        app.config["SESSION_COOKIE_SECURE"] = app.config["REMEMBER_COOKIE_SECURE"] = True
    app.config["REMEMBER_COOKIE_HTTPONLY"] = True
