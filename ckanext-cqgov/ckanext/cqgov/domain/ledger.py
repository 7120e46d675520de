"""The ledger's chain: how one entry is written down as bytes, hashed and linked to the one before (Art. 27-29, 33).

The chain runs in the order of sealing. A seal is ``(position, entry_id, prev_hash, hash)``; ``hash`` covers the
previous seal's hash, the position and every field of the entry, so changing, dropping, moving or inserting one entry
breaks the chain at that place.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from ckanext.cqgov.domain.text import Text

GENESIS = "0" * 64


@dataclass(frozen=True)
class Entry:
    """One act: who (``actor``) did what (``verb``) to which thing (``subject_type``, ``subject_id``), and when."""

    id: int
    at: datetime
    actor: str
    verb: str
    subject_type: str
    subject_id: str
    detail: Mapping[str, Any]


@dataclass(frozen=True)
class Seal:
    """The link of one entry in the chain; positions count 1, 2, 3 without a gap."""

    position: int
    entry_id: int
    prev_hash: str
    hash: str


@dataclass(frozen=True)
class Break:
    """The first place where the chain does not hold, and what is wrong there."""

    position: int
    entry_id: int
    code: str
    text: Text


FAULTS: Mapping[str, Text] = {
    "gap": Text("封印序号不连续，有封印被删除或插入", "the seals do not count on: one was removed or inserted"),
    "link": Text("与前一封印不相连", "the seal does not link to the one before"),
    "missing": Text("被封印的记录不存在", "the sealed entry does not exist"),
    "hash": Text("记录内容与封印不符，已被改动", "the entry is not what was sealed: it was changed"),
}


def plain(value: Any) -> Any:
    """Return ``value`` as JSON that PostgreSQL's ``jsonb`` can hold: dates as ISO text, sets as sorted lists.

    ``jsonb`` refuses U+0000, lone surrogates, NaN and infinities; an entry must never be lost to that, so they are
    written as U+FFFD or as their name.
    """
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {plain(str(key)): plain(item) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((plain(item) for item in value), key=str)
    if isinstance(value, Iterable):
        return [plain(item) for item in value]
    return plain(str(value))


def canonical(entry: Entry) -> bytes:
    """Return the one way of writing ``entry`` down: sorted keys, no spaces, UTC to the microsecond, UTF-8."""
    return json.dumps(
        {
            "id": entry.id,
            "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "actor": entry.actor,
            "verb": entry.verb,
            "subject_type": entry.subject_type,
            "subject_id": entry.subject_id,
            "detail": plain(entry.detail),
        },
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    ).encode("utf-8")


def digest(prev_hash: str, position: int, entry: Entry) -> str:
    """Return the SHA-256 (hex) that seals ``entry`` at ``position`` behind ``prev_hash``."""
    return hashlib.sha256(f"{prev_hash}\n{position}\n".encode() + canonical(entry)).hexdigest()


def chain(entries: Iterable[Entry], position: int = 0, prev_hash: str = GENESIS) -> Iterator[Seal]:
    """Yield the seals of ``entries`` in the order given, continuing after the seal at ``position``."""
    for entry in entries:
        position += 1
        current = digest(prev_hash, position, entry)
        yield Seal(position, entry.id, prev_hash, current)
        prev_hash = current


def first_break(sealed: Iterable[tuple[Seal, Entry | None]]) -> Break | None:
    """Return the first place where the chain breaks, or None when all of it holds.

    ``sealed`` gives each seal in order of position with its entry, None where the entry is gone. What was cut off
    the end cannot be seen from inside; that needs a checkpoint kept elsewhere.
    """
    position, prev_hash = 0, GENESIS
    for seal, entry in sealed:
        position += 1
        if seal.position != position:
            return _break(position, seal, "gap")
        if seal.prev_hash != prev_hash:
            return _break(position, seal, "link")
        if entry is None:
            return _break(position, seal, "missing")
        if seal.hash != digest(prev_hash, position, entry) or seal.entry_id != entry.id:
            return _break(position, seal, "hash")
        prev_hash = seal.hash
    return None


def _break(position: int, seal: Seal, code: str) -> Break:
    return Break(position, seal.entry_id, code, FAULTS[code])
