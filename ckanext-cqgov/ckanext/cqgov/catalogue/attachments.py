"""Files that somebody attached to an entry, or to a resource, by CKAN's own API of files: only the operator may, by default.

They are no resources, so the vault does not have them: what they say is for who may have the entry's data, CKAN serves them
for open entries alone (``views.download``), and they go when the entry is purged.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace
from typing import Any

import ckan.model as model
import sqlalchemy as sa
from ckan.lib import files

from ckanext.cqgov.catalogue import access
from ckanext.cqgov.domain.access import Level

PACKAGE, RESOURCE = "package", "resource"


class AttachedFiles:
    """CKAN's question who may see a file, for the plugin."""

    def files_file_allows(self, context: Any, file: Any, operation: str) -> bool | None:
        """Refuse to show a file's name, place and checksum to who may not have the data of its entry (Art. 22); else leave it to CKAN.

        By right, that is: a grant opens resources or parts of their tables, and nothing that is attached beside them.
        """
        package = _package(file.owner) if operation == "show" else None
        if package is None:
            return None
        by_right = access.level_for(lambda: replace(access.viewer(context), granted=frozenset()), package)
        return None if by_right is Level.DATA else False


def _package(owner: Any) -> Any:
    if owner is None or owner.owner_type not in (PACKAGE, RESOURCE):
        return None
    if owner.owner_type == PACKAGE:
        return model.Package.get(owner.owner_id)
    resource = model.Resource.get(owner.owner_id)
    return resource.package if resource is not None else None


def _of(dataset_id: str, resource_ids: Collection[str]) -> list[Any]:
    """Return the files that are attached to the dataset or to one of the resources."""
    owner = model.FileOwner
    dataset = sa.and_(owner.owner_type == PACKAGE, owner.owner_id == dataset_id)
    resources = sa.and_(owner.owner_type == RESOURCE, owner.owner_id.in_(list(resource_ids)))
    query = sa.select(model.File).join(owner, owner.file_id == model.File.id).where(sa.or_(dataset, resources))
    return list(model.Session.scalars(query.order_by(model.File.id)).unique())


def remove(dataset_id: str, resource_ids: Collection[str]) -> int:
    """Remove the files of a dataset that is gone for good, and what CKAN knows of them; returns how many. Commits nothing.

    Raises ``files.exc.UnknownStorageError`` where a file lies in a storage that the portal no longer has.
    """
    found = _of(dataset_id, resource_ids)
    for each in found:
        with suppress(files.exc.MissingFileError):
            files.get_storage(each.storage).remove(files.FileData.from_object(each))
        model.Session.delete(each)
    model.Session.flush()
    return len(found)


def count(dataset_id: str, resource_ids: Collection[str]) -> int:
    """Return how many files are attached to the dataset or to one of the resources."""
    return len(_of(dataset_id, resource_ids))
