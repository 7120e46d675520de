"""Slows down guessing of passwords: per address and account, so that an attacker elsewhere locks nobody out.

Counts:

* attempts of one address at one account, in several windows (``login.attempts``), counted before the password is looked at,
  forgotten when it was right. Nobody but who sits at that address notices, and not in a browser in which that account has
  logged in before (``limits.devices``): it has counts of its own.
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
from passlib.utils import MAX_PASSWORD_SIZE
from werkzeug.datastructures import ImmutableMultiDict

from ckanext.cqgov.domain.limits import LOGIN
from ckanext.cqgov.limits import counting, devices, gate, settings

log = logging.getLogger(__name__)
blueprint = Blueprint("cqgov_login", __name__)

PAIR, KNOWN, CONFIRM = "login-pair", "login-known", "login-confirm"
REMEMBERED = 30 * 24 * 3600
"""Seconds for which it is remembered that somebody has logged in from an address."""

ATTEMPT, DONE = "cqgov_login_attempt", "cqgov_login_done"


@blueprint.before_app_request
def attempt() -> Response | None:
    """Let an attempt to log in pass, refuse it for a while (429), or refuse it because nobody can count (503)."""
    if request.endpoint != "user.login" or request.method != "POST" or current_user.is_authenticated:
        return None
    tidy("login", "password")
    account = account_of(request.form["login"])
    device, pair = devices.device_of(account), f"{gate.place()}|{account}"
    asker = f"device {device}|{account}" if device else pair
    counter = counting.counter()
    try:
        standings = [counter.hit(PAIR, asker, rate) for rate in attempts()]
        if over := [standing for standing in standings if standing.refused]:
            return gate.too_many(max(over, key=lambda standing: standing.ends_in))
        failures = counter.look(LOGIN, gate.place(), settings.rate(LOGIN, signed_in=False))
        if failures.refused and not gate.is_exempt() and not device and not counter.remembers(KNOWN, pair):
            return gate.too_many(failures)
    except counting.Uncounted:
        return gate.closed()
    setattr(g, ATTEMPT, (asker, pair))
    return None


@blueprint.before_app_request
def confirm() -> Response | None:
    """Count how often somebody who is signed in gives the own password to change it: a stolen session is no way to guess it.

    A right one is not told from a wrong one here, and none is forgotten: nobody changes the password often.
    """
    if request.endpoint != "user.edit" or request.method != "POST" or not current_user.is_authenticated:
        return None
    tidy("old_password")
    if not request.form["old_password"]:
        return None
    try:
        standings = [counting.counter().hit(CONFIRM, current_user.id, rate) for rate in attempts()]
    except counting.Uncounted:
        return gate.closed()
    over = [standing for standing in standings if standing.refused]
    return gate.too_many(max(over, key=lambda standing: standing.ends_in)) if over else None


def tidy(*needed: str) -> None:
    """Leave of the form what CKAN can read: the fields ``needed``, none longer than a password that can be hashed.

    The wish to be remembered for years, which CKAN takes as it comes, letters included, is dropped.
    """
    given = request.form.items(multi=True)
    kept = [
        (name, "" if name in needed and len(value) > MAX_PASSWORD_SIZE else value)
        for name, value in given
        if name != "remember"
    ]
    request.form = ImmutableMultiDict([*kept, *((name, "") for name in needed if name not in request.form)])


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
    password = request.form["password"]
    if password and (user is None or not user.is_active or not user.password):  # an empty one CKAN does not compute
        pbkdf2_sha512.hash(password)
    log.info("a login failed")
    try:
        counting.counter().hit(LOGIN, gate.place(), settings.rate(LOGIN, signed_in=False))
    except counting.Uncounted:
        log.warning("a failed login could not be counted")


@user_logged_in.connect
def succeeded(_app: Any, user: Any, **_: Any) -> None:
    """Forget the attempts of who logged in, and remember from where and with which browser."""
    attempted = g.get(ATTEMPT) if has_request_context() else None
    if not attempted:
        return
    asker, pair = attempted
    setattr(g, DONE, user.id)
    counter = counting.counter()
    try:
        for rate in attempts():
            counter.forget(PAIR, asker, rate)
        counter.remember(KNOWN, pair, REMEMBERED)
    except counting.Uncounted:
        log.warning("a login could not be noted")


@blueprint.after_app_request
def known(response: Response) -> Response:
    """Have the browser of who has just logged in be known."""
    if account := g.get(DONE):
        devices.remember(response, account)
    return response
