"""The life of an import run in the database: begun or resumed, saved with each batch, ended; one process at a time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import ckan.model as model
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from ckanext.cqgov.domain.exchange import Account, Entry, Fault
from ckanext.cqgov.domain.text import Text
from ckanext.cqgov.exchange.unreadable import Unreadable, no_access
from ckanext.cqgov.model import lock
from ckanext.cqgov.model.import_run import DONE, FAILED, RUNNING, WAITING, ImportRun, Reject, Seen

run_table, seen, reject = ImportRun.__table__, Seen.__table__, Reject.__table__
KEPT = timedelta(days=1)
CELL = 2000  # characters of a value that a report keeps


def fingerprint(path: Path, decides: Mapping[str, Any]) -> str:
    """Return the hash of a file and of everything that decides what a run over it does. Raises ``Unreadable``."""
    digest = hashlib.sha256(json.dumps(decides, sort_keys=True, ensure_ascii=False, default=str).encode())
    try:
        with path.open("rb") as binary:
            while block := binary.read(1 << 20):
                digest.update(block)
    except OSError as error:
        raise no_access(path, error) from error
    return digest.hexdigest()


@dataclass
class Findings:
    """What a report says besides the rows.

    ``unread``: columns that nobody read; ``unknown``: departments nobody knows, with how many records; ``unindexed``: ids
    of datasets that were stored but that Solr refuses.
    """

    unread: list[str] = field(default_factory=list)
    unknown: dict[str, int] = field(default_factory=dict)
    unindexed: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Return the findings as plain data; the departments with most records first."""
        known = sorted(self.unknown.items(), key=lambda each: -each[1])[:500]
        return {
            "unread": self.unread,
            "unknown": dict(known),
            "unknown_count": len(self.unknown),
            "unindexed": self.unindexed[:500],
        }


class Run:
    """A run that leaves no trace: what a dry run on the command line is. ``StoredRun`` keeps everything in the database."""

    def __init__(self) -> None:
        self.account = Account()
        self.findings = Findings()
        self.met: dict[bytes, bytes] = {}
        self.lines: list[dict[str, Any]] = []
        self.id = ""

    def known(self, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        """Return the content of those of ``keys`` that the run has already met."""
        return {key: self.met[key] for key in keys if key in self.met}

    def meet(self, met: Mapping[bytes, tuple[bytes, int, str | None]]) -> None:
        """Remember records by key: their content, first row, and the dataset that is still to be indexed."""
        self.met.update({key: content for key, (content, _row, _unindexed) in met.items()})

    def report(self, kind: str, entry: Entry, faults: Iterable[Fault]) -> None:
        """Add lines to the report."""
        for fault in faults:
            line = {key: value[:CELL].replace("\x00", "") for key, value in fault.as_dict().items()}
            self.lines.append({"kind": kind, "row": fault.row or entry.row, **line})

    def save(self) -> None:
        """Store progress in the session's transaction (nothing to do for a run without a trace)."""

    def indexed(self, ids: Iterable[str]) -> None:
        """Note that these datasets are in the search index."""

    def unindexed(self) -> list[str]:
        """Return the datasets that an earlier process wrote and did not index."""
        return []

    def rejects(self) -> Iterator[dict[str, Any]]:
        """Yield the lines of the report in the order of the file."""
        yield from self.lines

    def finish(self, error: Text | None = None) -> None:
        """End the run; ``error`` says why it failed. Commits."""


class StoredRun(Run):
    """A run whose progress is committed together with each batch, so that it survives the death of its process."""

    def __init__(self, row: ImportRun) -> None:
        super().__init__()
        self.id = row.id
        self.dry = row.dry_run
        self.account = Account.of(row.account)
        told = row.findings
        self.findings = Findings(told.get("unread", []), dict(told.get("unknown", {})), list(told.get("unindexed", [])))
        self.position = model.Session.execute(
            sa.select(sa.func.coalesce(sa.func.max(reject.c.position), 0)).where(reject.c.run_id == row.id)
        ).scalar_one()

    def known(self, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        rows = model.Session.execute(
            sa.select(seen.c.key, seen.c.content).where(seen.c.run_id == self.id, seen.c.key.in_(list(keys)))
        )
        return {bytes(row.key): bytes(row.content) for row in rows}

    def meet(self, met: Mapping[bytes, tuple[bytes, int, str | None]]) -> None:
        rows = [
            {"run_id": self.id, "key": key, "content": content, "row": row, "unindexed": unindexed}
            for key, (content, row, unindexed) in met.items()
        ]
        if rows:
            model.Session.execute(insert(seen).on_conflict_do_nothing(), rows)

    def save(self) -> None:
        session = model.Session
        if self.lines:
            session.execute(
                sa.insert(reject),
                [
                    {"run_id": self.id, "position": position, **line}
                    for position, line in enumerate(self.lines, self.position + 1)
                ],
            )
        session.execute(
            sa.update(run_table)
            .where(run_table.c.id == self.id)
            .values(
                account=self.account.as_dict(),
                findings=self.findings.as_dict(),
                touched_at=datetime.now(UTC),
            )
        )

    def saved(self) -> None:
        """Note that what ``save`` stored is committed."""
        self.position += len(self.lines)
        self.lines = []

    def indexed(self, ids: Iterable[str]) -> None:
        model.Session.execute(
            sa.update(seen).where(seen.c.run_id == self.id, seen.c.unindexed.in_(list(ids))).values(unindexed=None)
        )

    def unindexed(self) -> list[str]:
        query = sa.select(seen.c.unindexed).where(seen.c.run_id == self.id, seen.c.unindexed.is_not(None))
        return list(model.Session.execute(query).scalars())

    def rejects(self) -> Iterator[dict[str, Any]]:
        rows = model.Session.execute(
            sa.select(reject).where(reject.c.run_id == self.id).order_by(reject.c.position),
            execution_options={"yield_per": 1000},
        )
        for row in rows:
            yield dict(row._mapping)

    def finish(self, error: Text | None = None) -> None:
        session = model.Session
        done = {"state": FAILED if error else DONE, "finished_at": datetime.now(UTC)}
        done["findings"] = self.findings.as_dict()
        if error:
            done["error"] = {"zh": error.zh, "en": error.en}
        else:
            done |= {"error": None}
            if not self.dry:
                done["content"] = None
            session.execute(sa.delete(seen).where(seen.c.run_id == self.id))
        session.execute(sa.update(run_table).where(run_table.c.id == self.id).values(**done))
        session.commit()


def begin(mark: str, described: Mapping[str, Any]) -> tuple[StoredRun, bool]:
    """Return the unfinished run with this fingerprint, or a new one, and whether it is resumed. Commits."""
    session, row = model.Session, _unfinished(mark)
    resumed = row is not None and Account.of(row.account).rows_read > 0
    if row is None:
        row = ImportRun(id=str(uuid4()), fingerprint=mark, account={}, findings={}, state=RUNNING, **described)
        session.add(row)
    row.state, row.error, row.layout = RUNNING, None, described["layout"]
    session.commit()
    return StoredRun(row), resumed


def wait(mark: str, content: bytes, described: Mapping[str, Any]) -> ImportRun:
    """Return the run of an uploaded file that waits to be carried out; an unfinished one is taken up again. Commits.

    Files of dry runs are kept for a day, so that the import itself needs no second upload; older ones are dropped here.
    """
    session = model.Session
    old = sa.and_(run_table.c.dry_run, run_table.c.finished_at < datetime.now(UTC) - KEPT)
    session.execute(sa.update(run_table).where(old, run_table.c.content.is_not(None)).values(content=None))
    row = _unfinished(mark)
    if row is None:
        row = ImportRun(id=str(uuid4()), fingerprint=mark, state=WAITING, account={}, findings={}, **described)
        session.add(row)
    row.content = content
    session.commit()
    return row


def _unfinished(mark: str) -> ImportRun | None:
    """Return the latest unfinished run with this fingerprint; until the transaction ends nobody else can begin one."""
    lock.hold(model.Session, lock.IMPORT, mark)
    query = sa.select(ImportRun).where(ImportRun.fingerprint == mark, ImportRun.state != DONE)
    return model.Session.execute(query.order_by(ImportRun.started_at.desc()).limit(1)).scalar()


@contextmanager
def alone(mark: str) -> Iterator[None]:
    """Hold the run's lock on a connection of its own: it is free as soon as the process ends, however it ends.

    Raises ``Unreadable`` when another process is at work on the same file with the same options.
    """
    key = int.from_bytes(bytes.fromhex(mark[:16]), "big", signed=True)
    with model.meta.engine.connect() as connection:
        if not connection.execute(sa.select(sa.func.pg_try_advisory_lock(key))).scalar():
            raise Unreadable(
                Text("同一文件正在导入", "this file is being imported already"),
                Text(
                    "请等它结束，用 ckan cqgov catalogue runs 查看进度",
                    "wait for it; ckan cqgov catalogue runs shows how far it is",
                ),
            )
        connection.commit()
        try:
            yield
        finally:
            connection.execute(sa.select(sa.func.pg_advisory_unlock(key)))
            connection.commit()


def latest(limit: int) -> list[ImportRun]:
    """Return the latest runs, newest first."""
    query = sa.select(ImportRun).order_by(ImportRun.started_at.desc()).limit(limit)
    return list(model.Session.execute(query).scalars())


def get(id_: str) -> ImportRun | None:
    """Return a run by its id."""
    return model.Session.get(ImportRun, id_, populate_existing=True)
