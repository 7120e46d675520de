"""One set-up at a time in a checkout."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from stack.places import Places


@contextmanager
def locked(places: Places) -> Iterator[None]:
    """Hold the checkout's lock; a second comer says that it waits, and waits.

    The kernel gives the lock back when the holder ends in any way, so a cut-short run leaves nothing to clean.
    """
    places.var.mkdir(parents=True, exist_ok=True)
    with open(places.var / ".lock", "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("另一个 make 正在准备本目录，等它结束 … waiting for another make in this checkout", flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
