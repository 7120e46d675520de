"""Replacing the documents of given datasets by what the database says now, a batch at a time."""

from __future__ import annotations

import gc
import logging
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice

import ckan.model as model
import pysolr

from ckanext.cqgov.model import generation
from ckanext.cqgov.reindexing import posting, reading, versions
from ckanext.cqgov.reindexing.documents import Document, documents
from ckanext.cqgov.reindexing.showing import Showing

log = logging.getLogger(__name__)

BATCH = 500
SENDERS = 2  # requests to Solr at a time; it takes the documents of one after the other
SWAPS = "search-core"
"""The topic that grows whenever a second core takes the live one's place."""

ATTEMPTS = 5  # at a batch whose datasets are changed again and again while they are indexed


@dataclass
class Batch:
    """Datasets on their way: their documents, whose are to go, and the versions that were read."""

    ids: list[str]
    documents: list[Document]
    gone: list[str]
    versions: versions.Versions


@dataclass
class Replacing:
    """Brings datasets into one core. Another process may write to the same core meanwhile: whatever was changed between
    reading and arriving is read again, so the last word is always the database's.
    """

    solr: pysolr.Solr
    showing: Showing = field(default_factory=Showing)
    refused: dict[str, str] = field(default_factory=dict)

    def all(self, ids: Iterable[str], batch: int = BATCH) -> Iterator[list[str]]:
        """Replace the documents of the datasets; yields the ids of each batch when its documents have arrived.

        Nothing is committed, neither in Solr nor in the database; the session forgets its objects after each batch. The
        next batch is read while the last ones are on their way. Raises ``SearchIndexError`` when Solr cannot be reached.
        """
        remaining = iter(ids)
        with ThreadPoolExecutor(max_workers=SENDERS) as senders:
            on_the_way: deque[tuple[Batch, Future[dict[str, str]]]] = deque()
            while chosen := list(islice(remaining, batch)):
                with _garbage_left():
                    prepared = self._prepared(chosen)
                on_the_way.append((prepared, senders.submit(self._send, prepared)))
                if len(on_the_way) > SENDERS:
                    yield self._arrived(*on_the_way.popleft())
            while on_the_way:
                yield self._arrived(*on_the_way.popleft())

    def _prepared(self, ids: Sequence[str]) -> Batch:
        """Read datasets and make their documents."""
        for id_ in ids:
            self.refused.pop(id_, None)  # what was wrong earlier may be right by now
        before = versions.of(ids)
        packages = reading.loaded(ids)
        self.showing.failed.clear()
        shown = self.showing.shown(packages)
        found, gone = documents(shown, self.showing.failed)
        for id_, error in self.showing.failed.items():
            self.refused[id_] = f"{type(error).__name__}: {error}"[: posting.SAID]
        there = {package.id for package in packages}
        model.Session.expunge_all()
        return Batch(list(ids), found, [*gone, *(id_ for id_ in ids if id_ not in there)], before)

    def _send(self, batch: Batch) -> dict[str, str]:
        """Send a batch (in a thread of its own: no database here); returns what Solr refuses."""
        refused = posting.post(batch.documents, self.solr)
        posting.remove(batch.gone, self.solr)
        return refused

    def _arrived(self, batch: Batch, sending: Future[dict[str, str]]) -> list[str]:
        """Wait for a batch, and do again what was changed while it was on its way; returns its ids."""
        self.refused.update(sending.result())
        current = batch
        for _attempt in range(ATTEMPTS):
            changed = versions.changed(current.ids, current.versions)
            if not changed:
                break
            current = self._prepared(changed)
            self.refused.update(self._send(current))
        return batch.ids


@contextmanager
def _garbage_left() -> Iterator[None]:
    """Let Python not search for circular garbage for the length of one batch: among so many new objects it takes an eighth
    of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def replace(ids: Collection[str]) -> dict[str, str]:
    """Replace the documents of these datasets in the portal's core and commit there; for background jobs.

    :param ids: ids of datasets; those that no longer exist lose their documents.
    :returns: by dataset id, why it could not be indexed.
    :raises SearchIndexError: when Solr cannot be reached.
    """
    while True:
        swaps = generation.of(SWAPS)
        replacing = Replacing(posting.connection())
        for _arrived in replacing.all(ids):
            model.Session.rollback()  # a long job holds no old transaction open
        posting.commit(replacing.solr)
        if generation.of(SWAPS) == swaps:
            return replacing.refused
        # a rebuild swapped the cores: some of the documents may have gone into the former one
