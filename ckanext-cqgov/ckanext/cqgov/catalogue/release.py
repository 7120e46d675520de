"""Closed entries on their way to the departments: let in and out in one transaction with the ledger, then indexed anew.

Going stricter, the database is first: until the index has followed, hits are looked at once more (``catalogue.hits``).
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

import ckan.lib.search as search
import ckan.model as model
import ckan.plugins.toolkit as tk
from redis.exceptions import RedisError

from ckanext.cqgov import rules
from ckanext.cqgov.catalogue import door
from ckanext.cqgov.domain import release as domain
from ckanext.cqgov.logic import asking
from ckanext.cqgov.model import dataset, ledger
from ckanext.cqgov.reclassification import asking as reclassification
from ckanext.cqgov.reclassification import attending
from ckanext.cqgov.reindexing import replacing

log = logging.getLogger(__name__)


def let_in(context: Any, package_id: str) -> dict[str, Any]:
    """Let a closed entry into the sharing catalogue for staff; one that is in it already stays as it is. Commits.

    Returns ``shown``. Raises ``ValidationError`` with the article when the entry can't be released.
    """
    package, row = _locked(package_id)
    values = package.extras or {}
    fault = domain.fault(
        rules.current(),
        package_state=package.state,
        opening_type=values.get("opening_type"),
        sharing_type=values.get("sharing_type"),
        complete=bool(row is not None and row.complete),
    )
    if fault:
        model.Session.rollback()
        raise tk.ValidationError(door.said([fault]))
    return _changed(context, package, row, "dataset.release", datetime.now(UTC))


def let_out(context: Any, package_id: str) -> dict[str, Any]:
    """Take an entry out of the sharing catalogue; one that is not in it stays as it is. Commits. Returns ``shown``."""
    package, row = _locked(package_id)
    return _changed(context, package, row, "dataset.retract", None)


def shown(package: Any, row: Any) -> dict[str, Any]:
    """Return ``{id, name, state, released_at, next}`` of an entry and its row: ``next`` is the duty that acts next."""
    values, at = package.extras or {}, row.released_at if row is not None else None
    state = domain.state(
        opening_type=values.get("opening_type"),
        sharing_type=values.get("sharing_type"),
        complete=bool(row is not None and row.complete),
        released=at is not None,
    )
    return {
        "id": package.id,
        "name": package.name,
        "state": state,
        "released_at": at.isoformat() if at else None,
        "next": domain.NEXT.get(state or ""),
    }


def _locked(package_id: str) -> tuple[Any, Any]:
    """Return the package and its row as they are now, locked: nobody changes what is being released."""
    package = model.Session.get(model.Package, package_id, with_for_update=True, populate_existing=True)
    if package is None:
        raise tk.ObjectNotFound(tk._("Dataset not found"))
    return package, dataset.locked(package_id)


def _changed(context: Any, package: Any, row: Any, verb: str, at: datetime | None) -> dict[str, Any]:
    if row is None or bool(row.released_at) == bool(at):
        model.Session.rollback()
        return shown(package, row)
    dataset.let_in(package.id, at)
    detail = {
        "title": package.title,
        "owner_org": package.owner_org,
        "sharing_type": row.sharing_type,
        "content_hash": row.content_hash,
    }
    ledger.record(model.Session, asking.actor(context), verb, "dataset", package.id, detail)
    if at is None:  # departments no longer see what they saw: nor may they in older activities
        reclassification.again([package.id], asking.actor(context))
    model.Session.commit()
    answer = shown(package, dataset.row(package.id))
    index(package.id)
    if at is None:
        attending.attend([package.id])
    return answer


def index(package_id: str) -> None:
    """Bring one entry's document up to date; when the index is away, a background job does it, and the change stands."""
    try:
        search.rebuild(package_id)
    except search.SearchIndexError:
        log.exception("The entry %s is indexed later", package_id)
        try:
            tk.enqueue_job(again, [package_id], title="cqgov: index an entry anew")
        except RedisError:
            log.exception("The entry %s is not indexed: run ckan cqgov search rebuild", package_id)


def again(package_id: str) -> None:
    """Index an entry anew (background job)."""
    for id_, reason in replacing.replace([package_id]).items():
        log.error("The entry %s could not be indexed: %s", id_, reason)
