"""What is written while Solr is away is written: the database is what counts, and the index hears of it when Solr is back.

CKAN indexes a dataset before it commits, so without Solr nothing could be saved, and above all nothing be closed. A list then
shows nothing too much: hits are looked at once more in the database (``catalogue.hits``), and a dataset is read from the database
when the index says an older time.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import ckan.lib.search as search
import ckan.model as model
from ckan.lib.search import SearchIndexError
from ckan.lib.search.index import PackageSearchIndex

from ckanext.cqgov.catalogue import search_outage
from ckanext.cqgov.model import index_waiting
from ckanext.cqgov.reindexing import replacing

log = logging.getLogger(__name__)

AWAY = re.compile(
    r"Failed to connect to server|Connection to server .* timed out|Could not connect|HTTP (404|50[234])\b"
)
"""How pysolr and CKAN say that Solr can't be reached; anything else is said of the document."""

AT_ONCE = 500
SETTLED = timedelta(seconds=5)
"""A dataset is indexed no sooner after it was noted: the change itself is committed a moment later."""


class PatientIndex(PackageSearchIndex):
    """CKAN's index of datasets; what can't be told to Solr just now waits."""

    def index_package(self, pkg_dict: dict[str, Any] | None, defer_commit: bool = False) -> None:
        """Index the dataset as CKAN does. Raises ``SearchIndexError`` when Solr refuses the document."""
        if pkg_dict is not None:
            _or_later(pkg_dict["id"], lambda: super(PatientIndex, self).index_package(pkg_dict, defer_commit))

    def remove_dict(self, pkg_dict: dict[str, Any]) -> None:
        """Take the dataset out of the index as CKAN does. Raises ``SearchIndexError`` when Solr refuses."""
        _or_later(pkg_dict["id"], lambda: super(PatientIndex, self).remove_dict(pkg_dict))


def _or_later(package_id: str, indexing: Callable[[], None]) -> None:
    try:
        indexing()
    except SearchIndexError as error:
        if not AWAY.search(str(error)):
            raise
        log.error("The index does not hear of the dataset %s before Solr is back: %s", package_id, str(error)[:300])
        search_outage.note()
        index_waiting.add(package_id)


def catch_up() -> int:
    """Index what waits, and forget it; returns how many datasets that were. Commits.

    Raises ``SearchIndexError`` while Solr is away; nothing is lost then. May be cut short at any point and run side by side.
    """
    count = 0
    while waiting := index_waiting.oldest(AT_ONCE, SETTLED):
        model.Session.rollback()
        refused = replacing.replace(list(waiting))
        for package_id, reason in refused.items():
            log.error("The dataset %s could not be indexed: %s", package_id, reason)
        index_waiting.remove(waiting)
        model.repo.commit()
        count += len(waiting)
    model.Session.rollback()
    return count


def register() -> None:
    """Let CKAN index datasets by ``PatientIndex``."""
    search._INDICES["package"] = PatientIndex
