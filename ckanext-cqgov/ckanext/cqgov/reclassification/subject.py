"""The dataset that is being reclassified, as the steps need it: its resources, also the deleted ones, and their addresses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import ckan.model as model
import sqlalchemy as sa

from ckanext.cqgov.catalogue.vault_intake import portal_url
from ckanext.cqgov.domain.reclassification import Course
from ckanext.cqgov.domain.vault import is_open
from ckanext.cqgov.model import vault
from ckanext.cqgov.model.reclassification import Job


@dataclass(frozen=True)
class Subject:
    """One dataset. ``keys`` are files of the vault that lost their dataset."""

    id: str
    resources: tuple[str, ...]
    keys: tuple[str, ...] = ()

    @property
    def package(self) -> Any:
        """The dataset as CKAN's session has it, None when it is gone for good."""
        return model.Session.get(model.Package, self.id)

    def page(self, resource_id: str) -> str:
        """Return the address of a resource's page on the portal."""
        return portal_url(self.id, resource_id)

    @cached_property
    def secrets(self) -> tuple[str, ...]:
        """What the vault holds of the dataset that must stand nowhere else: addresses, keys of files."""
        held = vault.of_packages([self.id]).values()
        return tuple(sorted({each.address for each in held if each.address}))


def of(job: Job) -> Subject:
    """Return the dataset of a row, with the resources that it has or had."""
    table = model.resource_table
    query = sa.select(table.c.id).where(table.c.package_id == job.dataset_id)
    ids = {*model.Session.execute(query).scalars(), *job.places.get("resources", ())}
    return Subject(job.dataset_id, tuple(sorted(ids)), tuple(job.places.get("keys", ())))


def course(dataset_id: str) -> Course:
    """Return where the dataset goes as it is stored now: the database decides, the row only says that there is work."""
    package = model.package_table
    query = sa.select(package.c.state, package.c.private, package.c.extras["opening_type"].astext.label("opening"))
    row = model.Session.execute(query.where(package.c.id == dataset_id)).one_or_none()
    if row is None:
        return Course.PURGE
    return Course.PUBLISH if is_open(row.state, row.private, row.opening) else Course.WITHDRAW
