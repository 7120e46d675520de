"""What comes out of the portal beside its answers while a request runs: log lines, mails, queries of the database, and what Solr
and Redis are asked for."""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
import urllib3
from ckan.tests.helpers import FakeSMTP
from redis.connection import AbstractConnection
from sqlalchemy.engine import Engine

STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


class Lines(logging.Handler):
    """Keeps every log line with its traceback and what was attached to it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.kept: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line."""
        try:
            attached = {key: value for key, value in vars(record).items() if key not in STANDARD}
            self.kept.append(f"{self.format(record)} {attached or ''}")
        except Exception as error:  # a line that can't be written can't leak either
            self.kept.append(repr(error))

    def taken(self) -> str:
        """Return the lines since the last time."""
        lines, self.kept = self.kept, []
        return "\n".join(lines)


@contextmanager
def lines() -> Iterator[Lines]:
    """Watch all loggers, also those that do not hand on to the root."""
    handler = Lines()
    deaf = [one for one in logging.root.manager.loggerDict.values() if getattr(one, "propagate", True) is False]
    watched: list[Any] = [logging.root, *deaf]
    for one in watched:
        one.addHandler(handler)
    try:
        yield handler
    finally:
        for one in watched:
            one.removeHandler(handler)


@contextmanager
def mails() -> Iterator[FakeSMTP]:
    """Catch every mail."""
    bag, real = FakeSMTP(), smtplib.SMTP
    smtplib.SMTP = bag  # type: ignore[misc,assignment]
    try:
        yield bag
    finally:
        smtplib.SMTP = real  # type: ignore[misc]


@contextmanager
def queries() -> Iterator[list[str]]:
    """List the statements that any engine runs."""
    run: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        run.append(statement)

    sa.event.listen(Engine, "before_cursor_execute", note)
    try:
        yield run
    finally:
        sa.event.remove(Engine, "before_cursor_execute", note)


@contextmanager
def requests() -> Iterator[list[str]]:
    """List what Solr and Redis are asked for: handlers and commands, without the words that they are asked about."""
    asked: list[str] = []
    pool = urllib3.connectionpool.HTTPConnectionPool
    opened, sent = pool.urlopen, AbstractConnection.send_packed_command

    def urlopen(self: Any, method: str, url: str, *words: Any, **options: Any) -> Any:
        asked.append(f"{method} {url.partition('?')[0]}")
        return opened(self, method, url, *words, **options)

    def send(self: Any, command: Any, *words: Any, **options: Any) -> Any:
        parts = [command] if isinstance(command, bytes) else list(command)
        asked.append(b"".join(parts).split(b"\r\n")[2].decode())
        return sent(self, parts, *words, **options)

    pool.urlopen, AbstractConnection.send_packed_command = urlopen, send  # type: ignore[method-assign]
    try:
        yield asked
    finally:
        pool.urlopen, AbstractConnection.send_packed_command = opened, sent  # type: ignore[method-assign]
