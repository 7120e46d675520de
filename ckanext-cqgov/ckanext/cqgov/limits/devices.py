"""Browsers in which somebody has logged in, known by a signed cookie: attempts from them have counts of their own.

Else whoever sits behind the same address, in an office or behind a proxy, could keep a colleague out by guessing at the
colleague's account. The cookie opens nothing and tells nothing; who copies it wins no more than some guesses.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

import ckan.plugins.toolkit as tk
from flask import Response, request
from itsdangerous import BadData, URLSafeTimedSerializer

COOKIE = "cqgov_device"
SALT = "cqgov.device"
KEPT = 30 * 24 * 3600
"""Seconds after the last login for which a browser is known."""
ACCOUNTS = 8
"""Accounts that a browser is known for; beyond them the one that logged in longest ago is forgotten."""


def device_of(account: str) -> str | None:
    """Return the name of the request's browser when ``account`` has logged in with it, else None."""
    name, accounts = _said()
    return name if name and _folded(account) in accounts else None


def remember(response: Response, account: str) -> None:
    """Have the browser that gets ``response`` be known for ``account``."""
    name, accounts = _said()
    folded = _folded(account)
    kept = [*(each for each in accounts if each != folded), folded][-ACCOUNTS:]
    response.set_cookie(
        COOKIE,
        _serializer().dumps([name or secrets.token_urlsafe(12), kept]),
        max_age=KEPT,
        httponly=True,
        secure=tk.config["ckan.site_url"].startswith("https://"),
        samesite="Lax",
    )


def _said() -> tuple[str | None, list[str]]:
    """Return the browser's name and the accounts it is known for, as far as the cookie is ours and not too old."""
    try:
        name, accounts = _serializer().loads(request.cookies.get(COOKIE, ""), max_age=KEPT)
    except BadData:
        return None, []
    return name, accounts


def _folded(account: str) -> str:
    return hashlib.blake2s(account.encode("utf-8", "surrogatepass"), digest_size=9).hexdigest()


def _serializer() -> Any:
    return URLSafeTimedSerializer(tk.config["SECRET_KEY"], salt=SALT, signer_kwargs={"digest_method": hashlib.sha256})
