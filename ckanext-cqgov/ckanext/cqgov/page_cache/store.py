"""Where pages are kept: a fixed number of places in Redis, each for one page, so that nobody can fill it up.

A page's place follows from its key, whatever its version: a new version takes the old one's place. Common pages have
places of their own, so that made-up queries push out other queries' pages at most, never the portal's own.
"""

from __future__ import annotations

import json
import logging
import time
import zlib
from dataclasses import dataclass, field

from redis import Redis
from redis.exceptions import RedisError

from ckanext.cqgov.domain.page_cache import Headers

log = logging.getLogger(__name__)

REST = 5.0
"""Seconds for which Redis is left alone after it did not answer."""

MAKING = 10
"""Seconds after which somebody else may make a page that one has begun."""


@dataclass(frozen=True)
class Page:
    """A page as it is kept: its headers, its tag, its content as gzip."""

    etag: str
    headers: Headers
    gzip: bytes = field(repr=False)

    @property
    def body(self) -> bytes:
        """The content as it was."""
        return zlib.decompress(self.gzip, wbits=31)


def compressed(body: bytes) -> bytes:
    """Return the content as gzip, the same for the same content."""
    packing = zlib.compressobj(level=6, wbits=31)
    return packing.compress(body) + packing.flush()


@dataclass(frozen=True)
class Ticket:
    """Which page is meant: its key, the version that was read before it is made, whether it is a common one."""

    key: str
    version: str
    common: bool


class Store:
    """The places; every method fails open: without Redis there is simply nothing."""

    def __init__(self, redis: Redis, prefix: str, places: int, largest: int, seconds: int) -> None:
        self._redis = redis
        self._prefix = prefix
        self._places = max(places, 1)
        self._largest = largest
        self._seconds = seconds
        self._rests_until = 0.0

    def get(self, ticket: Ticket) -> Page | None:
        """Return the page, when it is kept in just this version."""
        found = self._ask("get", self._place(ticket))
        if not found:
            return None
        head, _, packed = found.partition(b"\n")
        try:
            said = json.loads(head)
            if (said["key"], said["version"]) != (ticket.key, ticket.version):
                return None
            return Page(said["etag"], [(name, value) for name, value in said["headers"]], packed)
        except (ValueError, KeyError, TypeError):
            return None

    def keep(self, ticket: Ticket, page: Page) -> bool:
        """Keep a page in the version that was read before it was made; returns whether it is kept."""
        if len(page.gzip) > self._largest:
            return False
        said = {"key": ticket.key, "version": ticket.version, "etag": page.etag, "headers": page.headers}
        value = json.dumps(said).encode() + b"\n" + page.gzip
        return bool(self._ask("set", self._place(ticket), value, ex=self._seconds))

    def begin(self, ticket: Ticket) -> bool:
        """Say whether the asker is the one who makes the page; for others it is worth waiting a little."""
        if time.monotonic() < self._rests_until:
            return True
        return self._ask("set", self._maker(ticket), b"1", nx=True, ex=MAKING) is not None or not self._answers()

    def end(self, ticket: Ticket) -> None:
        """Tell that the page is made, or can't be."""
        self._ask("delete", self._maker(ticket))

    def status(self) -> tuple[int, int]:
        """Return how many pages are kept, and their bytes. Raises ``redis.exceptions.RedisError``."""
        names = list(self._redis.scan_iter(f"{self._prefix}:[pq]:*", count=1000))
        return len(names), sum(self._redis.strlen(name) for name in names)

    def clear(self) -> int:
        """Forget every page; returns how many there were. Raises ``redis.exceptions.RedisError``."""
        names = list(self._redis.scan_iter(f"{self._prefix}:[pq]:*", count=1000))
        return sum(self._redis.unlink(name) for name in names)

    def _place(self, ticket: Ticket) -> str:
        return f"{self._prefix}:{'p' if ticket.common else 'q'}:{int(ticket.key[:15], 16) % self._places}"

    def _maker(self, ticket: Ticket) -> str:
        return f"{self._prefix}:making:{ticket.key[:32]}:{ticket.version[:32]}"

    def _answers(self) -> bool:
        return time.monotonic() >= self._rests_until

    def _ask(self, command: str, *words, **options):
        """Return what Redis answers to a command, nothing when it does not."""
        if not self._answers():
            return None
        try:
            return getattr(self._redis, command)(*words, **options)
        except RedisError as error:
            log.warning("public pages are not kept for %s s: %s", REST, error)
            self._rests_until = time.monotonic() + REST
            return None
