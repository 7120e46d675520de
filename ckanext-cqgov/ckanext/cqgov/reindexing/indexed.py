"""What is in a core and what ought to be: the two lists a rebuild compares."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import ckan.model as model
import ckan.plugins.toolkit as tk
import pysolr
import sqlalchemy as sa

from ckanext.cqgov.reindexing.posting import unreachable

PAGE = 10_000


def wanted(after: str | None = None, limit: int | None = None) -> list[str]:
    """Return the ids of datasets that ought to be indexed, in order: those behind ``after``, ``limit`` at most."""
    package = model.package_table
    query = sa.select(package.c.id).order_by(package.c.id)
    if tk.config.get("ckan.search.remove_deleted_packages"):
        query = query.where(package.c.state != "deleted")
    if after is not None:
        query = query.where(package.c.id > after)
    return list(model.Session.execute(query.limit(limit)).scalars())


def written_since(moment: datetime) -> list[str]:
    """Return the ids of datasets that were changed at the moment or later, by the database."""
    package = model.package_table
    naive = moment.astimezone(UTC).replace(tzinfo=None)
    return list(model.Session.execute(sa.select(package.c.id).where(package.c.metadata_modified >= naive)).scalars())


def ids(solr: pysolr.Solr) -> set[str]:
    """Return the ids of this portal's datasets in a core."""
    return set(_found(solr, _ours()))


def since(solr: pysolr.Solr, moment: datetime) -> list[str]:
    """Return the ids of datasets whose documents came into a core at the moment (by Solr's clock) or later."""
    return list(_found(solr, _ours(), f"indexed_ts:[{moment:%Y-%m-%dT%H:%M:%S.%f}Z TO *]"))


def of_others(solr: pysolr.Solr) -> int:
    """Return how many documents of a core are not datasets of this portal."""
    try:
        return solr.search(f"*:* -({_ours()})", rows=0).hits
    except (pysolr.SolrError, OSError) as error:
        raise unreachable(error) from error


def _ours() -> str:
    return f'+entity_type:package +site_id:"{tk.config.get("ckan.site_id")}"'


def _found(solr: pysolr.Solr, *filters: str) -> Iterator[str]:
    """Yield the ids of the documents that pass the filters."""
    cursor = "*"
    while True:
        try:
            answer = solr.search("*:*", fq=list(filters), fl="id", sort="index_id asc", rows=PAGE, cursorMark=cursor)
        except (pysolr.SolrError, OSError) as error:
            raise unreachable(error) from error
        yield from (document["id"] for document in answer.docs)
        if answer.nextCursorMark == cursor:
            return
        cursor = answer.nextCursorMark
