"""CKAN's activities about an entry: each holds the whole dataset as it was. What is no longer open is taken out of them.

They stay as they happened, so that the stream still tells who changed what when; those about previews that are gone, and all
of a dataset that is gone for good, go too: the ledger is what remembers.
"""

from __future__ import annotations

from typing import Any

import ckan.model as model
import sqlalchemy as sa
from ckan.lib.plugins import get_permission_labels

from ckanext.cqgov.domain import activity_copy
from ckanext.cqgov.domain.reclassification import narrowed
from ckanext.cqgov.reclassification.subject import Subject

PREVIEW = "resource view"


def _tables() -> tuple[Any, Any] | None:
    """Return the tables of the activity plugin, None where the portal never had it."""
    if not model.Session.execute(sa.select(sa.func.to_regclass("activity").is_not(None))).scalar_one():
        return None
    from ckanext.activity.model import activity

    details = model.Session.execute(sa.select(sa.func.to_regclass("activity_detail").is_not(None))).scalar_one()
    return activity.Activity.__table__, activity.ActivityDetail.__table__ if details else None


def _rows(table: Any, subject: Subject, *, lock: bool = False) -> list[Any]:
    query = sa.select(table.c.id, table.c.activity_type, table.c.data, table.c.permission_labels)
    query = query.where(table.c.object_id.in_([subject.id, *subject.resources])).order_by(table.c.id)
    return list(model.Session.execute(query.with_for_update() if lock else query))


def _superfluous(row: Any, package: Any) -> bool:
    return package is None or PREVIEW in (row.activity_type or "")


def _labels(package: Any) -> list[str]:
    return get_permission_labels().get_dataset_labels(package)


def addresses(subject: Subject) -> frozenset[str]:
    """Return the addresses that the activities still tell, also those that the resources had before."""
    found = _tables()
    rows = _rows(found[0], subject) if found else ()
    return frozenset().union(*(activity_copy.addresses(row.data, subject.page) for row in rows))


def remove(subject: Subject) -> int:
    """Clean the dataset's activities and let nobody see them who does not see the entry now; returns how many changed. Commits nothing."""
    found = _tables()
    if found is None:
        return 0
    table, details = found
    package = subject.package
    rows = _rows(table, subject, lock=True)
    if details is not None:
        model.Session.execute(sa.delete(details).where(details.c.activity_id.in_([row.id for row in rows])))
    now = _labels(package) if package is not None else []
    gone = [row.id for row in rows if _superfluous(row, package)]
    count = len(gone)
    for row in rows:
        if row.id in gone:
            continue
        data = activity_copy.cleaned(row.data or {}, subject.page)
        labels = narrowed(row.permission_labels, now)
        if data != row.data or labels != row.permission_labels:
            count += 1
            changed = sa.update(table).where(table.c.id == row.id).values(data=data, permission_labels=labels)
            model.Session.execute(changed)
    if gone:
        model.Session.execute(sa.delete(table).where(table.c.id.in_(gone)))
    return count


def left(subject: Subject) -> int:
    """Return how many activities still tell what they must not, or are seen by whom the entry is not."""
    found = _tables()
    if found is None:
        return 0
    package = subject.package
    now = _labels(package) if package is not None else []
    count = 0
    for row in _rows(found[0], subject):
        dirty = _superfluous(row, package) or not activity_copy.is_clean(row.data or {}, subject.page)
        seen = not dirty and narrowed(row.permission_labels, now) != list(row.permission_labels or ())
        told = any(secret in repr(row.data) for secret in subject.secrets)
        count += dirty or seen or told
    return count
