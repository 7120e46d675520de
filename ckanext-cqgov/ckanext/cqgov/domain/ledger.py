"""The ledger's chain: how one entry is written down as bytes, hashed and linked to the one before (Art. 27-29, 33).

The chain runs in the order of sealing. A seal is ``(position, entry_id, prev_hash, hash)``; ``hash`` covers the
previous seal's hash, the position and every field of the entry, so changing, dropping, moving or inserting one entry
breaks the chain at that place.

How an entry is written down has a version, which the entry names: what was sealed as version 1 stays verifiable as
version 1, and nothing of version 1 can follow the first of version 2.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from ckanext.cqgov.domain.text import Text

GENESIS = "0" * 64
VERSION = 2
"""How entries are written down today; see ``canonical``."""

DONE, REFUSED, FAILED = "done", "refused", "failed"
OUTCOMES: Mapping[str, Text] = {
    DONE: Text("已办理", "done"),
    REFUSED: Text("被拒绝", "refused"),
    FAILED: Text("未通过", "failed"),
}


@dataclass(frozen=True)
class Entry:
    """One act: who (``actor``) did what (``verb``) to which thing (``subject_type``, ``subject_id``), and when.

    ``duties`` are those that the actor held that day, ``address`` is encrypted, ``organization_id`` is whose thing it was.
    Version 1 knew nothing from ``duties`` on.
    """

    id: int
    at: datetime
    actor: str
    verb: str
    subject_type: str
    subject_id: str
    detail: Mapping[str, Any]
    version: int = VERSION
    duties: Sequence[Mapping[str, Any]] = ()
    outcome: str = DONE
    request_id: str | None = None
    address: str | None = None
    organization_id: str | None = None


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
    "version": Text(
        "新版记录之后出现旧版记录，为事后插入", "an entry of an old form behind newer ones: it was inserted"
    ),
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
    """Return the one way of writing ``entry`` down: sorted keys, no spaces, UTC to the microsecond, UTF-8.

    Raises ``ValueError`` for a version that is not known.
    """
    written: dict[str, Any] = {
        "id": entry.id,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": entry.actor,
        "verb": entry.verb,
        "subject_type": entry.subject_type,
        "subject_id": entry.subject_id,
        "detail": plain(entry.detail),
    }
    if entry.version == 2:
        written |= {
            "version": 2,
            "duties": plain(entry.duties),
            "outcome": entry.outcome,
            "request_id": entry.request_id,
            "address": entry.address,
            "organization_id": entry.organization_id,
        }
    elif entry.version != 1:
        raise ValueError(f"entries of version {entry.version} are not known")
    return json.dumps(written, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")


def holds_more_than_sealed(entry: Entry) -> bool:
    """Say whether an entry has values that its version does not seal: somebody put them there later."""
    new = (bool(entry.duties), entry.outcome != DONE, entry.request_id, entry.address, entry.organization_id)
    return entry.version == 1 and any(new)


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


def first_break(
    sealed: Iterable[tuple[Seal, Entry | None]], passing: Callable[[Seal], None] = lambda seal: None
) -> Break | None:
    """Return the first place where the chain breaks, or None when all of it holds.

    ``sealed`` gives each seal in order of position with its entry, None where the entry is gone. ``passing`` is told of
    every seal, also behind a break. What was cut off the end cannot be seen from inside; checkpoints show that.
    """
    link, found = Link(), None
    for seal, entry in sealed:
        passing(seal)
        if found is None and (code := link.fault(seal, entry)):
            found = Break(link.position, seal.entry_id, code, FAULTS[code])
    return found


class Link:
    """Goes along the chain from seal to seal."""

    def __init__(self) -> None:
        """Begin before the first seal."""
        self.position, self.prev_hash, self.version = 0, GENESIS, 1

    def fault(self, seal: Seal, entry: Entry | None) -> str | None:
        """Return what is wrong with the next seal and its entry (a key of ``FAULTS``), None when it holds."""
        self.position += 1
        if seal.position != self.position:
            return "gap"
        if seal.prev_hash != self.prev_hash:
            return "link"
        if entry is None:
            return "missing"
        if entry.version < self.version:
            return "version"
        if entry.version not in (1, VERSION) or seal.entry_id != entry.id or holds_more_than_sealed(entry):
            return "hash"
        if seal.hash != digest(self.prev_hash, self.position, entry):
            return "hash"
        self.prev_hash, self.version = seal.hash, entry.version
        return None
