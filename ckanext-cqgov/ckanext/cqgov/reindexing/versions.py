"""Which rows a dataset's document was read from: to notice that one of them was changed in the meantime.

PostgreSQL stamps every row with the transaction that wrote it (``xmin``); comparing the stamps of all rows of a dataset before
its document is made and after it has arrived tells whether the document is of today, without a column or a trigger.
"""

from __future__ import annotations

from collections.abc import Iterable

import ckan.model as model
import sqlalchemy as sa

from ckanext.cqgov.model import generation

SHARED = "organizations"
"""The topic of what datasets show without owning it."""

QUERY = sa.text(
    """
    SELECT owner, count(*), sum(hashtext(part || ':' || stamp)) FROM (
        SELECT id AS owner, id AS part, xmin::text AS stamp FROM package WHERE id = ANY(:ids)
        UNION ALL SELECT package_id, id, xmin::text FROM resource WHERE package_id = ANY(:ids)
        UNION ALL SELECT package_id, id, xmin::text FROM package_tag WHERE package_id = ANY(:ids)
        UNION ALL SELECT subject_package_id, id, xmin::text FROM package_relationship WHERE subject_package_id = ANY(:ids)
        UNION ALL SELECT object_package_id, id, xmin::text FROM package_relationship WHERE object_package_id = ANY(:ids)
        UNION ALL SELECT m.table_id, m.id, m.xmin::text || '/' || g.xmin::text FROM member m
            JOIN "group" g ON g.id = m.group_id WHERE m.table_id = ANY(:ids)
    ) AS rows GROUP BY owner
    """
)

Versions = dict[str, tuple[int, int]]


def of(ids: Iterable[str]) -> Versions:
    """Return the stamp of each dataset that exists, and one of what they share; one query."""
    rows = model.Session.execute(QUERY, {"ids": list(ids)})
    found = {row.owner: (row[1], int(row[2])) for row in rows}
    found[SHARED] = (generation.of(SHARED), 0)
    return found


def changed(ids: Iterable[str], before: Versions) -> list[str]:
    """Return the datasets whose rows are not what they were ``before``, those that came or went among them."""
    ids = list(ids)
    now = of(ids)
    if now[SHARED] != before[SHARED]:
        return ids
    return [id_ for id_ in ids if now.get(id_) != before.get(id_)]
