"""Formats of resources, as far as somebody may know of them."""

from __future__ import annotations

import ckan.model as model
import sqlalchemy as sa

from ckanext.cqgov.domain.access import Viewer
from ckanext.cqgov.model import visibility

_package, _resource = model.package_table, model.resource_table


def with_text(text: str, limit: int, viewer: Viewer) -> list[str]:
    """Return the formats (small letters) with ``text`` in them, of resources of datasets whose entry ``viewer`` may see; one query.

    The most frequent there first, at most ``limit``.
    """
    named = sa.func.lower(_resource.c.format)
    query = (
        sa.select(named)
        .join(_package, _package.c.id == _resource.c.package_id)
        .where(_resource.c.state == "active", _resource.c.format.ilike(f"%{text}%"), visibility.catalogue(viewer))
        .group_by(named)
        .order_by(sa.func.count().desc(), named)
        .limit(limit)
    )
    return list(model.Session.execute(query).scalars())
