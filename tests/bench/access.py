"""Rows ``access.package_show``, ``access.download`` and ``access.stream``: what access rules cost who reads, over HTTP.

Our portal and a stock CKAN stand side by side (``portals``) with the same open datasets and files, and get the same requests in turn
from one client over kept connections, in an order drawn anew each round. ``access.stream`` takes a file of 1 GiB that is open on
conditions out of our vault, by the link that its holder is given, and compares the rate with Flask's ``send_file`` and with stock
CKAN's download of the same bytes, under the same gunicorn; ``rss_growth_mib`` is what our processes grew by meanwhile.
"""

from __future__ import annotations

import atexit
import json
import os
import random
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from urllib.parse import urlsplit

from tests.bench import portals
from tests.bench.measure import Row
from tests.bench.portals import OURS, ROOT, STOCK, Portal
from tests.bench.search_speed import Client

DATASETS = int(os.environ.get("BENCH_ACCESS_DATASETS", "1001"))  # cores of their own: datasets are added to them
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "10"))
GIB = 1 << 30
BLOCK = 1 << 20
MOST_GROWTH = 32
"""MiB by which our processes may grow while a file goes out; more would not be flat."""


@cache
def big() -> Path:
    """Return a file of 1 GiB without holes, made once."""
    path = portals.folder() / "big.bin"
    if not path.exists() or path.stat().st_size != GIB:
        with path.open("wb") as file:
            for _ in range(GIB // BLOCK):
                file.write(os.urandom(BLOCK))
            file.flush()
            os.fsync(file.fileno())
    return path


@cache
def worlds() -> dict[str, tuple[Portal, dict[str, Any]]]:
    """Return both portals with what lies in them."""
    found = portals.raised((OURS, DATASETS), (STOCK, DATASETS))
    said = {}
    for portal in found:
        told = portals.folder() / f"access-{portal.kind}.json"
        command = [sys.executable, "-m", "tests.bench.access_world", portal.kind, str(big()), str(told)]
        done = subprocess.run(command, cwd=ROOT, env=portals.environment(portal.ini), capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"the datasets of {portal.kind} could not be laid:\n{done.stderr[-4000:]}")
        said[portal.kind] = (portal, json.loads(told.read_text("utf-8")))
    return said


def shown(client: Client, each: Mapping[str, str]) -> float:
    """Return the milliseconds of a ``package_show`` by name; raises when it shows another dataset."""
    taken, body = client.get("/api/3/action/package_show", {"id": each["name"]})
    if each["id"].encode() not in body:
        raise RuntimeError(f"{each['name']} is not shown: {body[:200]!r}")
    return taken


def downloaded(client: Client, each: Mapping[str, str]) -> float:
    """Return the milliseconds of a download of an open file."""
    return client.get(f"/dataset/{each['name']}/resource/{each['resource']}/download/x.csv", {})[0]


@cache
def timed(ask: Callable[[Client, Mapping[str, str]], float]) -> dict[str, list[float]]:
    """Return the milliseconds of each request on each side, the sides in turn; the first two rounds warm up."""
    sides = {kind: (Client(portal.url), said["open"]) for kind, (portal, said) in worlds().items()}
    taken: dict[str, list[float]] = {kind: [] for kind in sides}
    order = random.Random(20261123)
    for number in range(-2, ROUNDS):
        places = range(len(next(iter(sides.values()))[1]))
        for place in order.sample(places, len(places)):
            for kind in order.sample(list(sides), len(sides)):
                client, found = sides[kind]
                figure = ask(client, found[place])
                if number >= 0:
                    taken[kind].append(figure)
    return taken


def interval(taken: Mapping[str, list[float]], draws: int = 2000) -> list[float]:
    """Return the 95 % bootstrap interval of the ratio of medians; the pairs were asked within the same moment and stay together."""
    chance, places = random.Random(1), range(len(taken[OURS]))
    ratios = []
    for _ in range(draws):
        drawn = chance.choices(places, k=len(places))
        ratios.append(median(taken[OURS][one] for one in drawn) / median(taken[STOCK][one] for one in drawn))
    ratios.sort()
    return [round(ratios[int(draws * 0.025)], 3), round(ratios[int(draws * 0.975)], 3)]


def told(ask: Callable[[Client, Mapping[str, str]], float]) -> dict[str, Any]:
    """Return what else a row tells: number of pairs, interval of the ratio, the 10th and 90th percentile of each side."""
    taken = timed(ask)
    return {
        "n": len(taken[OURS]),
        "interval": interval(taken),
        "spread": {kind: [round(one, 2) for one in quantiles(found, n=10)[::8]] for kind, found in taken.items()},
    }


def compared(name: str, ask: Callable[[Client, Mapping[str, str]], float]) -> Row:
    """Return the row of one kind of request."""
    return Row(
        name,
        "ms",
        "lower",
        1.05,
        lambda: median(timed(ask)[OURS]),
        {"stock CKAN": lambda: median(timed(ask)[STOCK])},
        rounds=1,
        said=lambda: told(ask),
    )


@cache
def plain() -> str:
    """Start Flask's ``send_file`` under the same gunicorn and return its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number = probe.getsockname()[1]
    command = [portals.tool("gunicorn"), "tests.bench.plain_file:application", *portals.server(number)]
    log = (portals.folder() / "plain.log").open("wb")
    env = {**os.environ, "BENCH_FILE": str(big()), "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log)
    atexit.register(portals.ended, process)
    address = f"http://127.0.0.1:{number}/"
    for _ in range(150):
        try:
            urllib.request.urlopen(urllib.request.Request(address, method="HEAD"), timeout=10).close()
            return address
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the plain server did not start, see {log.name}")


def streamed(url: str, headers: Mapping[str, str] | None = None) -> float:
    """Return the MiB per second at which the file of an address arrives; raises when it is not the whole file."""
    place, buffer = urlsplit(url), bytearray(BLOCK)
    with socket.create_connection((place.hostname or "", place.port or 80), timeout=120) as connection:
        said = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
        began = time.perf_counter()
        asked = f"GET {place.path} HTTP/1.1\r\nHost: {place.netloc}\r\nConnection: close\r\n{said}\r\n"
        connection.sendall(asked.encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.recv(65536) or _ended(url, head)
        head, _, rest = head.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200 "):
            _ended(url, head)
        received = len(rest)
        while count := connection.recv_into(buffer):
            received += count
        taken = time.perf_counter() - began
    if received != GIB:
        raise RuntimeError(f"{url}: {received} bytes")
    return GIB / (1 << 20) / taken


def _ended(url: str, head: bytes) -> bytes:
    raise RuntimeError(f"{url}: {head[:300]!r}")


def link() -> tuple[str, dict[str, str]]:
    """Return a fresh link to the file in our vault, and what its holder shows."""
    portal, said = worlds()[OURS]
    holder = {"Authorization": said["token"]}
    asked = urllib.request.Request(
        f"{portal.url}/api/3/action/cqgov_download_link",
        json.dumps({"id": said["large"]["resource"]}).encode(),
        {**holder, "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(asked, timeout=60) as answer:
        return json.load(answer)["result"]["url"], holder


GROWTH: list[float] = []


def resident(address: str) -> int:
    """Return the peak of the resident memory of all processes that serve an address, in KiB; the peak is begun anew."""
    total, mark = 0, f"--bind={urlsplit(address).netloc}".encode()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (process / "cmdline").read_bytes().split(b"\0"):
                status = (process / "status").read_text()
                total += int(status.partition("VmHWM:")[2].split()[0])
                (process / "clear_refs").write_text("5")
        except OSError:
            continue  # it has ended
    return total


def from_vault() -> float:
    """Return the rate of our vault, and note by how much memory grew."""
    url, holder = link()
    portal = worlds()[OURS][0]
    resident(portal.url)
    before = resident(portal.url)
    rate = streamed(f"{portal.url}{urlsplit(url).path}", holder)
    GROWTH.append((resident(portal.url) - before) / 1024)
    return rate


def from_stock() -> float:
    """Return the rate of stock CKAN's download of the same bytes."""
    portal, said = worlds()[STOCK]
    return streamed(f"{portal.url}/dataset/{said['large']['name']}/resource/{said['large']['resource']}/download/x.bin")


def flat() -> dict[str, Any]:
    """Return by how much our processes grew; raises when that is not flat."""
    if max(GROWTH) > MOST_GROWTH:
        raise RuntimeError(f"our processes grew by {max(GROWTH):.0f} MiB while 1 GiB went out")
    return {"rss_growth_mib": round(max(GROWTH), 1), "file_mib": GIB >> 20}


ROWS = [
    compared("access.package_show", shown),
    compared("access.download", downloaded),
    Row(
        "access.stream",
        "MiB/s",
        "higher",
        0.9,
        from_vault,
        {"send_file": lambda: streamed(plain()), "stock CKAN": from_stock},
        rounds=max(ROUNDS // 2, 3),
        said=flat,
    ),
]
