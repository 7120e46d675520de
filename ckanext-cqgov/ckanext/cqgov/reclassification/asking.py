"""Asking for a reclassification, in the transaction that changes the classification: both are stored, or neither."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import ckan.model as model
import sqlalchemy as sa

from ckanext.cqgov.domain.access import Dataset, is_listed
from ckanext.cqgov.domain.catalogue_entry import Admission
from ckanext.cqgov.domain.classification import opening
from ckanext.cqgov.domain.publication import Before
from ckanext.cqgov.domain.reclassification import Course, course
from ckanext.cqgov.model import reclassification as rows
from ckanext.cqgov.model import vault

BEFORE = "cqgov_before"
"""Context key under which validation hands on how the entry stood before the write, ``domain.publication.Before``."""

ASKED = "cqgov_reclassification"
"""Context key that says that the action has asked for a reclassification, to be attended to when it is committed."""


def stance(
    package_id: str,
    *,
    state: str | None,
    private: bool | None,
    opening_type: str | None,
    sharing_type: str | None,
    owner_org: str | None,
    released: bool = False,
) -> Dataset:
    """Return how an entry stands, as far as it decides who sees it. A provider's move stands for its district's."""
    return Dataset(
        id=package_id,
        provider=owner_org or None,
        district=None,
        state=state or "",
        published=is_listed(state, private, opening_type),
        released=released,
        opening_type=opening_type,
        sharing_type=sharing_type or None,
    )


def ask(changes: Iterable[tuple[Dataset | None, Dataset]], actor: str) -> frozenset[str]:
    """Ask for what has to follow each change ``(before, after)`` made by ``actor``; returns the ids of those with any. Commits nothing."""
    found = {after.id: what for before, after in changes if (what := course(before, after)) is not None}
    rows.put(
        {"dataset_id": id_, "course": what, "asked_by": actor, "places": {}} for id_, what in sorted(found.items())
    )
    return frozenset(found)


def entered(context: Any, found: Admission, package_id: str, actor: str, *, retracted: bool) -> None:
    """Ask for what has to follow the admitted write of one entry; ``retracted``: departments saw it till now. Commits nothing."""
    before: Before | None = context.pop(BEFORE, None)
    if before is not None and ask([change(package_id, before, found, retracted=retracted)], actor):
        context[ASKED] = True


def change(package_id: str, before: Before, found: Admission, *, retracted: bool) -> tuple[Dataset, Dataset]:
    """Return how an entry stood and how it stands once ``found`` is stored."""
    old = stance(
        package_id,
        state=before.state,
        private=before.private,
        opening_type=before.opening_type,
        sharing_type=before.sharing_type,
        owner_org=before.owner_org,
        released=retracted,
    )
    new = stance(
        package_id,
        state=found.core.state,
        private=found.decision.private,
        opening_type=opening(found.values),
        sharing_type=found.values.get("sharing_type"),
        owner_org=found.core.owner_org,
    )
    return old, new


def deleted(package: Any, actor: str, *, retracted: bool) -> None:
    """Ask for what has to follow when the package, which is still as it was, is deleted; commits nothing."""
    values = package.extras or {}
    old = stance(
        package.id,
        state=package.state,
        private=package.private,
        opening_type=opening(values),
        sharing_type=values.get("sharing_type"),
        owner_org=package.owner_org,
        released=retracted,
    )
    ask([(old, replace(old, state="deleted", published=False, released=False))], actor)


def again(dataset_ids: Iterable[str], actor: str) -> None:
    """Ask for the datasets to be brought to where they belong, as they are stored now; commits nothing."""
    package = model.package_table
    query = sa.select(package.c.id, vault.open_datasets().label("opened")).where(package.c.id.in_(list(dataset_ids)))
    found = model.Session.execute(query.order_by(package.c.id))
    courses = {row.id: Course.PUBLISH if row.opened else Course.WITHDRAW for row in found}
    rows.put({"dataset_id": id_, "course": what, "asked_by": actor, "places": {}} for id_, what in courses.items())


def gone(package_id: str, actor: str) -> None:
    """Ask for what is left of a dataset that is purged in this transaction: where it may be is noted, for nothing else will know."""
    table = model.resource_table
    resources = model.Session.execute(sa.select(table.c.id).where(table.c.package_id == package_id)).scalars()
    held = vault.of_packages([package_id]).values()
    keys = [each.address for each in held if each.kind == "file" and not each.public and each.address]
    places = {"resources": sorted(resources), "keys": sorted(keys)}
    rows.put([{"dataset_id": package_id, "course": Course.PURGE, "asked_by": actor, "places": places}])
