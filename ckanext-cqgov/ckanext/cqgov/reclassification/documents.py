"""The entry's document in the search index: none of what is gone, without addresses and with the present labels else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import ckan.lib.search as search
import ckan.logic as logic
import ckan.model as model
from ckan.common import config
from ckan.lib.plugins import get_permission_labels
from ckan.lib.search.common import make_connection

from ckanext.cqgov.reclassification.subject import Subject


def update(subject: Subject) -> int:
    """Have the index say of the dataset what the database says; returns 1. Raises ``SearchError`` when the index is away."""
    if subject.package is None:
        search.clear(subject.id)
    else:
        logic.index_update_package(
            {"model": model, "session": model.Session, "ignore_auth": True, "user": ""}, subject.id
        )
    return 1


def _documents(subject: Subject) -> list[dict[str, Any]]:
    query = {"q": "*:*", "fq": [f'id:"{subject.id}"', f'+site_id:"{config["ckan.site_id"]}"'], "fl": "*", "rows": 10}
    return list(make_connection().search(**query))


def left(subject: Subject) -> int:
    """Return how many documents tell an address, or are found by whom the entry is not open to."""
    package = subject.package
    found = _documents(subject)
    if package is None:
        return len(found)
    labels = set(get_permission_labels().get_dataset_labels(package))
    pages = {subject.page(id_) for id_ in subject.resources}
    count = 0
    for each in found:
        text = json.dumps(each, ensure_ascii=False, default=str)
        told = any(secret in text for secret in subject.secrets)
        elsewhere = any(url and url not in pages for url in _urls(each))
        count += told or elsewhere or set(each.get("permission_labels") or ()) != labels
    return count


def _urls(document: dict[str, Any]) -> Iterator[str]:
    yield from document.get("res_url") or ()
    for name in ("data_dict", "validated_data_dict"):
        stored = document.get(name)
        for resource in (json.loads(stored) if stored else {}).get("resources") or ():
            yield str(resource.get("url") or "")
