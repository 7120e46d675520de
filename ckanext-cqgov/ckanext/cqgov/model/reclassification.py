"""Reclassifications: one unfinished row per dataset at most, taken up by one worker at a time, kept when it is done as proof."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, mapped_column

from ckanext.cqgov.domain.reclassification import LEASE, Course, State, state


class Reclassification(tk.BaseModel):
    """What has to follow a change of classification.

    ``course`` is where the entry goes; ``asked_by`` the user id (or ``system``) whose change it was. ``places`` says where
    copies may be of a dataset that is gone. ``round`` grows when the dataset is reclassified anew before the row is
    finished: what was ``done`` (number of things per step) counts for one round only. ``attempts`` are those of the round,
    ``fault`` what stopped the last one, ``due_at`` when the next may begin. Only the ``worker`` whose ``lease_until`` has not
    passed is at work. ``proof`` has what was left, by place.
    """

    __tablename__ = "cqgov_reclassification"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    dataset_id: Mapped[str] = mapped_column(sa.Text, index=True)
    course: Mapped[str] = mapped_column(sa.Text)
    asked_by: Mapped[str] = mapped_column(sa.Text)
    asked_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"))
    places: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=sa.text("'{}'::jsonb"))
    round: Mapped[int] = mapped_column(sa.Integer, server_default="1")
    done: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=sa.text("'{}'::jsonb"))
    attempts: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    fault: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    due_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"))
    worker: Mapped[str | None] = mapped_column(sa.Text)
    lease_until: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    proof: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    finished_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))

    __table_args__ = (
        sa.Index(
            "cqgov_reclassification_one", "dataset_id", unique=True, postgresql_where=sa.text("finished_at is null")
        ),
        sa.Index("cqgov_reclassification_due", "due_at", postgresql_where=sa.text("finished_at is null")),
    )


table = Reclassification.__table__
_now = sa.func.clock_timestamp()
_unfinished = table.c.finished_at.is_(None)


@dataclass(frozen=True)
class Job:
    """A row as somebody reads it; ``leased``: a worker has told of itself lately."""

    id: int
    dataset_id: str
    course: Course
    asked_by: str
    asked_at: datetime
    round: int
    attempts: int
    due_at: datetime
    leased: bool
    places: Mapping[str, Any] = field(default_factory=dict)
    done: Mapping[str, int] = field(default_factory=dict)
    fault: Mapping[str, Any] | None = None
    worker: str | None = None
    proof: Mapping[str, Any] | None = None
    finished_at: datetime | None = None

    @property
    def state(self) -> State:
        """How far it is."""
        return state(finished=self.finished_at is not None, leased=self.leased, attempts=self.attempts)


_leased = sa.and_(_unfinished, sa.func.coalesce(table.c.lease_until > _now, sa.false())).label("leased")
_columns = [table.c[name] for name in Job.__dataclass_fields__ if name != "leased"]


def _job(row: Any) -> Job:
    return Job(**{**row._mapping, "course": Course(row.course)})


def put(rows: Iterable[Mapping[str, Any]]) -> None:
    """Ask for reclassifications in the caller's transaction; commits nothing.

    Each row has ``dataset_id``, ``course``, ``asked_by`` and ``places``.
    A dataset with an unfinished one begins a new round of it: whoever is at work on the old round notices and stops.
    """
    rows = [dict(row) for row in rows]
    if not rows:
        return
    statement = insert(table)
    replaced: dict[str, Any] = {name: statement.excluded[name] for name in ("course", "asked_by", "places")}
    replaced |= {"round": table.c.round + 1, "done": {}, "attempts": 0, "fault": None, "due_at": _now, "asked_at": _now}
    model.Session.execute(
        statement.on_conflict_do_update(index_elements=["dataset_id"], index_where=_unfinished, set_=replaced), rows
    )


def claim(worker: str, dataset_id: str | None = None, *, at_once: bool = False) -> Job | None:
    """Take up one row that is due (of the dataset), so that nobody else does for the time of the lease; None without any. Commits.

    ``at_once`` does not wait until a failed one is due again. Rows that others are taking up are passed over.
    """
    free = sa.or_(table.c.lease_until.is_(None), table.c.lease_until <= _now)
    chosen = sa.select(table.c.id).where(_unfinished, free)
    if not at_once:
        chosen = chosen.where(table.c.due_at <= _now)
    if dataset_id is not None:
        chosen = chosen.where(table.c.dataset_id == dataset_id)
    one = chosen.order_by(table.c.due_at, table.c.id).limit(1).with_for_update(skip_locked=True).scalar_subquery()
    taken = sa.update(table).where(table.c.id == one)
    taken = taken.values(worker=worker, lease_until=_now + LEASE, attempts=table.c.attempts + 1)
    row = model.Session.execute(taken.returning(*_columns, sa.true().label("leased"))).one_or_none()
    model.repo.commit()
    return _job(row) if row else None


def prolong(connection: Any, job: Job) -> None:
    """Prolong the lease over a connection of the worker's own. The caller commits."""
    connection.execute(sa.update(table).where(_held(job)).values(lease_until=_now + LEASE))


def write(job: Job, **values: Any) -> bool:
    """Write columns of a row that is being worked on; returns False, and writes nothing, when it is no longer this worker's.

    Commits nothing. It is another's when the lease was lost, and a new round has begun when the dataset was reclassified anew.
    """
    if "done" in values:
        values["done"] = table.c.done.concat(sa.cast(values["done"], JSONB)) if values["done"] else {}
    return bool(model.Session.execute(sa.update(table).where(_held(job)).values(**values)).rowcount)


def _held(job: Job) -> sa.ColumnElement[bool]:
    return sa.and_(table.c.id == job.id, table.c.worker == job.worker, table.c.round == job.round, _unfinished)


def let_go(job: Job, **values: Any) -> None:
    """Give a row back that this worker holds, whatever its round is by now, with ``values`` if the round is still the same. Commits."""
    if values:
        write(job, **values)
    mine = sa.and_(table.c.id == job.id, table.c.worker == job.worker)
    model.Session.execute(sa.update(table).where(mine).values(worker=None, lease_until=None))
    model.repo.commit()


def failed(job: Job, fault: Mapping[str, Any], pause: timedelta, **values: Any) -> None:
    """Give a row back after a try that failed: when it is due again, and why. Commits."""
    let_go(job, fault=dict(fault), due_at=_now + pause, **values)


def finished(job: Job) -> bool:
    """Say that all is done, in the caller's transaction; returns False when the row is no longer this worker's."""
    return write(job, finished_at=_now, worker=None, lease_until=None, fault=None, places={})


def hasten(dataset_id: str | None = None) -> int:
    """Have the unfinished ones (of the dataset, or all) tried again at once and counted anew; returns how many. Commits nothing."""
    statement = sa.update(table).where(_unfinished).values(due_at=_now, attempts=0)
    if dataset_id is not None:
        statement = statement.where(table.c.dataset_id == dataset_id)
    return model.Session.execute(statement).rowcount


def unfinished(dataset_ids: Iterable[str] | None = None) -> list[Job]:
    """Return the unfinished ones (of these datasets), the oldest first; one query."""
    query = sa.select(*_columns, _leased).where(_unfinished).order_by(table.c.asked_at, table.c.id)
    if dataset_ids is not None:
        query = query.where(table.c.dataset_id.in_(list(dataset_ids)))
    return [_job(row) for row in model.Session.execute(query)]


def latest(dataset_id: str) -> Job | None:
    """Return the newest one of the dataset, None when there was none; one query."""
    query = sa.select(*_columns, _leased).where(table.c.dataset_id == dataset_id).order_by(table.c.id.desc()).limit(1)
    row = model.Session.execute(query).one_or_none()
    return _job(row) if row else None


def listing(condition: sa.ColumnElement[bool], *, limit: int) -> list[Any]:
    """Return ``(job, name, title)`` of datasets that meet ``condition`` on ``package``: unfinished first, then the newest."""
    package = model.package_table
    query = (
        sa.select(*_columns, _leased, package.c.name.label("package_name"), package.c.title.label("package_title"))
        .join(package, package.c.id == table.c.dataset_id)
        .where(condition)
        .order_by(_unfinished.desc(), table.c.id.desc())
        .limit(limit)
    )
    found = []
    for row in model.Session.execute(query):
        values = dict(row._mapping)
        name, title = values.pop("package_name"), values.pop("package_title")
        found.append((Job(**{**values, "course": Course(values["course"])}), name, title))
    return found
