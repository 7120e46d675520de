"""Counts in Redis by the ``limits`` library: one round trip for each count, and a rest for a Redis that doesn't answer."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import ckan.plugins.toolkit as tk
from limits.storage import RedisStorage
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from ckanext.cqgov.domain.limits import Rate, Standing, window

log = logging.getLogger(__name__)

WAIT = 0.3
"""Seconds to wait for Redis."""

REST = 5.0
"""Seconds for which Redis is left alone after it did not answer."""


class Uncounted(Exception):
    """Nobody could count: Redis does not answer."""


class Counter:
    """Counts of this portal; every method raises ``Uncounted`` while Redis is away."""

    def __init__(self, url: str, prefix: str, clock: Callable[[], float] = time.time) -> None:
        once = Retry(NoBackoff(), 0)  # a request must not wait for the library's own second and third try
        self._storage = RedisStorage(
            url, key_prefix=prefix, socket_timeout=WAIT, socket_connect_timeout=WAIT, retry=once
        )
        self._clock = clock
        self._rests_until = 0.0

    def hit(self, kind: str, asker: str, rate: Rate) -> Standing:
        """Count a request of ``asker`` and return where that asker stands."""
        number, ends_in = window(self._clock(), rate.seconds, asker)
        key = _key(kind, asker, rate, number)
        counted = self._ask(lambda: self._storage.incr(key, rate.seconds + 1))
        return Standing(rate, counted, ends_in)

    def look(self, kind: str, asker: str, rate: Rate) -> Standing:
        """Return where ``asker`` would stand with one more request, without counting it."""
        number, ends_in = window(self._clock(), rate.seconds, asker)
        counted = self._ask(lambda: self._storage.get(_key(kind, asker, rate, number)))
        return Standing(rate, counted + 1, ends_in)

    def forget(self, kind: str, asker: str, rate: Rate) -> None:
        """Begin to count ``asker`` from nothing."""
        number, _ends_in = window(self._clock(), rate.seconds, asker)
        self._ask(lambda: self._storage.clear(_key(kind, asker, rate, number)))

    def remember(self, kind: str, asker: str, seconds: int) -> None:
        """Note that ``asker`` is known, for so many seconds from now."""
        key = f"{kind}:{_folded(asker)}"
        self._ask(lambda: (self._storage.clear(key), self._storage.incr(key, seconds)))

    def remembers(self, kind: str, asker: str) -> bool:
        """Say whether ``asker`` was noted and that still holds."""
        return bool(self._ask(lambda: self._storage.get(f"{kind}:{_folded(asker)}")))

    def _ask(self, question: Callable[[], Any]) -> Any:
        if time.monotonic() < self._rests_until:
            raise Uncounted
        try:
            return question()
        except RedisError as error:
            self._rests_until = time.monotonic() + REST
            log.warning("limits are not counted: Redis does not answer (%s)", type(error).__name__)
            raise Uncounted from error


def _folded(asker: str) -> str:
    """Return a short name for an asker; Redis need not know addresses."""
    return hashlib.blake2s(asker.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def _key(kind: str, asker: str, rate: Rate, number: int) -> str:
    return f"{kind}:{_folded(asker)}:{rate.seconds}:{number}"


@lru_cache(maxsize=4)
def _counter(url: str, site: str) -> Counter:
    return Counter(url, f"cqgov:limit:{site}")


def counter() -> Counter:
    """Return the counts of the present configuration."""
    return _counter(tk.config["ckan.redis.url"], tk.config["ckan.site_id"])
