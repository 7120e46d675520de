"""Moving the addresses and files of an entry that has changed sides: into the catalogue, or into the vault.

Each step may be repeated, and what is cut short leaves the stricter state: withheld. ``vault_intake`` decides in the door
what is withheld; here nothing is decided, the dataset's row is locked and asked.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import ckan.logic as logic
import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.cqgov.catalogue import public_file, vault_storage
from ckanext.cqgov.catalogue.vault_intake import columns, portal_url, withhold, write
from ckanext.cqgov.domain import vault as domain
from ckanext.cqgov.domain.vault import FILE, URL_TYPE, Holding
from ckanext.cqgov.model import lock
from ckanext.cqgov.model import vault as rows

__all__ = ["address", "portal_url", "publish", "settle", "settle_all", "unvaulted", "withdraw", "withhold"]

log = logging.getLogger(__name__)

resource = model.resource_table


def address(resource_id: str) -> Holding | None:
    """Return what the vault holds of the resource, None where it holds nothing; only for who may see it."""
    return rows.of_resource(resource_id)


def settle(package_id: str) -> bool:
    """Bring files and addresses of the dataset to where its classification says they belong; returns whether anything moved.

    Commits. What fails is logged and left withheld; ``ckan cqgov upkeep`` tries again.
    """
    try:
        with lock.alone(lock.VAULT_MOVE, package_id):
            return bool(publish(package_id) or withdraw(package_id))
    except Exception:  # a storage that is away must not fail the write that is committed already
        model.Session.rollback()
        log.exception("The files of dataset %s could not be moved; it is tried again", package_id)
        return False


def publish(package_id: str) -> int:
    """Bring what the vault holds of an open dataset into the catalogue; returns how many resources. Commits, then indexes.

    Does nothing where the dataset is not open. The order: files are copied, then one transaction shows them (only if the
    dataset is still open), then the vault's copies are removed.
    """
    held = rows.of_packages([package_id])
    ready = bool(held) and _is_open(rows.lock(package_id))
    model.Session.rollback()  # no connection is held while files are copied
    if not ready:
        return 0
    for each in held.values():
        if each.kind == FILE and not each.public and each.address:
            length = each.size if each.size is not None else 0
            stream = vault_storage.reader(vault_storage.chunks(each.address))
            public_file.write(each.resource_id, stream, length, each.facts.get("url") or each.resource_id)
    still = rows.lock(package_id)
    now = rows.of_packages([package_id])
    shown = [each for key, each in held.items() if now.get(key) == each]
    if not _is_open(still) or not shown:
        model.Session.rollback()
        return 0
    extras = _extras(each.resource_id for each in shown)
    write(_shown(each, extras[each.resource_id]) for each in shown)
    rows.drop(each.resource_id for each in shown)
    _touch(package_id)
    model.repo.commit()
    for each in shown:
        if each.kind == FILE and not each.public:
            vault_storage.remove(each.address)
    _indexed(package_id, views=True)
    return len(shown)


def _shown(each: Holding, extras: Mapping[str, Any]) -> dict[str, Any]:
    values = domain.restored(each)
    name = {"original_name": values["original_name"]} if "original_name" in values else {}
    return {"target": each.resource_id, "extras": {**extras, **name}, **columns(values)}


def _extras(resource_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    query = sa.select(resource.c.id, resource.c.extras).where(resource.c.id.in_(list(resource_ids)))
    return {row.id: dict(row.extras or {}) for row in model.Session.execute(query)}


def _is_open(row: Any) -> bool:
    return row is not None and domain.is_open(row.state, row.private, (row.extras or {}).get("opening_type"))


def withdraw(package_id: str) -> int:
    """Bring addresses and files of a dataset that is not open into the vault; returns how many. Commits, then indexes.

    Does nothing where the dataset is open. The order: addresses are withheld and committed, so that no route leads to a
    file any more; then each file is copied, its row says so, and the public one is removed.
    """
    row = rows.lock(package_id)
    if row is None or _is_open(row):
        model.Session.rollback()
        return 0
    count = withhold([package_id])
    if count:
        _touch(package_id)
    model.repo.commit()
    if count:
        _indexed(package_id)
    held = rows.of_packages([package_id])
    model.Session.rollback()
    for each in held.values():
        if each.kind == FILE and each.public:
            count += _brought_in(each)
        elif public_file.exists(each.resource_id):
            public_file.remove(each.resource_id)  # of an upload that was replaced, or a publication that was cut short
    return count


def _brought_in(each: Holding) -> int:
    """Move one public file into the vault; returns 1, or 0 where somebody has replaced it meanwhile."""
    if public_file.exists(each.resource_id):
        stream = vault_storage.reader(public_file.pieces(each.resource_id))
        length = public_file.size(each.resource_id)
        stored = vault_storage.put(stream, length, each.media_type or "application/octet-stream")
        after = replace(each, public=False, address=stored.key, sha256=stored.sha256, size=stored.size)
    else:
        after = replace(each, public=False, address="")
    done = rows.moved(each, after)
    model.repo.commit()
    if done:
        public_file.remove(each.resource_id)
    else:
        vault_storage.remove(after.address)
    return int(done)


def _touch(package_id: str) -> None:
    """Say that the dataset was changed: CKAN shows it from the index as long as the index has the same time."""
    package = model.package_table
    now = datetime.now(UTC).replace(tzinfo=None)
    model.Session.execute(sa.update(package).where(package.c.id == package_id).values(metadata_modified=now))


def _indexed(package_id: str, *, views: bool = False) -> None:
    """Have the search index say of the dataset what the database says now; with ``views``, make CKAN's default views."""
    context: Any = {"model": model, "session": model.Session, "ignore_auth": True, "user": ""}
    logic.index_update_package(dict(context), package_id)
    if views:
        shown = tk.get_action("package_show")(dict(context), {"id": package_id})
        user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
        tk.get_action("package_create_default_resource_views")({**context, "user": user}, {"package": shown})


def settle_all(package_ids: Iterable[str] | None = None) -> int:
    """Settle every dataset (of ``package_ids``, or of all) with something still to be moved; returns how many moved."""
    waiting = rows.unsettled(package_ids)
    model.Session.rollback()
    return sum(settle(package_id) for package_id in waiting)


def unvaulted() -> list[str]:
    """Return the ids of datasets that are not open and whose resources still say an address: from before there was a vault."""
    package = model.package_table
    query = (
        sa.select(resource.c.package_id)
        .join(package, package.c.id == resource.c.package_id)
        .where(
            sa.func.coalesce(resource.c.url_type, "") != URL_TYPE,
            resource.c.url != "",
            ~rows.open_datasets(),
        )
        .distinct()
    )
    return list(model.Session.execute(query).scalars())
