"""Slows down guessing of passwords: per address and account, so that an attacker elsewhere locks nobody out.

Three counts:

* attempts of one address at one account, in several windows (``login.attempts``), counted before the password is looked at,
  forgotten when it was right. Nobody but who sits at that address notices.
* failures of one address over all accounts (``rate.login``). Who has logged in from that address before is not asked for it:
  one guesser among the many people behind one office's address doesn't keep the others out.
* none per account alone: that would let anybody lock out anybody.

An unknown account answers like a known one, in words and in time.
"""

from __future__ import annotations

import logging
from typing import Any

import ckan.model as model
from ckan.lib.signals import failed_login
from flask import Blueprint, Response, g, has_request_context, request
from flask_login import current_user, user_logged_in
from passlib.hash import pbkdf2_sha512
from werkzeug.datastructures import ImmutableMultiDict

from ckanext.cqgov.domain.limits import LOGIN
from ckanext.cqgov.limits import counting, gate, settings

log = logging.getLogger(__name__)
blueprint = Blueprint("cqgov_login", __name__)

PAIR, KNOWN = "login-pair", "login-known"
REMEMBERED = 30 * 24 * 3600
"""Seconds for which it is remembered that somebody has logged in from an address."""

ATTEMPT = "cqgov_login_attempt"


@blueprint.before_app_request
def attempt() -> Response | None:
    """Let an attempt to log in pass, refuse it for a while (429), or refuse it because nobody can count (503)."""
    if request.endpoint != "user.login" or request.method != "POST" or current_user.is_authenticated:
        return None
    without_remembering()
    pair = f"{gate.place()}|{account_of(request.form.get('login', ''))}"
    counter = counting.counter()
    try:
        standings = [counter.hit(PAIR, pair, rate) for rate in attempts()]
        if over := [standing for standing in standings if standing.refused]:
            return gate.too_many(max(over, key=lambda standing: standing.ends_in))
        failures = counter.look(LOGIN, gate.place(), settings.rate(LOGIN, signed_in=False))
        if failures.refused and not gate.is_exempt() and not counter.remembers(KNOWN, pair):
            return gate.too_many(failures)
    except counting.Uncounted:
        return gate.closed()
    setattr(g, ATTEMPT, pair)
    return None


def without_remembering() -> None:
    """Drop the wish to be remembered for years, which CKAN takes from the form as it comes, letters included."""
    if "remember" in request.form:
        kept = [(name, value) for name, value in request.form.items(multi=True) if name != "remember"]
        request.form = ImmutableMultiDict(kept)


def account_of(login: str) -> str:
    """Return by what an account is counted: one and the same for its name and its e-mail, known or not."""
    user = model.User.by_name(login) or model.User.by_email(login)
    return user.id if user else login.strip().casefold()[:200]


def attempts() -> tuple:
    """Return the rates of attempts at one account from one address."""
    return settings.rates_of(settings.setting("login.attempts"))


@failed_login.connect
def failed(login: Any, **_: Any) -> None:
    """Take as long for an unknown account as for a wrong password, and count the failure for the address."""
    if not has_request_context() or not g.get(ATTEMPT):
        return
    user = model.User.by_name(login) or model.User.by_email(login)
    if user is None or not user.is_active or not user.password:
        pbkdf2_sha512.hash(request.form.get("password", ""))
    log.info("a login failed")
    try:
        counting.counter().hit(LOGIN, gate.place(), settings.rate(LOGIN, signed_in=False))
    except counting.Uncounted:
        log.warning("a failed login could not be counted")


@user_logged_in.connect
def succeeded(_app: Any, user: Any, **_: Any) -> None:
    """Forget the attempts of who logged in, and remember from where."""
    pair = g.get(ATTEMPT) if has_request_context() else None
    if not pair:
        return
    counter = counting.counter()
    try:
        for rate in attempts():
            counter.forget(PAIR, pair, rate)
        counter.remember(KNOWN, pair, REMEMBERED)
    except counting.Uncounted:
        log.warning("a login could not be noted")
