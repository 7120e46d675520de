"""The vault in the door: what is not open leaves its addresses here, before CKAN stores anything of it.

``taken_in`` runs while CKAN validates, so that neither a table, nor an index, nor a hook, nor a log ever has an address;
``kept`` writes the vault's rows in CKAN's transaction. ``withhold`` does the same for many entries at once, with what is
stored. What has to be moved once the transaction is committed is ``vault``'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.cqgov.catalogue import public_file
from ckanext.cqgov.domain import vault as domain
from ckanext.cqgov.domain.vault import FILE, URL_TYPE, Holding, Taken
from ckanext.cqgov.model import vault as rows

INTAKE = "cqgov_vault"
"""Context key under which validation hands what it took out of the resources to the hook that writes the vault's rows."""

UNSETTLED = "cqgov_vault_unsettled"
"""Context key that says that files or addresses have to be moved once the transaction is committed."""

resource = model.resource_table


@dataclass
class Intake:
    """What validation took out of a dataset's resources: the vault's rows before, and what is to become of each resource."""

    open: bool
    before: Mapping[str, Holding] = field(default_factory=dict)
    taken: dict[str, Taken] = field(default_factory=dict)


def portal_url(package_id: str, resource_id: str) -> str:
    """Return the address of the resource's page on this portal."""
    below = (tk.config.get("ckan.root_path") or "").replace("/{{LANG}}", "")
    return domain.page(tk.config["ckan.site_url"].rstrip("/") + below, package_id, resource_id)


def taken_in(context: Any, data: dict[str, Any], package: Any, *, is_open: bool) -> None:
    """Take the addresses out of the resources of validated ``data``, which CKAN is about to store, unless the entry is open.

    ``package`` is the stored one, None for a new one. New resources of what is not open get their ids here: their pages need them.
    """
    intake = context[INTAKE] = Intake(is_open, rows.of_packages([package.id]) if package else {})
    incoming = data.get("resources") or []
    if not incoming or (is_open and not intake.before and not any(r.get("url_type") == URL_TYPE for r in incoming)):
        return
    package_id = package.id if package else data.get("id") or str(uuid4())
    if not package and not is_open:
        data["id"] = package_id
    for position, each in enumerate(incoming):
        held = intake.before.get(each.get("id") or "")
        if is_open:
            incoming[position] = _opened(each, held, package_id)
            continue
        each["id"] = each.get("id") or str(uuid4())
        found = domain.taken({**each, "package_id": package_id}, portal_url(package_id, each["id"]), held)
        if found.holding != held:
            # CKAN stores nothing, and calls no hook, unless a column of the resource changes
            found.resource["last_modified"] = datetime.now(UTC).replace(tzinfo=None)
        intake.taken[each["id"]] = found
        incoming[position] = found.resource


def _opened(each: dict[str, Any], held: Holding | None, package_id: str) -> dict[str, Any]:
    """Return a resource of an open entry: one that the vault still has waits there for ``publish``."""
    if held is not None and domain.echoed(str(each.get("url") or ""), portal_url(package_id, each["id"]), held):
        return {**each, "url": portal_url(package_id, each["id"]), "url_type": URL_TYPE}
    return {**each, "url_type": None} if each.get("url_type") == URL_TYPE else each


def redacted(resources: Any, intake: Intake) -> Any:
    """Return resources as a client sent them, without what was taken out of them: for whoever logs or hears of the call."""
    if intake.open or not isinstance(resources, list):
        return resources
    secret = {"url", "upload", *domain.WITHHELD}
    return [
        {key: each[key] for key in each if key not in secret} if isinstance(each, dict) else each for each in resources
    ]


def kept(context: Any, package_id: str) -> None:
    """Write what was taken in into the vault, in CKAN's transaction and after it stored the resources; commits nothing."""
    intake: Intake | None = context.pop(INTAKE, None)
    if intake is None:
        return
    if not intake.open or intake.before:
        rows.lock(package_id)
    waiting = False
    if intake.open and intake.before:
        _replaced(package_id)
        waiting = bool(rows.of_packages([package_id]))
    elif not intake.open:
        now = rows.of_packages([package_id])
        rows.put(each for each in _holdings(intake, now))
        rows.drop(key for key, found in intake.taken.items() if found.holding is None)
        withhold([package_id])
        waiting = bool(rows.unsettled([package_id]))
    if waiting:
        context[UNSETTLED] = True


def _replaced(package_id: str) -> None:
    """Forget what the vault has of resources of an open entry that have a new address now."""
    waiting = sa.select(resource.c.id).where(resource.c.package_id == package_id, resource.c.url_type == URL_TYPE)
    gone = sa.and_(rows.table.c.package_id == package_id, rows.table.c.resource_id.not_in(waiting))
    model.Session.execute(sa.delete(rows.table).where(gone))


def _holdings(intake: Intake, now: Mapping[str, Holding]) -> Iterable[Holding]:
    """Yield the rows to write. ``now`` has what uploads of this transaction have written already."""
    for key, found in intake.taken.items():
        if found.holding is None:
            continue
        before, present = intake.before.get(key), now.get(key)
        if present is not None and (before is None or present.address != before.address):
            yield replace(present, format=found.holding.format or present.format)
        elif found.holding.kind == FILE and not found.kept and not found.holding.address:
            yield replace(found.holding, public=public_file.exists(key))
        else:
            yield found.holding


def withhold(package_ids: Iterable[str]) -> int:
    """Put into the vault what resources of these datasets, which are not open, still say; commits nothing, returns how many.

    Resources that were deleted are not left out: their rows stay in the database.
    """
    names = ("id", "package_id", "url", "url_type", "format", "extras", *domain.COLUMNS)
    query = sa.select(*(resource.c[name] for name in names)).where(
        resource.c.package_id.in_(list(package_ids)),
        sa.func.coalesce(resource.c.url_type, "") != URL_TYPE,
        resource.c.url != "",
    )
    found = []
    for row in model.Session.execute(query).mappings():
        extras = dict(row["extras"] or {})
        said = {**row, "original_name": extras.pop("original_name", None)}
        found.append((domain.taken(said, portal_url(row["package_id"], row["id"]), None), extras))
    if not found:
        return 0
    rows.put(
        replace(taken.holding, public=taken.holding.kind == FILE and public_file.exists(taken.holding.resource_id))
        for taken, _extras in found
        if taken.holding
    )
    write({"target": taken.resource["id"], "extras": extras, **columns(taken.resource)} for taken, extras in found)
    return len(found)


def columns(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return CKAN's columns of a resource that the vault writes, from the resource's values."""
    return {name: values.get(name) for name in ("url", "url_type", *domain.COLUMNS)}


def write(changes: Iterable[Mapping[str, Any]]) -> None:
    """Write columns of resources, each a dictionary with the resource's id as ``target``, and have the session read them anew."""
    changes = list(changes)
    names = [name for name in changes[0] if name != "target"]
    values = {name: sa.bindparam(f"new_{name}", type_=resource.c[name].type) for name in names}
    model.Session.connection().execute(
        sa.update(resource).where(resource.c.id == sa.bindparam("target")).values(values),
        [{"target": each["target"], **{f"new_{name}": each[name] for name in names}} for each in changes],
    )
    ids = {each["target"] for each in changes}
    for known in list(model.Session.identity_map.values()):
        if isinstance(known, model.Resource) and known.id in ids:
            model.Session.expire(known)


class VaultedResources:
    """``IResourceController`` of the vault: a resource that is in it says the address of its page, wherever the portal stands now."""

    def before_resource_show(self, resource_dict: dict[str, Any]) -> None:
        """Set the address of the page, and leave out whatever another program wrote into the resource past the door."""
        if resource_dict.get("url_type") == URL_TYPE:
            resource_dict["url"] = portal_url(resource_dict["package_id"], resource_dict["id"])
            for key in domain.WITHHELD:
                if resource_dict.get(key) is not None:
                    resource_dict[key] = None
