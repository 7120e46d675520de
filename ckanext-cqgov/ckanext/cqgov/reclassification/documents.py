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


def _found(subject: Subject) -> tuple[list[dict[str, Any]], set[str]]:
    """Return the dataset's documents with all that is stored, and the labels by which they are found, which are not."""
    facets = {"facet": "true", "facet.field": "permission_labels", "facet.mincount": 1, "facet.limit": -1}
    only = [f'id:"{subject.id}"', f'+site_id:"{config["ckan.site_id"]}"']
    answer = make_connection().search(q="*:*", fq=only, fl="*", rows=10, **facets)
    labels = answer.facets["facet_fields"]["permission_labels"]
    return list(answer.docs), set(labels[::2])


def left(subject: Subject) -> int:
    """Return how many documents tell an address, or are found by whom the entry is not open to."""
    package = subject.package
    found, labels = _found(subject)
    if package is None:
        return len(found)
    seen = labels != set(get_permission_labels().get_dataset_labels(package))
    pages = {subject.page(id_) for id_ in subject.resources}
    count = 0
    for each in found:
        text = json.dumps(each, ensure_ascii=False, default=str)
        told = any(secret in text for secret in subject.secrets)
        elsewhere = any(url and url not in pages for url in _urls(each))
        count += seen or told or elsewhere
    return count


def _urls(document: dict[str, Any]) -> Iterator[str]:
    yield from document.get("res_url") or ()
    for name in ("data_dict", "validated_data_dict"):
        stored = document.get(name)
        for resource in (json.loads(stored) if stored else {}).get("resources") or ():
            yield str(resource.get("url") or "")
