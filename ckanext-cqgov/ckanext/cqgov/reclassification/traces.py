"""What programs noted about an entry's resources: states of tasks, and which links were followed (both quote addresses)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ckan.model as model
import sqlalchemy as sa

from ckanext.cqgov.reclassification import activities
from ckanext.cqgov.reclassification.subject import Subject

tasks = model.TaskStatus.__table__
summary = sa.table("tracking_summary", sa.column("url"), sa.column("package_id"), sa.column("tracking_type"))
raw = sa.table("tracking_raw", sa.column("url"))


def _places(subject: Subject) -> Iterator[tuple[Any, Any]]:
    """Yield tables with the condition of what is to be gone from each."""
    yield tasks, tasks.c.entity_id.in_([subject.id, *subject.resources])
    if _exists("tracking_summary"):
        links = sa.and_(summary.c.package_id == subject.id, summary.c.tracking_type == "resource")
        yield summary, sa.or_(links, _about(summary.c.url, subject))
    if _exists("tracking_raw"):
        yield raw, _about(raw.c.url, subject)


def _about(url: Any, subject: Subject) -> Any:
    """Return the condition that an address is a real one of the dataset, or leads to one of its resources."""
    known = {*subject.secrets, *activities.addresses(subject)}
    inside = [sa.func.strpos(url, each) > 0 for each in subject.resources]
    return sa.or_(url.in_(sorted(known)), *inside)


def _exists(name: str) -> bool:
    return model.Session.execute(sa.select(sa.func.to_regclass(name).is_not(None))).scalar_one()


def remove(subject: Subject) -> int:
    """Delete all of it; returns how many rows. Commits nothing."""
    return sum(model.Session.execute(sa.delete(table).where(where)).rowcount for table, where in _places(subject))


def left(subject: Subject) -> int:
    """Return how many rows there still are."""
    counts = (sa.select(sa.func.count()).select_from(table).where(where) for table, where in _places(subject))
    return sum(model.Session.execute(query).scalar_one() for query in counts)
