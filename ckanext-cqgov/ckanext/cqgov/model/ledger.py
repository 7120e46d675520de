"""The ledger: every act is a row that the database refuses to change (Art. 27-29, 33; ADR 0003).

Entries are written inside the caller's transaction and linked afterwards by ``seal``. The tables live in a MetaData
of their own: CKAN's ``delete_all`` must not try to empty them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from ckanext.cqgov.domain import ledger as chain
from ckanext.cqgov.model import lock

metadata = sa.MetaData()
entries = sa.Table(
    "cqgov_ledger",
    metadata,
    sa.Column("id", sa.BigInteger, primary_key=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("clock_timestamp()")),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("verb", sa.Text, nullable=False),
    sa.Column("subject_type", sa.Text, nullable=False),
    sa.Column("subject_id", sa.Text, nullable=False),
    sa.Column("detail", JSONB, nullable=False),
    sa.Index("cqgov_ledger_subject", "subject_type", "subject_id", "id"),
    sa.Index("cqgov_ledger_actor", "actor", "id"),
    sa.Index("cqgov_ledger_verb", "verb", "id"),
)
seals = sa.Table(
    "cqgov_ledger_seal",
    metadata,
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("entry_id", sa.BigInteger, sa.ForeignKey(entries.c.id), nullable=False, unique=True),
    sa.Column("prev_hash", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("clock_timestamp()")),
)

BATCH = 5_000

INSERT = sa.text(
    "INSERT INTO cqgov_ledger (actor, verb, subject_type, subject_id, detail) "
    "SELECT r.actor, r.verb, r.subject_type, r.subject_id, r.detail "
    "FROM jsonb_to_recordset(CAST(:rows AS jsonb)) "
    "AS r(actor text, verb text, subject_type text, subject_id text, detail jsonb)"
)


@dataclass(frozen=True)
class Act:
    """One act to be recorded; ``actor`` is a CKAN user id, or ``system`` where no person acts."""

    actor: str
    verb: str
    subject_type: str
    subject_id: str
    detail: Mapping[str, Any]


@dataclass(frozen=True)
class Verdict:
    """What ``verify`` found: how many entries are sealed, how many wait, and the first break if there is one."""

    sealed: int
    unsealed: int
    head: str
    broken: chain.Break | None


def record(session: Any, actor: str, verb: str, subject_type: str, subject_id: str, detail: Mapping[str, Any]) -> int:
    """Write one act into the caller's transaction and return the entry's id; commits nothing."""
    act = Act(actor or "system", verb, subject_type, subject_id, detail)
    return session.execute(sa.insert(entries).returning(entries.c.id), chain.plain(asdict(act))).scalar_one()


def record_many(session: Any, acts: Iterable[Act]) -> int:
    """Write many acts, some thousands to a statement; returns how many. Reads ``acts`` lazily, commits nothing."""
    written, source = 0, iter(acts)
    while batch := [chain.plain(asdict(act)) for act in islice(source, BATCH)]:
        session.execute(INSERT, {"rows": json.dumps(batch, ensure_ascii=False)})
        written += len(batch)
    return written


def seal(session: Any) -> int:
    """Link every committed entry that has no seal yet; returns how many. The caller commits.

    One sealer at a time; writers never wait for it. An entry whose transaction commits late is linked by the next
    run, so the chain's order is the order of sealing, not of ids.
    """
    lock.hold(session, lock.SEALER)
    last = session.execute(
        sa.select(seals.c.position, seals.c.hash).order_by(seals.c.position.desc()).limit(1)
    ).one_or_none()
    position, prev_hash = last or (0, chain.GENESIS)
    waiting = ~sa.exists().where(seals.c.entry_id == entries.c.id)
    rows = session.execute(
        sa.select(entries).where(waiting).order_by(entries.c.id), execution_options={"yield_per": BATCH}
    )
    links = chain.chain((chain.Entry(**row._mapping) for row in rows), position, prev_hash)
    sealed = 0
    while batch := [asdict(link) for link in islice(links, BATCH)]:
        session.execute(sa.insert(seals), batch)
        sealed += len(batch)
    return sealed


def verify(session: Any) -> Verdict:
    """Walk the whole chain in constant memory and say where it first breaks."""
    count = session.execute(sa.select(sa.func.count()).select_from(seals)).scalar_one()
    last = session.execute(sa.select(seals.c.hash).order_by(seals.c.position.desc()).limit(1)).scalar_one_or_none()
    unsealed = session.execute(
        sa.select(sa.func.count()).select_from(entries).where(~sa.exists().where(seals.c.entry_id == entries.c.id))
    ).scalar_one()
    return Verdict(count, unsealed, last or chain.GENESIS, chain.first_break(_sealed(session)))


def _sealed(session: Any) -> Iterator[tuple[chain.Seal, chain.Entry | None]]:
    links = [seals.c.position, seals.c.entry_id, seals.c.prev_hash, seals.c.hash]
    rows = session.execute(
        sa.select(*links, *entries.c)
        .select_from(seals.outerjoin(entries, entries.c.id == seals.c.entry_id))
        .order_by(seals.c.position),
        execution_options={"yield_per": BATCH},
    )
    for position, entry_id, prev_hash, current, *entry in rows:
        yield chain.Seal(position, entry_id, prev_hash, current), None if entry[0] is None else chain.Entry(*entry)


def listing(
    session: Any,
    *,
    actor: str | None = None,
    verb: str | None = None,
    subject_type: str | None = None,
    subject_id: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[dict[str, Any]]:
    """Return entries newest first, each with its seal's hash (None while it waits); ``before`` is the last id seen."""
    query = (
        sa.select(entries, seals.c.position, seals.c.hash)
        .select_from(entries.outerjoin(seals, seals.c.entry_id == entries.c.id))
        .order_by(entries.c.id.desc())
        .limit(limit)
    )
    wanted = {"actor": actor, "verb": verb, "subject_type": subject_type, "subject_id": subject_id}
    for column, value in wanted.items():
        if value is not None:
            query = query.where(entries.c[column] == value)
    if since is not None:
        query = query.where(entries.c.at >= since)
    if until is not None:
        query = query.where(entries.c.at < until)
    if before is not None:
        query = query.where(entries.c.id < before)
    return [dict(row._mapping) for row in session.execute(query)]
