"""Many datasets into the search index with one request, each document exactly as CKAN's own indexing makes it.

CKAN's ``index_package`` builds a document and sends it in one go. Here its code runs with a connection that gathers the
documents instead of sending them (a private copy of the function; nothing in CKAN is changed), so that whatever CKAN or a
plugin's ``before_dataset_index`` puts into a document is in ours too. A test compares the documents of both ways.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterable
from types import FunctionType
from typing import Any

import pysolr
from ckan.lib.search.common import SearchIndexError, make_connection
from ckan.lib.search.index import PackageSearchIndex

from ckanext.cqgov.catalogue.index import places_remembered

log = logging.getLogger(__name__)

Shown = tuple[dict[str, Any], dict[str, Any]]  # with CKAN's default schema, and with ours


class Gathering:
    """Stands in for the Solr connection while documents are made."""

    url = "gathering documents"

    def __init__(self) -> None:
        self.documents: list[dict[str, Any]] = []

    def add(self, docs: list[dict[str, Any]], **_options: Any) -> None:
        """Keep the documents."""
        self.documents.extend(docs)

    def delete(self, **_options: Any) -> None:
        """Leave deletions to CKAN: an importer writes active entries only."""


def documents(shown: Iterable[Shown]) -> list[dict[str, Any]]:
    """Return the Solr documents of datasets given as CKAN shows them; the datasets should be in the session."""
    gathering = Gathering()
    core = PackageSearchIndex.index_package
    made = FunctionType(
        core.__code__,
        {**core.__globals__, "make_connection": lambda: gathering},
        core.__name__,
        core.__defaults__,
        core.__closure__,
    )
    index = PackageSearchIndex()
    with places_remembered():
        for default, custom in shown:
            made(index, {**default, "with_custom_schema": custom}, True)
    return gathering.documents


def post(found: list[dict[str, Any]]) -> list[str]:
    """Send the documents in one request, without a commit; returns the ids of those that Solr refuses.

    One document that Solr cannot take makes it refuse the request, so then each is sent alone. Raises
    ``SearchIndexError`` when Solr cannot be reached.
    """
    if not found:
        return []
    solr = make_connection()
    try:
        solr.add(found, commit=False)
        return []
    except pysolr.SolrError as error:
        log.warning("Solr refused %s documents together: %s", len(found), str(error)[:500])
    except OSError as error:
        raise _unreachable(solr, error) from error
    refused = []
    for document in found:
        try:
            solr.add([document], commit=False)
        except pysolr.SolrError as error:
            log.error("Solr refused the document of %s: %s", document.get("name"), str(error)[:500])
            refused.append(document["id"])
    if len(refused) == len(found):
        raise SearchIndexError(f"Solr at {solr.url} refuses every document")
    return refused


def commit() -> None:
    """Make what was sent visible to searches."""
    solr = make_connection()
    try:
        solr.commit(waitSearcher=True)
    except (pysolr.SolrError, OSError) as error:
        raise _unreachable(solr, error) from error


def _unreachable(solr: Any, error: Exception) -> SearchIndexError:
    reason = "cannot be reached" if isinstance(error, socket.error) else "failed"
    return SearchIndexError(f"Solr {reason}: {error}")
