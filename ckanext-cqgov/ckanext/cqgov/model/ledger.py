"""The ledger: every act is a row that the database refuses to change (Art. 27-29, 33; ADR 0003).

Entries are written inside the caller's transaction and linked afterwards by ``seal``. The tables live in a MetaData
of their own: CKAN's ``delete_all`` must not try to empty them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from ckanext.cqgov import circumstances
from ckanext.cqgov.clock import today
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
    sa.Column("version", sa.SmallInteger, nullable=False, server_default=sa.text(str(chain.VERSION))),
    sa.Column("duties", JSONB, nullable=False, server_default=sa.text("'[]'::jsonb")),
    sa.Column("outcome", sa.Text, nullable=False, server_default=sa.text("'done'::text")),
    sa.Column("request_id", sa.Text),
    sa.Column("address", sa.Text),
    sa.Column("organization_id", sa.Text),
    sa.Index("cqgov_ledger_subject", "subject_type", "subject_id", "id"),
    sa.Index("cqgov_ledger_actor", "actor", "id"),
    sa.Index("cqgov_ledger_verb", "verb", "id"),
    sa.Index("cqgov_ledger_organization", "organization_id", "id"),
    sa.Index("cqgov_ledger_request", "request_id", postgresql_where=sa.text("request_id IS NOT NULL")),
    sa.Index("cqgov_ledger_at", "at", postgresql_using="brin"),
    sa.Index("cqgov_ledger_refused", "actor", "at", postgresql_where=sa.text("outcome = 'refused'::text")),
    sa.Index(
        "cqgov_ledger_refused_once",
        "actor",
        "verb",
        "subject_type",
        "subject_id",
        sa.text("date_trunc('minute'::text, (at AT TIME ZONE 'UTC'::text))"),
        unique=True,
        postgresql_where=sa.text("outcome = 'refused'::text"),
    ),
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
WINDOW = 20_000
"""How many ids back ``seal(whole=False)`` looks: what commits later than that many others waits for a whole sealing."""

INSERT = """
WITH held AS MATERIALIZED (
    SELECT u.id, CASE WHEN u.sysadmin THEN '[{"duty": "sysadmin"}]'::jsonb ELSE '[]'::jsonb END || coalesce((
        SELECT jsonb_agg(jsonb_build_object('organization_id', d.organization_id, 'duty', d.duty)
                         || CASE WHEN d.acting THEN '{"acting": true}'::jsonb ELSE '{}'::jsonb END
                         ORDER BY d.organization_id, d.duty)
          FROM cqgov_duty d WHERE d.user_id = u.id AND NOT d.cancelled
           AND d.valid_from <= CAST(:day AS date) AND (d.valid_to IS NULL OR d.valid_to >= CAST(:day AS date))
    ), '[]'::jsonb) AS duties
      FROM "user" u WHERE u.id = ANY(CAST(:actors AS text[])) AND u.state = 'active'
)
INSERT INTO cqgov_ledger
       (actor, verb, subject_type, subject_id, detail, duties, outcome, request_id, address, organization_id)
SELECT r.actor, r.verb, r.subject_type, r.subject_id, r.detail,
       coalesce((SELECT h.duties FROM held h WHERE h.id = r.actor), '[]'::jsonb),
       r.outcome, :request_id, :address,
       coalesce(nullif(r.detail ->> 'organization_id', ''), nullif(r.detail ->> 'owner_org', ''), CASE r.subject_type
           WHEN 'organization' THEN r.subject_id
           WHEN 'dataset' THEN (SELECT p.owner_org FROM package p WHERE p.id = r.subject_id)
           WHEN 'resource' THEN (SELECT p.owner_org FROM resource x JOIN package p ON p.id = x.package_id
                                  WHERE x.id = r.subject_id)
           WHEN 'duty' THEN (SELECT d.organization_id FROM cqgov_duty d WHERE d.id = r.subject_id) END)
  FROM jsonb_to_recordset(CAST(:rows AS jsonb))
       AS r(actor text, verb text, subject_type text, subject_id text, detail jsonb, outcome text)
"""


@dataclass(frozen=True)
class Act:
    """One act to be recorded; ``actor`` is a CKAN user id, or ``system`` where no person acts.

    The duties held that day, the request and the client's address are found out when it is recorded. ``organization_id``
    or ``owner_org`` in ``detail`` says whose thing it is; without them it is the dataset's or organisation's own.
    """

    actor: str
    verb: str
    subject_type: str
    subject_id: str
    detail: Mapping[str, Any]
    outcome: str = chain.DONE


@dataclass(frozen=True)
class Verdict:
    """What ``verify`` found: how many entries are sealed, how many wait and since when, and the first break if any."""

    sealed: int
    unsealed: int
    since: datetime | None
    head: str
    broken: chain.Break | None


def record(
    session: Any,
    actor: str,
    verb: str,
    subject_type: str,
    subject_id: str,
    detail: Mapping[str, Any],
    outcome: str = chain.DONE,
) -> int:
    """Write one act into the caller's transaction and return the entry's id; commits nothing."""
    act = Act(actor or "system", verb, subject_type, subject_id, detail, outcome)
    return session.execute(sa.text(INSERT + "RETURNING id"), _values([act])).scalar_one()


def record_many(session: Any, acts: Iterable[Act]) -> int:
    """Write many acts, some thousands to a statement; returns how many. Reads ``acts`` lazily, commits nothing."""
    written, source = 0, iter(acts)
    while batch := list(islice(source, BATCH)):
        session.execute(sa.text(INSERT), _values(batch))
        written += len(batch)
    return written


def record_once(session: Any, act: Act) -> int | None:
    """Write a refusal unless the same one is there from this minute; returns its id, else None. Commits nothing."""
    statement = sa.text(INSERT + "ON CONFLICT DO NOTHING RETURNING id")
    return session.execute(statement, _values([act])).scalar_one_or_none()


def _values(acts: list[Act]) -> dict[str, Any]:
    around = circumstances.now()
    return {
        "rows": json.dumps([chain.plain(vars(act)) for act in acts], ensure_ascii=False),
        "actors": sorted({act.actor for act in acts}),
        "day": today(),
        "request_id": around.request_id,
        "address": around.address,
    }


def seal(session: Any, *, whole: bool = True) -> int:
    """Link every committed entry that has no seal yet; returns how many. The caller commits.

    One sealer at a time; writers never wait for it. An entry whose transaction commits late is linked by the next
    run, so the chain's order is the order of sealing, not of ids. With ``whole=False`` only the last ``WINDOW`` ids are
    looked at, in a time that does not grow with the ledger.
    """
    lock.hold(session, lock.SEALER)
    position, prev_hash = last_seal(session)
    query = sa.select(entries).where(_unsealed())
    if not whole:
        query = query.where(entries.c.id > _newest_sealed(session) - WINDOW)
    rows = session.execute(query.order_by(entries.c.id), execution_options={"yield_per": BATCH})
    links = chain.chain((chain.Entry(**row._mapping) for row in rows), position, prev_hash)
    sealed = 0
    while batch := [vars(link) for link in islice(links, BATCH)]:
        session.execute(sa.insert(seals), batch)
        sealed += len(batch)
    return sealed


def last_seal(session: Any) -> tuple[int, str]:
    """Return position and hash of the chain's head."""
    newest = sa.select(seals.c.position, seals.c.hash).order_by(seals.c.position.desc()).limit(1)
    found = session.execute(newest).one_or_none()
    return (found.position, found.hash) if found else (0, chain.GENESIS)


def waiting(session: Any, *, whole: bool = True) -> tuple[int, datetime | None]:
    """Return how many entries have no seal yet, and the time of the oldest; of the last ``WINDOW`` ids, or of all."""
    query = sa.select(sa.func.count(), sa.func.min(entries.c.at)).select_from(entries).where(_unsealed())
    if not whole:
        query = query.where(entries.c.id > _newest_sealed(session) - WINDOW)
    count, since = session.execute(query).one()
    return count, since


def verify(session: Any, passing: Callable[[chain.Seal], None] = lambda seal: None) -> Verdict:
    """Walk the whole chain in constant memory and say where it first breaks; ``passing`` is told of every seal."""
    count, (_, head) = session.execute(sa.select(sa.func.count()).select_from(seals)).scalar_one(), last_seal(session)
    unsealed, since = waiting(session)
    return Verdict(count, unsealed, since, head, chain.first_break(_sealed(session), passing))


def _unsealed() -> sa.ColumnElement[bool]:
    return ~sa.exists().where(seals.c.entry_id == entries.c.id)


def _newest_sealed(session: Any) -> int:
    return session.execute(sa.select(sa.func.coalesce(sa.func.max(seals.c.entry_id), 0))).scalar_one()


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


@dataclass(frozen=True)
class Wanted:
    """Which entries are asked for; None asks for any. ``until`` is excluded; ``organizations`` are those one may see."""

    actor: str | None = None
    verb: str | None = None
    subject_type: str | None = None
    subject_id: str | None = None
    outcome: str | None = None
    request_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    organizations: frozenset[str] | None = None

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """Return the conditions of a query over ``entries``."""
        names = ("actor", "verb", "subject_type", "subject_id", "outcome", "request_id")
        found = [entries.c[name] == value for name in names if (value := getattr(self, name)) is not None]
        found += [entries.c.at >= self.since] if self.since is not None else []
        found += [entries.c.at < self.until] if self.until is not None else []
        return found if self.organizations is None else [*found, belongs(self.organizations)]


def belongs(organizations: Iterable[str]) -> sa.ColumnElement[bool]:
    """Return the condition that an entry is about a thing of one of ``organizations``.

    Entries of version 1 have no column for it; theirs is in what they tell.
    """
    places = list(organizations)
    told = sa.func.coalesce(entries.c.detail["organization_id"].astext, entries.c.detail["owner_org"].astext)
    own = sa.and_(entries.c.subject_type == "organization", entries.c.subject_id.in_(places))
    old = sa.and_(entries.c.version == 1, sa.or_(told.in_(places), own))
    return sa.or_(entries.c.organization_id.in_(places), old)


def listing(session: Any, *, before: int | None = None, limit: int = 100, **wanted: Any) -> list[dict[str, Any]]:
    """Return entries newest first, each with its seal (None while it waits); ``before`` is the last id seen.

    ``wanted`` are the fields of ``Wanted``.
    """
    query = _with_seals().where(*Wanted(**wanted).conditions()).order_by(entries.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(entries.c.id < before)
    return [dict(row._mapping) for row in session.execute(query)]


def show(session: Any, entry_id: int, organizations: frozenset[str] | None = None) -> dict[str, Any] | None:
    """Return one entry with its seal, None when there is none or it is of none of ``organizations``."""
    query = _with_seals().where(entries.c.id == entry_id, *Wanted(organizations=organizations).conditions())
    found = session.execute(query).one_or_none()
    return dict(found._mapping) if found else None


def stream(connection: Any, wanted: Wanted) -> Iterator[dict[str, Any]]:
    """Yield entries in the order of the chain, those that wait for their seal last, in constant memory."""
    query = _with_seals().where(*wanted.conditions()).order_by(seals.c.position.nulls_last(), entries.c.id)
    for row in connection.execute(query, execution_options={"yield_per": BATCH}):
        yield dict(row._mapping)


def _with_seals() -> sa.Select[Any]:
    links = (seals.c.position, seals.c.prev_hash, seals.c.hash)
    return sa.select(entries, *links).select_from(entries.outerjoin(seals, seals.c.entry_id == entries.c.id))
