"""The operator's values for limits, read from CKAN's configuration and refused at the start when they can't be understood."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import Any

import ckan.plugins.toolkit as tk
from limits import parse, parse_many

from ckanext.cqgov.domain.limits import KINDS, LOGIN, RESET, Rate

PREFIX = "ckanext.cqgov.limits."
FOR_VISITORS_ONLY = (LOGIN, RESET)
"""Kinds that nobody is signed in for yet."""


def setting(name: str) -> Any:
    """Return the value of ``ckanext.cqgov.limits.<name>``."""
    return tk.config[PREFIX + name]


@lru_cache(maxsize=256)
def rate_of(text: str) -> Rate:
    """Return a rate as the ``limits`` library reads it: ``120/minute``, ``50 per 5 minutes``. Raises ``ValueError``."""
    item = parse(text)
    return Rate(item.amount, item.get_expiry())


@lru_cache(maxsize=16)
def rates_of(text: str) -> tuple[Rate, ...]:
    """Return several rates, parted by semicolons. Raises ``ValueError``."""
    return tuple(Rate(item.amount, item.get_expiry()) for item in parse_many(text))


def rate(kind: str, *, signed_in: bool) -> Rate:
    """Return the rate of a kind, for an address or for an account that is signed in."""
    people = signed_in and kind not in FOR_VISITORS_ONLY
    return rate_of(setting(f"rate.{kind}_signed_in" if people else f"rate.{kind}"))


def check() -> None:
    """Refuse to start with a value that can't be understood: ``tk.ValidationError`` names the key."""
    for kind in KINDS:
        for name in [f"rate.{kind}", *([] if kind in FOR_VISITORS_ONLY else [f"rate.{kind}_signed_in"])]:
            _readable(name, rate_of)
    _readable("login.attempts", rates_of)
    for network in setting("exempt"):
        try:
            ipaddress.ip_network(network, strict=False)
        except ValueError as error:
            raise tk.ValidationError({PREFIX + "exempt": [str(error)]}) from error


def _readable(name: str, read: Any) -> None:
    try:
        read(setting(name))
    except ValueError as error:
        said = f"频率无法识别（例：120/minute） / not a rate such as 120/minute: {setting(name)!r}"
        raise tk.ValidationError({PREFIX + name: [said]}) from error
