"""``IPermissionLabels``: who finds which dataset in lists, as ``domain.access`` labels it. It is the only implementation in the suite.

CKAN writes the labels of a dataset into the search index and asks it with those of the reader; the activity stream keeps them
with each activity.
"""

from __future__ import annotations

from typing import Any

from ckanext.cqgov.catalogue import access
from ckanext.cqgov.domain import access as domain


class AccessLabels:
    """CKAN's plugin interface of that name."""

    def get_dataset_labels(self, dataset_obj: Any) -> list[str]:
        """Return the labels of those who see the entry of this CKAN package; nothing is asked where that is everybody."""
        return list(domain.labels_of(access.of_listed(dataset_obj)))

    def get_user_dataset_labels(self, user_obj: Any) -> list[str]:
        """Return the labels that a CKAN user (None or an anonymous one: a visitor) bears today."""
        return list(domain.labels_for(access.viewer_of(user_obj)))
