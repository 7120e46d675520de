"""Which entries the portal already has: looked up for a whole batch with one query per kind of key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import ckan.model as model
import sqlalchemy as sa

from ckanext.cqgov.domain.catalogue import restore
from ckanext.cqgov.domain.exchange import Identity
from ckanext.cqgov.model.dataset import Dataset

package, entry = model.package_table, Dataset.__table__


@dataclass(frozen=True)
class Existing:
    """An entry as it is stored; ``extras`` are all of CKAN's extras, ``values`` ours among them, typed."""

    id: str
    name: str
    title: str | None
    notes: str | None
    license_id: str | None
    url: str | None
    state: str
    private: bool
    owner_org: str | None
    extras: Mapping[str, str]
    values: Mapping[str, Any]
    tags: tuple[str, ...]
    resources: bool
    content_hash: str | None
    published_at: Any


def stored_entries(keys: Iterable[Identity]) -> dict[Identity, Existing]:
    """Return the stored entries that the identities lead to; deleted datasets do not count."""
    keys = list(dict.fromkeys(keys))
    codes = {key.key: key for key in keys if key.kind == "code"}
    names = {key.key: key for key in keys if key.kind == "name"}
    found: dict[Identity, Existing] = {}
    if codes:
        rows = _rows(entry.c.catalog_code.in_(list(codes)))
        found |= {codes[row.catalog_code]: each for row, each in rows}
    for portal in {key.portal for key in keys if key.kind == "source"}:
        sources = {key.key: key for key in keys if key.kind == "source" and key.portal == portal}
        # one portal at a time: an index answers this at once, a list of pairs is compared row by row
        at_portal = entry.c.source_portal == portal if portal else entry.c.source_portal.is_(None)
        rows = _rows(sa.and_(at_portal, entry.c.source_key.in_(list(sources))))
        found |= {sources[row.source_key]: each for row, each in rows}
    if names:
        found |= {names[row.name]: each for row, each in _rows(package.c.name.in_(list(names)))}
    return found


def named(names: Iterable[str]) -> dict[str, str]:
    """Return ``{name: id}`` of the datasets that have one of these names, in whatever state."""
    rows = model.Session.execute(sa.select(package.c.name, package.c.id).where(package.c.name.in_(list(names))))
    return {row.name: row.id for row in rows}


def _rows(where: Any) -> list[tuple[Any, Existing]]:
    rows = model.Session.execute(
        sa.select(
            package,
            entry.c.catalog_code,
            entry.c.source_portal,
            entry.c.source_key,
            entry.c.content_hash,
            entry.c.published_at,
        )
        .select_from(package.outerjoin(entry, entry.c.package_id == package.c.id))
        .where(where, package.c.state != "deleted", package.c.type == "dataset")
    ).all()
    ids = [row.id for row in rows]
    tags, resources = tags_of(ids), _with_resources(ids)
    return [
        (
            row,
            Existing(
                id=row.id,
                name=row.name,
                title=row.title,
                notes=row.notes,
                license_id=row.license_id,
                url=row.url,
                state=row.state,
                private=bool(row.private),
                owner_org=row.owner_org,
                extras=row.extras or {},
                values=restore(row.extras or {}),
                tags=tuple(tags.get(row.id, ())),
                resources=row.id in resources,
                content_hash=row.content_hash,
                published_at=row.published_at,
            ),
        )
        for row in rows
    ]


def tags_of(ids: list[str]) -> dict[str, list[str]]:
    """Return the names of each dataset's tags in order; a dataset without any is left out."""
    tag, link = model.tag_table, model.package_tag_table
    rows = model.Session.execute(
        sa.select(link.c.package_id, tag.c.name)
        .join(tag, tag.c.id == link.c.tag_id)
        .where(link.c.package_id.in_(ids), link.c.state == "active")
        .order_by(tag.c.name)
    )
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row.package_id, []).append(row.name)
    return found


def _with_resources(ids: list[str]) -> set[str]:
    resource = model.resource_table
    query = sa.select(resource.c.package_id).where(resource.c.package_id.in_(ids), resource.c.state == "active")
    return set(model.Session.execute(query.distinct()).scalars())
