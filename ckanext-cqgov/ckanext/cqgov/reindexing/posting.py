"""Documents on their way to Solr: many in one request, and what it refuses named."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable
from typing import Any

import ckan.plugins.toolkit as tk
import pysolr
from ckan.lib.search.common import SearchIndexError, make_connection

from ckanext.cqgov.catalogue.index import LEAN
from ckanext.cqgov.reindexing.documents import Document

log = logging.getLogger(__name__)

REMOVED = 1000  # documents removed by one request
SAID = 500  # characters of what Solr says that are kept


class Encoder(json.JSONEncoder):
    """Writes Chinese characters as themselves, three bytes instead of six letters each."""

    def __init__(self) -> None:
        super().__init__(**LEAN)

    def encode(self, value: Any) -> str:
        """Return the value as JSON that can be sent in UTF-8; what holds half a character is escaped."""
        text = super().encode(value)
        try:
            text.encode()
        except UnicodeEncodeError:
            return json.dumps(value)
        return text


def connection(core: str | None = None) -> pysolr.Solr:
    """Return a connection to the portal's core, or to another core of the same Solr."""
    solr = make_connection(decode_dates=False)
    if core is not None:
        solr.url = f"{solr.url.rstrip('/').rpartition('/')[0]}/{core}"
    solr.encoder = Encoder()
    return solr


def post(found: list[Document], solr: pysolr.Solr | None = None) -> dict[str, str]:
    """Send the documents in one request, without a commit; returns what Solr says to those it refuses, by dataset id.

    One document that Solr cannot take makes it refuse the request, so then each is sent alone. Raises
    ``SearchIndexError`` when Solr cannot be reached or takes none of several.
    """
    if not found:
        return {}
    solr = solr or connection()
    try:
        solr.add(found, commit=False)
        return {}
    except pysolr.SolrError as error:
        _require_answer(solr, error)
        log.warning("Solr refused %s documents together: %s", len(found), str(error)[:SAID])
    except OSError as error:
        raise unreachable(error, SAID) from error
    refused = {}
    for document in found:
        try:
            solr.add([document], commit=False)
        except pysolr.SolrError as error:
            _require_answer(solr, error)
            log.error("Solr refused the document of %s: %s", document.get("name"), str(error)[:SAID])
            refused[document["id"]] = str(error)[:SAID]
    if len(refused) == len(found) > 1:
        raise SearchIndexError(f"Solr 不接受任何文档 / Solr refuses every document: {next(iter(refused.values()))}")
    return refused


def remove(ids: Iterable[str], solr: pysolr.Solr) -> None:
    """Delete the documents of these datasets, without a commit."""
    keys = [_key(id_) for id_ in ids]
    for start in range(0, len(keys), REMOVED):
        try:
            solr.delete(id=keys[start : start + REMOVED], commit=False)
        except (pysolr.SolrError, OSError) as error:
            raise unreachable(error, SAID) from error


def commit(solr: pysolr.Solr | None = None) -> None:
    """Make what was sent visible to searches."""
    try:
        (solr or connection()).commit(waitSearcher=True)
    except (pysolr.SolrError, OSError) as error:
        raise unreachable(error, SAID) from error


def _key(id_: str) -> str:
    """Return the key of a dataset's document, as CKAN makes it."""
    return hashlib.md5(f"{id_}{tk.config.get('ckan.site_id')}".encode()).hexdigest()


def _require_answer(solr: pysolr.Solr, error: Exception) -> None:
    """Raise when it was not the documents that failed but Solr itself: then each alone would fail as well."""
    try:
        solr.search("*:*", rows=0)
    except (pysolr.SolrError, OSError):
        raise unreachable(error, SAID) from error


def unreachable(error: Exception, said: int | None = None) -> SearchIndexError:
    """Return what to raise when Solr cannot be reached or fails, with the first ``said`` characters of the reason, or all."""
    return SearchIndexError(f"Solr 无法访问或者出错 / Solr cannot be reached or failed: {str(error)[:said]}")
