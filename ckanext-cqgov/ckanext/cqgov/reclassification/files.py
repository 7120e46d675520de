"""The files of an entry: in the vault when it is not open, where CKAN serves them when it is, never in both places for long."""

from __future__ import annotations

from ckan import model

from ckanext.cqgov.catalogue import attachments, public_file, vault, vault_storage
from ckanext.cqgov.domain.vault import FILE
from ckanext.cqgov.model import lock
from ckanext.cqgov.model import vault as rows
from ckanext.cqgov.reclassification.subject import Subject


class Unsettled(Exception):
    """Something was not moved, though nothing failed: somebody else changed it meanwhile. It is tried again."""


def remove(subject: Subject) -> int:
    """Bring files and addresses into the vault, and remove public files that no resource has any more, and all that was attached to
    a dataset that is gone for good; returns how many. Commits but for the last."""
    with lock.alone(lock.VAULT_MOVE, subject.id):
        count = vault.withdraw(subject.id)
        held = rows.of_packages([subject.id])
        model.Session.rollback()
        for id_ in subject.resources:
            kept = id_ in held and held[id_].kind == FILE and held[id_].public  # the only copy there is
            if not kept and public_file.exists(id_):
                count += 1
            if not kept:
                public_file.remove(id_)
        for key in set(subject.keys) - rows.keys():
            count += vault_storage.exists(key)
            vault_storage.remove(key)
        if subject.package is None:
            count += attachments.remove(subject.id, subject.resources)
    return count


def left(subject: Subject) -> int:
    """Return how many files are where CKAN serves them, or lie in the vault or are attached though their dataset is gone."""
    public = sum(public_file.exists(id_) for id_ in subject.resources)
    orphans = set(subject.keys) - rows.keys()
    attached = attachments.count(subject.id, subject.resources) if subject.package is None else 0
    return public + sum(vault_storage.exists(key) for key in orphans) + attached


def publish(subject: Subject) -> int:
    """Bring files and addresses of an open dataset out of the vault; returns how many. Commits. Raises ``Unsettled``."""
    with lock.alone(lock.VAULT_MOVE, subject.id):
        count = vault.publish(subject.id)
    waiting = rows.unsettled([subject.id])
    model.Session.rollback()
    if waiting:
        raise Unsettled(subject.id)
    return count
