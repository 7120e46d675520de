"""Counts in Redis by the ``limits`` library: one round trip at most, mostly none, and a rest for a Redis that doesn't answer."""

from __future__ import annotations

import hashlib
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Any

import ckan.plugins.toolkit as tk
from limits.storage import RedisStorage
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from ckanext.cqgov.domain.limits import Rate, Standing, step, window

log = logging.getLogger(__name__)

WAIT = 0.3
"""Seconds to wait for Redis."""

REST = 5.0
"""Seconds for which Redis is left alone after it did not answer."""

ASKERS = 20_000
"""Askers of whom a process keeps a tally at once."""


class Uncounted(Exception):
    """Nobody could count: Redis does not answer."""


@dataclass
class Tally:
    """What a process knows of one asker in one window: counted by everybody when last asked, and not yet told to Redis."""

    number: int
    known: int = 0
    untold: int = 0


class Counter:
    """Counts of this portal; every method raises ``Uncounted`` while Redis is away.

    A process tells Redis of an asker's requests by steps (``domain.limits.step``), so most requests cost no round trip. What is
    counted exactly is told one by one.
    """

    def __init__(self, url: str, prefix: str, clock: Callable[[], float] = time.time) -> None:
        once = Retry(NoBackoff(), 0)  # a request must not wait for the library's own second and third try
        self._storage = RedisStorage(
            url, key_prefix=prefix, socket_timeout=WAIT, socket_connect_timeout=WAIT, retry=once
        )
        self._clock = clock
        self._rests_until = 0.0
        self._tallies: OrderedDict[tuple[str, str, int], Tally] = OrderedDict()
        self._lock = Lock()

    def hit(self, kind: str, asker: str, rate: Rate, *, exact: bool = True) -> Standing:
        """Count a request of ``asker`` and return where that asker stands.

        Where it need not be ``exact``, other processes may not know yet of up to a step of requests.
        """
        number, ends_in = window(self._clock(), rate.seconds, asker)
        if exact:
            key = _key(kind, asker, rate, number)
            return Standing(rate, self._ask(lambda: self._storage.incr(key, rate.seconds + 1)), ends_in)
        with self._lock:
            tally = self._tally((kind, asker, rate.seconds), number)
            tally.untold += 1
            counted = tally.known + tally.untold
            amount = tally.untold if tally.untold >= step(rate) and tally.known <= rate.amount else 0
            tally.untold -= amount
        if amount:
            key = _key(kind, asker, rate, number)
            counted = tally.known = self._ask(lambda: self._storage.incr(key, rate.seconds + 1, amount))
        return Standing(rate, counted, ends_in)

    def _tally(self, key: tuple[str, str, int], number: int) -> Tally:
        """Return the tally of an asker in the present window, and forget who has not asked for longest when there are many."""
        tally = self._tallies.get(key)
        if tally is None or tally.number != number:
            tally = self._tallies[key] = Tally(number)
            if len(self._tallies) > ASKERS:
                self._tallies.popitem(last=False)
        self._tallies.move_to_end(key)
        return tally

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
