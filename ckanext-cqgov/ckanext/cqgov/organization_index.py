"""Keeps the search index in step with the tree: a dataset's index entry names its organisation and all above it."""

from __future__ import annotations

import logging
from collections.abc import Iterable

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from redis.exceptions import RedisError

from ckanext.cqgov.model import organization
from ckanext.cqgov.reindexing import replacing

log = logging.getLogger(__name__)


def reindex(organization_ids: Iterable[str]) -> int:
    """Queue the reindexing of what the organisations and all below them own; returns how many datasets that is.

    The work runs in the background: a district that moves may own thousands.
    """
    changed = set(organization_ids)
    if not changed:
        return 0
    lines = organization.ancestors_many(one.id for one in organization.everything())
    owners = changed | {group_id for group_id, line in lines.items() if changed & set(line)}
    package = model.package_table
    ids = list(
        model.Session.execute(
            sa.select(package.c.id).where(package.c.owner_org.in_(owners), package.c.state != "deleted")
        ).scalars()
    )
    if ids:
        try:
            tk.enqueue_job(again, [ids], title="cqgov: reindex the datasets of changed organisations")
        except RedisError:  # the change itself is committed; its caller must not hear that it failed
            log.exception("%s datasets are not reindexed: run ckan search-index rebuild", len(ids))
    return len(ids)


def again(package_ids: list[str]) -> None:
    """Reindex these datasets (background job); what cannot be indexed is in the log."""
    for id_, reason in replacing.replace(package_ids).items():
        log.error("The dataset %s could not be indexed: %s", id_, reason)
