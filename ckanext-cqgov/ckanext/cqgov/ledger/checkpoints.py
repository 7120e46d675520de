"""Checkpoints: the chain's head signed, first in the database, then appended to a file outside it.

In that order, so that a crash between the two loses nothing: the next run appends what the file lacks. What the file has
and the database lacks was taken out of the database.
"""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ckanext.cqgov import keyring
from ckanext.cqgov.domain import ledger_checkpoint as domain
from ckanext.cqgov.domain.ledger_checkpoint import Checkpoint
from ckanext.cqgov.model import ledger, ledger_checkpoint, lock

log = logging.getLogger(__name__)

TAIL = 4096
"""Bytes from the end of the file in which its last line lies; a line has about 250."""


def make(session: Any, key: Path, every: timedelta = timedelta()) -> Checkpoint | None:
    """Sign the chain's head unless it is signed already, or another was signed less than ``every`` ago.

    Returns the checkpoint, None when none was made; commits nothing. Raises ``KeyFault``.
    """
    lock.hold(session, lock.SEALER)
    (position, current), last = ledger.last_seal(session), ledger_checkpoint.last(session)
    now = datetime.now(UTC)
    if position <= (last.position if last else 0) or (last is not None and now - last.at < every):
        return None
    unsigned = Checkpoint(position, current, now, keyring.signer(key))
    made = Checkpoint(position, current, now, unsigned.key, keyring.sign(key, unsigned.message()))
    ledger_checkpoint.add(session, made)
    return made


def publish(session: Any, path: Path) -> int:
    """Append to the file the committed checkpoints that it lacks, and have them on the disk; returns how many.

    A file that goes further than the database is left as it is and logged: the database was cut, or is an older copy.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "ab+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # let go when the file is closed
        written, last = _whole_part(file)
        newest = ledger_checkpoint.last(session)
        if last is not None and (newest is None or newest.position < last.position):
            log.error("the ledger ends before the checkpoint at %s in %s: it was cut off", last.position, path)
            return 0
        lines = [one.line() + "\n" for one in ledger_checkpoint.behind(session, last.position if last else 0)]
        if lines:
            file.truncate(written)  # half a line, from a crash
            file.write("".join(lines).encode("ascii"))
            file.flush()
            os.fsync(file.fileno())
    return len(lines)


def lines(path: Path, size: int | None = None) -> Iterator[Checkpoint]:
    """Yield the checkpoints of a file, up to ``size`` bytes; half a line at its end is a crash's and counts for nothing.

    Raises ``ValueError`` at a line that is no checkpoint.
    """
    seen = 0
    with open(path, "rb") as file:
        for line in file:
            seen += len(line)
            if not line.endswith(b"\n") or (size is not None and seen > size):
                return
            yield domain.read(line.decode("ascii", "replace"))


def _whole_part(file: Any) -> tuple[int, Checkpoint | None]:
    """Return how many bytes of the file are whole lines, and the checkpoint of the last of them."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(size - TAIL, 0))
    tail: bytes = file.read()
    whole = tail[: tail.rfind(b"\n") + 1]
    last = whole.splitlines()[-1:]
    try:
        checkpoint = domain.read(last[0].decode("ascii", "replace")) if last else None
    except ValueError:
        log.error("the last line of %s is no checkpoint", file.name)
        checkpoint = None
    return size - len(tail) + len(whole), checkpoint
