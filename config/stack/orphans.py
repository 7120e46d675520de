"""Programs that outlived their supervisor (it was killed, not stopped): found by a mark in their environment, and ended.

Without this, a killed supervisor would leave a PostgreSQL that holds the data folder, and the next start would fail.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from stack.places import Places

VARIABLE = "CQGOV_STACK"


def mark(places: Places) -> str:
    """Return the environment entry that every program of a checkout carries."""
    return f"{VARIABLE}={places.root}"


def found(places: Places, processes: Path = Path("/proc")) -> Iterator[int]:
    """Yield the ids of the living programs of a checkout.

    :param places: the checkout.
    :param processes: the folder in which the kernel shows processes.
    """
    wanted = mark(places).encode()
    for folder in processes.glob("[0-9]*"):
        try:
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                yield int(folder.name)
        except OSError:  # ended meanwhile, or somebody else's
            continue


def end(places: Places) -> bool:
    """End all programs of a checkout in good order; return whether there were any.

    PostgreSQL's server ends its own processes, so the first signal is the one by which it closes at once and cleanly.
    """
    there = False
    for one, seconds in ((signal.SIGINT, 10), (signal.SIGTERM, 20), (signal.SIGKILL, 5)):
        deadline = time.monotonic() + seconds
        for pid in found(places):
            there = True
            signalled(pid, one)
        while any(found(places)) and time.monotonic() < deadline:
            time.sleep(0.1)
    return there


def signalled(pid: int, number: int) -> None:
    """Send a signal to a process that may have ended already."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
