"""Row ``public-list``: pages per second of the dataset list as visitors read it, ours against a stock CKAN.

Both portals stand side by side (``portals``) with the same number of datasets and processes; as many readers as the web
server has threads ask for the same addresses over kept connections. The stock CKAN makes every page; ours keeps what
nothing has changed on. ``cold`` are pages per second when every page is made, on both sides: readers then show a cookie,
which is never answered from what is kept.
"""

from __future__ import annotations

import os
import re
import socket
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from tests.bench import portals
from tests.bench.measure import Row

DATASETS = int(os.environ.get("BENCH_LIST_DATASETS", "1000"))
SECONDS = float(os.environ.get("BENCH_LIST_SECONDS", "6"))
READERS = 8  # the threads of two web processes
SHOWN = 20  # datasets on a page
LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)
ADDRESSES = (
    "/dataset/",
    *(f"/dataset/?page={page}" for page in range(1, 6)),
    "/dataset/?sort=title_string+asc",
    "/dataset/?sort=metadata_modified+desc",
)
MADE: dict[str, list[float]] = {portals.OURS: [], portals.STOCK: []}


class Reader:
    """One kept connection to a portal."""

    def __init__(self, url: str, cookie: str = "") -> None:
        place = urlsplit(url)
        self._host = place.netloc
        self._cookie = f"Cookie: {cookie}\r\n" if cookie else ""
        self._socket = socket.create_connection((place.hostname, place.port), timeout=120)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def page(self, path: str) -> tuple[bytes, bytes]:
        """Return head and content of a page; raises when it is not a whole page."""
        asking = f"GET {path} HTTP/1.1\r\nHost: {self._host}\r\nAccept: text/html\r\n{self._cookie}\r\n"
        self._socket.sendall(asking.encode())
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._more()
        head, _, body = received.partition(b"\r\n\r\n")
        length = LENGTH.search(head + b"\r\n")
        if not head.startswith(b"HTTP/1.1 200 ") or length is None:
            raise RuntimeError(f"{path}: {head[:200]!r}")
        parts, missing = [body], int(length[1]) - len(body)
        while missing > 0:
            parts.append(self._more())
            missing -= len(parts[-1])
        return head, b"".join(parts)

    def close(self) -> None:
        """End the connection."""
        self._socket.close()

    def _more(self) -> bytes:
        chunk = self._socket.recv(65536)
        if not chunk:
            raise RuntimeError("the portal closed the connection")
        return chunk


@contextmanager
def side_by_side() -> Iterator[None]:
    """Bring both portals up before the first round."""
    portals.raised((portals.OURS, DATASETS), (portals.STOCK, DATASETS))
    yield


def rate(kind: str, cookie: str = "") -> float:
    """Return how many list pages per second a portal gives its readers."""
    url = portals.portal(kind, DATASETS).url
    proven(url, cookie)
    until = time.monotonic() + SECONDS

    def read(start: int) -> int:
        reader, pages = Reader(url, cookie), 0
        while time.monotonic() < until:
            reader.page(ADDRESSES[(start + pages) % len(ADDRESSES)])
            pages += 1
        reader.close()
        return pages

    began = time.monotonic()
    with ThreadPoolExecutor(READERS) as pool:
        total = sum(pool.map(read, range(READERS)))
    return total / (time.monotonic() - began)


def proven(url: str, cookie: str) -> None:
    """Read every address once: each shows as many datasets as it should. Also warms up what both sides remember."""
    reader = Reader(url, cookie)
    for path in ADDRESSES:
        _head, body = reader.page(path)
        names = set(re.findall(rb'href="/dataset/([^"/?#]+)"', body)) - {b"new"}
        if len(names) < SHOWN:
            raise RuntimeError(f"{url}{path} shows {len(names)} datasets")
    reader.close()


def ours() -> float:
    """Return the pages per second of our portal, and measure it with nothing kept."""
    MADE[portals.OURS].append(rate(portals.OURS, "bench=1"))
    return rate(portals.OURS)


def stock() -> float:
    """Return the pages per second of the stock CKAN; it makes every page, with a cookie or without."""
    MADE[portals.STOCK].append(rate(portals.STOCK, "bench=1"))
    return rate(portals.STOCK)


def cold() -> Mapping[str, Any]:
    """Return the figures with nothing kept."""
    made = {kind: median(found) for kind, found in MADE.items()}
    return {
        "datasets": DATASETS,
        "readers": READERS,
        "cold_ours": round(made[portals.OURS], 1),
        "cold_stock": round(made[portals.STOCK], 1),
        "cold_ratio": round(made[portals.OURS] / made[portals.STOCK], 3),
    }


ROWS = [
    Row(
        "public-list",
        "pages/s",
        "higher",
        5,
        ours,
        {"stock CKAN": stock},
        rounds=int(os.environ.get("BENCH_ROUNDS", "3")),
        around=side_by_side,
        said=cold,
    )
]
