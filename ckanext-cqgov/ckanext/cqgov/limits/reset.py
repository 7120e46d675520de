"""Resetting a password without telling who has an account: one answer, at once, and the mail is sent afterwards."""

from __future__ import annotations

import copy
import hashlib
import hmac
import logging
from datetime import UTC, datetime, timedelta

import ckan.lib.captcha as captcha
import ckan.lib.mailer as mailer
import ckan.model as model
import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.lib import signals
from flask import Blueprint, Flask, Response, request
from redis.exceptions import RedisError

from ckanext.cqgov.limits import gate
from ckanext.cqgov.limits.settings import setting

log = logging.getLogger(__name__)
_applications: list[Flask] = []
blueprint = Blueprint("cqgov_reset", __name__)

SENT = "A reset link has been emailed to you (unless the account specified does not exist)"
INVALID = "Invalid reset key. Please try again."
NOTED = "cqgov_reset"
"""Where with an account stands when its link was sent; CKAN shows it to sysadmins alone."""

PAUSE = timedelta(minutes=5)
"""After a link was sent, no other goes to the same account for so long: nobody's mailbox is to be filled."""


@blueprint.before_app_request
def reset() -> Response | None:
    """Answer the two pages of a reset where CKAN would answer differently for an account that does not exist."""
    if request.endpoint == "user.request_reset" and request.method == "POST":
        return requested()
    if request.endpoint == "user.perform_reset" and request.view_args:
        user = model.User.get(request.view_args.get("id"))
        if not is_key_of(user, request.args.get("key", "")):
            message = tk._(INVALID)
            tk.h.flash_error(message)
            return tk.abort(403, message)
    return None


def requested() -> Response:
    """Take in who wants a new password; looking the account up and sending the mail is a background job."""
    if not tk.h.check_access("request_reset"):
        return tk.abort(403, tk._("Unauthorized to request reset password."))
    try:
        captcha.check_recaptcha(request)
    except captcha.CaptchaError:
        tk.h.flash_error(tk._("Bad Captcha. Please try again."))
        return tk.redirect_to("user.request_reset")
    wanted = request.form.get("user", "").strip()
    if not wanted:
        tk.h.flash_error(tk._("Email is required"))
        return tk.redirect_to("user.request_reset")
    try:
        tk.enqueue_job(send, [wanted[:200]], title="password reset", rq_kwargs={"result_ttl": 0, "failure_ttl": 0})
    except RedisError:
        return gate.closed()
    tk.h.flash_success(tk._(SENT))
    return tk.redirect_to(tk.config["ckan.user_reset_landing_page"])


def install(app: Flask) -> None:
    """Keep the application for the job, which runs outside of any request: the mail is a template of it."""
    _applications[:] = [app]


def send(wanted: str) -> None:
    """Send the link to every account with this e-mail, or to the account of this name (a background job)."""
    with _applications[0].test_request_context():
        _send(wanted)


def _send(wanted: str) -> None:
    if "@" in wanted:
        users = model.Session.query(model.User).filter_by(email=wanted).all()
    else:
        user = model.User.get(wanted)
        users = [user] if user else []
    for user in users:
        if user.state == model.State.DELETED or sent_within(user, PAUSE):
            continue
        told = False
        for plugin in p.PluginImplementations(p.INotifier):
            told = plugin.notify_about_topic(told, "request_password_reset", {"user": user})
        try:
            if not told:
                mailer.send_reset_link(user)
        except mailer.MailerException:
            log.exception("a link to reset a password could not be sent")
            continue
        note(user.id)
        signals.request_password_reset.send(user.name, user=user)


def note(user_id: str) -> None:
    """Note with an account when the link with its present key was sent. Commits."""
    user = model.User.get(user_id)
    if user is None or not user.reset_key:  # a plugin told the person, its own way
        return
    extras = copy.deepcopy(dict(user.plugin_extras or {}))
    extras[NOTED] = {"key": _folded(user.reset_key), "at": datetime.now(UTC).isoformat(timespec="seconds")}
    user.plugin_extras = extras
    model.repo.commit()


def sent_within(user: model.User, time: timedelta) -> bool:
    """Say whether the link with the account's present key was asked for and sent no longer ago than ``time``."""
    moment = _sent(user)
    return moment is not None and datetime.now(UTC) - moment <= time


def is_key_of(user: model.User | None, key: str) -> bool:
    """Say whether ``key`` resets the password of ``user``; takes the same time whatever of it is right.

    A link that somebody asked for is good for some hours. One that came with an invitation waits for who was invited.
    """
    expected = (user.reset_key if user else "") or ""
    if len(expected) < 5 or not hmac.compare_digest(expected.encode(), key.strip().encode()):
        return False
    assert user is not None
    return _sent(user) is None or sent_within(user, timedelta(hours=setting("password.reset_hours")))


def _sent(user: model.User) -> datetime | None:
    """Return when the account's present key was sent on request, None where it was not."""
    noted = (user.plugin_extras or {}).get(NOTED) or {}
    if not user.reset_key or noted.get("key") != _folded(user.reset_key):
        return None
    return datetime.fromisoformat(noted["at"])


def _folded(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:16]
