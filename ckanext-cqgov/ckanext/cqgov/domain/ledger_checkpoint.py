"""Checkpoints of the ledger: the chain's head, signed and kept outside the database too (Art. 27-29, 33).

The chain shows every change inside it, but not that its end was cut off, nor that all of it was computed anew. A
checkpoint says which hash stood at which position; whoever holds it finds both, and finds where.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ckanext.cqgov.domain.text import Text


@dataclass(frozen=True)
class Checkpoint:
    """The hash at a position of the chain at a time, with the signature (base64) of the key named by its id."""

    position: int
    hash: str
    at: datetime
    key: str
    signature: str = ""

    def message(self) -> bytes:
        """Return what is signed."""
        at = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        return f"cqgov-ledger-checkpoint-1\n{self.position}\n{self.hash}\n{at}\n{self.key}".encode()

    def line(self) -> str:
        """Return the checkpoint as a line of JSON."""
        at = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        return json.dumps({**vars(self), "at": at}, separators=(",", ":"))


def read(line: str) -> Checkpoint:
    """Return the checkpoint of a line that ``Checkpoint.line`` wrote. Raises ``ValueError`` for any other line."""
    try:
        found: Any = json.loads(line)
        at = datetime.fromisoformat(found["at"])
        values = [found[name] for name in ("hash", "key", "signature")]
        position = found["position"]
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"not a checkpoint: {line[:100]}") from error
    if type(position) is not int or at.tzinfo is None or not all(isinstance(value, str) for value in values):
        raise ValueError(f"not a checkpoint: {line[:100]}")
    return Checkpoint(position, values[0], at, values[1], values[2])


@dataclass(frozen=True)
class Fault:
    """What a checkpoint shows: the chain is right up to ``after``; what is wrong lies behind, at most to ``position``."""

    source: str
    code: str
    after: int
    position: int
    text: Text


TABLE, FILE = "table", "file"
SOURCES: Mapping[str, Text] = {
    TABLE: Text("数据库中的检查点", "the checkpoints in the database"),
    FILE: Text("库外的检查点文件", "the file of checkpoints outside the database"),
}
FAULTS: Mapping[str, Text] = {
    "unknown-key": Text("检查点不是用本平台的密钥签署的", "a checkpoint was signed by a key that is not the portal's"),
    "forged": Text("检查点的签名不符，系伪造或改动", "a checkpoint's signature does not fit: it was forged or changed"),
    "mismatch": Text(
        "封印链与签署的检查点不符：此段记录被改动、插入或删除后重新计算过",
        "the chain is not what was signed: entries in this part were changed, inserted or removed and sealed anew",
    ),
    "cut": Text(
        "封印链末尾被截去：现止于 {end}，检查点证明其后曾有记录",
        "the end was cut off: the chain ends at {end}, and checkpoints prove that it went further",
    ),
    "order": Text("检查点的次序不对", "the checkpoints are out of order"),
    "removed": Text("检查点已被删除，另一处仍有", "a checkpoint was removed here; the other place still has it"),
    "unreadable": Text("检查点文件中有无法读取的行", "the file of checkpoints has a line that can't be read"),
}

Genuine = Callable[[Checkpoint], bool | None]
"""Says of a checkpoint's signature: right, wrong, or (None) by a key that is not known."""


class Watch:
    """Goes along the chain with the checkpoints of one source, and keeps the first fault and the last good checkpoint."""

    def __init__(self, source: str, checkpoints: Iterable[Checkpoint], genuine: Genuine) -> None:
        """Take checkpoints in the order in which they were made; they may raise ``ValueError`` for an unreadable one."""
        self.source, self.genuine = source, genuine
        self.last: Checkpoint | None = None
        self.count, self._passed = 0, 0
        self.fault: Fault | None = None
        self._checkpoints = iter(checkpoints)
        self._next: Checkpoint | None = None
        self._advance()

    def found(self, code: str, position: int, **values: object) -> None:
        """Keep a fault if it is the first, with ``values`` for its text; look no further."""
        if self.fault is None:
            after = self.last.position if self.last else 0
            self.fault = Fault(self.source, code, after, position, FAULTS[code].filled(**values))
        self._next = None

    def at(self, position: int, current: str) -> bool:
        """Pass the seal at ``position`` with the hash ``current``; say whether there is a good checkpoint of it."""
        passed, self._passed = self._passed, position
        if self._next is None or self._next.position > position:
            return False
        one = self._next
        if code := self._wrong(one, passed, position, current):
            self.found(code, one.position)
            return False
        self.last, self.count = one, self.count + 1
        self._advance()
        return True

    def end(self, position: int) -> None:
        """Say that the chain ends at ``position``: whatever is left was cut off."""
        last: Checkpoint | None = None
        while self._next is not None:
            one = self._next
            if one.position <= position:
                return self.found("order", one.position)
            if code := self._unsigned(one):
                return self.found(code, one.position)
            last = one
            self._advance()
        if last is not None:
            self.found("cut", last.position, end=position)
        return None

    def _wrong(self, one: Checkpoint, passed: int, position: int, current: str) -> str | None:
        if one.position <= passed:
            return "order"
        fits = one.position == position and one.hash == current  # else the seal of its position is gone, or another
        return self._unsigned(one) or (None if fits else "mismatch")

    def _unsigned(self, one: Checkpoint) -> str | None:
        genuine = self.genuine(one)
        return None if genuine else "forged" if genuine is False else "unknown-key"

    def _advance(self) -> None:
        try:
            self._next = next(self._checkpoints, None)
        except ValueError:
            self.found("unreadable", self.last.position if self.last else 0)


class Comparison:
    """Goes along the chain with both sources: what one has the other must have, as far as the file reaches."""

    def __init__(self, table: Watch, file: Watch | None) -> None:
        """Take both; ``file`` is None where no file is kept."""
        self.table, self.file = table, file
        self._begun, self._only_table, self._position = False, 0, 0

    def passing(self, position: int, current: str) -> None:
        """Pass the seal at ``position`` with the hash ``current``."""
        self._position = position
        here = self.table.at(position, current)
        if self.file is None:
            return
        there = self.file.at(position, current)
        self._begun = self._begun or there
        if there and not here and self.table.fault is None:
            self.table.found("removed", position)
        if there and self._only_table:
            self.file.found("removed", self._only_table)
        if here and not there and self._begun and self.file.fault is None:
            self._only_table = self._only_table or position

    def end(self) -> tuple[Fault, ...]:
        """Return the faults of both, once the chain has ended."""
        watches = [self.table, *([self.file] if self.file else [])]
        for watch in watches:
            watch.end(self._position)
        return tuple(watch.fault for watch in watches if watch.fault)

    @property
    def last(self) -> Checkpoint | None:
        """The last good checkpoint of either."""
        found = [watch.last for watch in (self.table, self.file) if watch and watch.last]
        return max(found, key=lambda one: one.position, default=None)
