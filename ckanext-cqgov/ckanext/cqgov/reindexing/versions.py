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
    WITH wanted AS MATERIALIZED (SELECT unnest(CAST(:ids AS text[])) AS id)
    SELECT owner, count(*), sum(stamp::text::bigint), sum(shared::text::bigint) FROM (
        SELECT one.id AS owner, one.xmin AS stamp, NULL::xid AS shared FROM package one JOIN wanted ON wanted.id = one.id
        UNION ALL SELECT package_id, one.xmin, NULL FROM resource one JOIN wanted ON wanted.id = package_id
        UNION ALL SELECT package_id, one.xmin, NULL FROM package_tag one JOIN wanted ON wanted.id = package_id
        UNION ALL SELECT subject_package_id, one.xmin, NULL FROM package_relationship one
            JOIN wanted ON wanted.id = subject_package_id
        UNION ALL SELECT object_package_id, one.xmin, NULL FROM package_relationship one
            JOIN wanted ON wanted.id = object_package_id
        UNION ALL SELECT table_id, one.xmin, shared.xmin FROM member one
            JOIN wanted ON wanted.id = table_id JOIN "group" shared ON shared.id = group_id
    ) AS rows GROUP BY owner
    """
)

Versions = dict[str, tuple[int, int, int]]
"""How many rows, and the sums of their stamps: as every stamp is greater than those before it, no change leaves the number
and the sum of a dataset's own rows as they were. The groups' sum is beside it, for a dataset may come into an older one.
"""


def of(ids: Iterable[str]) -> Versions:
    """Return the stamp of each dataset that exists, and one of what they share; one query."""
    rows = model.Session.execute(QUERY, {"ids": list(ids)})
    found = {row.owner: (row[1], int(row[2]), int(row[3] or 0)) for row in rows}
    found[SHARED] = (generation.of(SHARED), 0, 0)
    return found


def changed(ids: Iterable[str], before: Versions) -> list[str]:
    """Return the datasets whose rows are not what they were ``before``, those that came or went among them."""
    ids = list(ids)
    now = of(ids)
    if now[SHARED] != before[SHARED]:
        return ids
    return [id_ for id_ in ids if now.get(id_) != before.get(id_)]
