"""A number per topic that grows with every change of it, so that a process may remember what it read and still never
answer with something stale: it asks for the number (one row) instead of for everything.

The number grows in the transaction of the change, so nobody sees the one without the other, and a killed process
leaves neither.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from ckanext.cqgov.model import lookup

Value = TypeVar("Value")


class Generation(tk.BaseModel):
    """How often a topic was changed."""

    __tablename__ = "cqgov_generation"

    topic = sa.Column(sa.UnicodeText, primary_key=True)
    number = sa.Column(sa.BigInteger, nullable=False)


_table = Generation.__table__
_number = sa.select(_table.c.number).where(
    _table.c.topic == sa.bindparam("topic")
)  # made once: it is asked with every search


def of(topic: str) -> int:
    """Return the topic's number; 0 for one that was never changed."""
    found = lookup.rows(_number, {"topic": topic})
    return found[0].number if found else 0


def advance(session: Any, topic: str) -> None:
    """Let the topic's number grow when the session's transaction commits. Call it late: its row is locked until then.

    The first number is the time, so that a table that was emptied or restored never gives out a number a second time.
    """
    now = sa.cast(sa.extract("epoch", sa.func.clock_timestamp()) * 1_000_000, sa.BigInteger)
    first = insert(_table).values(topic=topic, number=now)
    session.execute(first.on_conflict_do_update(index_elements=[_table.c.topic], set_={"number": _table.c.number + 1}))


class Remembered(Generic[Value]):
    """What ``load`` returned last, loaded anew when the topic has been changed since, by whichever process.

    For ``unasked`` seconds after asking for the number it is not asked for again: for what is wanted with every letter that
    somebody types, where being right two seconds later does no harm. 0 asks every time.
    """

    def __init__(self, topic: str, load: Callable[[], Value], unasked: float = 0.0) -> None:
        self.unasked = unasked
        self._asked = float("-inf")
        self._topic = topic
        self._load = load
        self._held: tuple[int, Value] | None = None

    def get(self) -> Value:
        """Return the value as it is now; one small query when nothing was changed."""
        held, now = self._held, time.monotonic()
        if held is not None and now - self._asked < self.unasked:
            return held[1]
        number = of(self._topic)  # before loading: what changes meanwhile is loaded again next time
        self._asked = now
        if held is None or held[0] != number:
            held = self._held = (number, self._load())
        return held[1]
