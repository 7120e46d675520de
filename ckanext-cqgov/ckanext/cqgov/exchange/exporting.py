"""Exporting the catalogue: every entry that the actor may see, in the template's form, read in sets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ckan.model as model
import sqlalchemy as sa

from ckanext.cqgov.catalogue import access
from ckanext.cqgov.domain.catalogue_storage import restore, sound
from ckanext.cqgov.exchange.existing import tags_of
from ckanext.cqgov.exchange.judging import Actor
from ckanext.cqgov.exchange.workbook import saved_elsewhere, write_catalogue
from ckanext.cqgov.model import visibility

BLOCK = 1000
package, group = model.package_table, model.group_table


def export(path: Path, organization_id: str | None, actor: Actor) -> int:
    """Write the catalogue (of one organisation, or all) to ``path``; returns how many entries.

    Those whose catalogue entry ``actor`` may see (``domain.access``). Raises ``Unreadable`` when it does not fit into a
    worksheet.
    """
    with saved_elsewhere(path) as part:
        return write_catalogue(part, records(organization_id, actor))


def records(organization_id: str | None, actor: Actor) -> Iterator[dict[str, Any]]:
    """Yield entries in the order in which they came in, block by block, so that memory stays flat."""
    after: tuple[Any, str] | None = None
    where = [package.c.state != "deleted", package.c.type == "dataset", _seen(actor)]
    if organization_id:
        where.append(package.c.owner_org == organization_id)
    order = (package.c.metadata_created, package.c.id)
    while True:
        query = (
            sa.select(package, group.c.title.label("provider_title"), group.c.name.label("provider_name"))
            .select_from(package.outerjoin(group, group.c.id == package.c.owner_org))
            .where(*where)
            .order_by(*order)
            .limit(BLOCK)
        )
        if after:
            query = query.where(sa.tuple_(*order) > sa.tuple_(*(sa.literal(part) for part in after)))
        rows = model.Session.execute(query).all()
        tags = tags_of([row.id for row in rows])
        for row in rows:
            yield {
                **sound(restore(row.extras or {})),
                "name": row.name,
                "title": row.title,
                "notes": row.notes,
                "tags": tags.get(row.id, []),
                "provider": row.provider_title or row.provider_name,
            }
        if len(rows) < BLOCK:
            return
        after = (rows[-1].metadata_created, rows[-1].id)


def _seen(actor: Actor) -> sa.ColumnElement[bool]:
    return visibility.catalogue(access.viewer_of(model.User.get(actor.id)))
