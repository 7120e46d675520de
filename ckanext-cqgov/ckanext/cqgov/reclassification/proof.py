"""Looking in every place for copies of an entry that is not open: counts, never contents."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import ckan.model as model
import sqlalchemy as sa

from ckanext.cqgov.domain.vault import COLUMNS
from ckanext.cqgov.reclassification import activities, documents, files, queue, tables, traces, views
from ckanext.cqgov.reclassification.subject import Subject

resource = model.resource_table


def _resources(subject: Subject) -> int:
    """Return how many resources, also deleted ones, still say an address or something of their content."""
    rows = model.Session.execute(sa.select(resource).where(resource.c.id.in_(subject.resources))).mappings()
    return sum(
        bool(row["url"] and row["url"] != subject.page(row["id"])) or any(row[name] for name in COLUMNS) for row in rows
    )


LOOKS: Mapping[str, Callable[[Subject], int]] = {
    "resources": _resources,
    "files": files.left,
    "tables": tables.left,
    "views": views.left,
    "activities": activities.left,
    "traces": traces.left,
    "queue": queue.left,
    "index": documents.left,
}
"""How each of ``domain.reclassification.PLACES`` is looked through."""


def prove(subject: Subject) -> dict[str, int]:
    """Return how much is left in each place; nothing is left when all are 0. Raises what a store that is away raises."""
    model.Session.rollback()  # what is committed counts
    model.Session.expire_all()
    return {place: int(look(subject)) for place, look in LOOKS.items()}
