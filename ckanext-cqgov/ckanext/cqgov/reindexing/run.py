"""Rebuilding the whole index: one at a time, never an empty search, and after a killed process where it stopped.

Where Solr's core administration may be used, a second core is filled and then takes the live one's place; what was
changed meanwhile is brought into it before and after. Elsewhere every document is replaced where it is.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import ckan.model as model
import sqlalchemy as sa

from ckanext.cqgov.model import generation, lock, search_rebuild
from ckanext.cqgov.reindexing import indexed, posting
from ckanext.cqgov.reindexing.core import Cores, NoSecondCore, require_swapped, swapped
from ckanext.cqgov.reindexing.replacing import BATCH, SWAPS, Replacing
from ckanext.cqgov.reindexing.showing import Showing

log = logging.getLogger(__name__)

COMMIT_EVERY = 20  # batches in place, so that long rebuilds show
RECENT = timedelta(minutes=5)  # a request to Solr is over by then
ROUNDS = 10  # of catching up after the swap, at most; two quiet ones end it


class AlreadyRunning(Exception):
    """Another process rebuilds the index."""


@dataclass(frozen=True)
class Progress:
    """How far a rebuild has come. ``way`` is ``second-core`` or ``in-place``, and ``why`` tells the reason of the latter."""

    way: str
    why: str | None
    done: int
    total: int
    refused: int


@dataclass(frozen=True)
class Finished:
    """What a rebuild did: how many datasets it read, what was removed, and by dataset id why one is not in the index."""

    way: str
    done: int
    removed: int
    refused: dict[str, str]


Report = Callable[[Progress], None]


def rebuild(
    resume: bool = False, in_place: bool = False, report: Report = lambda _progress: None, batch: int = BATCH
) -> Finished:
    """Rebuild the portal's search index.

    :param resume: go on with a rebuild that was ended early; without one, begin anew.
    :param in_place: replace the documents where they are, even where a second core could be had.
    :param report: told after every batch.
    :param batch: how many datasets are read together.
    :raises AlreadyRunning: when another process rebuilds it.
    :raises SearchIndexError: when Solr fails; ``resume`` then goes on.
    """
    with _alone():
        run = (_continued(batch) if resume else None) or _begun(in_place, batch)
        return run.carried_out(report)


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the rebuilders' lock on a connection of its own: it goes when the process dies."""
    with model.meta.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.scalar(sa.select(sa.func.pg_try_advisory_lock(lock.REBUILD))):
            raise AlreadyRunning
        try:
            yield
        finally:
            connection.execute(sa.select(sa.func.pg_advisory_unlock(lock.REBUILD)))


def running() -> bool:
    """Say whether a process is rebuilding the index right now."""
    held = sa.text(
        "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = 0 AND objid = :number AND granted"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"
    )
    return bool(model.Session.execute(held, {"number": lock.REBUILD}).scalar())


def _begun(in_place: bool, batch: int) -> Run:
    """Begin a rebuild: choose its way, make the second core, write its row."""
    cores, folder, since, why = Cores.of_portal(), None, None, None
    try:
        if in_place:
            raise NoSecondCore("按要求 / it was asked for")
        others = indexed.of_others(posting.connection())
        if others:
            raise NoSecondCore(
                f"核心中有 {others} 个文档不是本门户的数据集 / {others} documents of the core are not datasets of this portal"
            )
        since = cores.now()
        folder = cores.create()
    except NoSecondCore as error:
        why = str(error)
        log.info("The index is rebuilt in place: %s", why)
        _tidied(cores)
    way = search_rebuild.SECOND_CORE if folder else search_rebuild.IN_PLACE
    total = len(indexed.wanted())
    id_ = search_rebuild.begin(way=way, why=why, folder=folder, since=since, total=total)
    model.Session.commit()
    return Run(id_, cores, folder, since, None, 0, total, {}, batch, why)


def _tidied(cores: Cores) -> None:
    """Where the core administration may be used: remove what an earlier rebuild left, and read the configuration again."""
    try:
        cores.drop()
        cores.reload()
    except NoSecondCore as error:
        log.warning("The core keeps the configuration it has: %s", error)


def _continued(batch: int) -> Run | None:
    """Return the rebuild that was ended early, ``None`` where none was or its second core is lost."""
    row = search_rebuild.latest()
    model.Session.rollback()
    if not row or row["state"] != search_rebuild.RUNNING:
        return None
    cores = Cores.of_portal()
    if row["folder"]:
        try:
            if cores.status(cores.second) is None and not swapped(cores, row["folder"]):
                return None
        except NoSecondCore:
            return None
    return Run(
        row["id"],
        cores,
        row["folder"],
        row["since"],
        row["cursor"],
        row["done"],
        row["total"],
        row["refused"],
        batch,
        row["why"],
    )


@dataclass
class Run:
    """A rebuild under way."""

    id: int
    cores: Cores
    folder: str | None
    since: datetime | None
    cursor: str | None
    done: int
    total: int
    refused: dict[str, str]
    batch: int
    why: str | None
    removed: int = 0
    showing: Showing = field(default_factory=Showing)

    @property
    def way(self) -> str:
        """The way it goes."""
        return search_rebuild.SECOND_CORE if self.folder else search_rebuild.IN_PLACE

    def carried_out(self, report: Report) -> Finished:
        """Do what is left of it."""
        live = posting.connection()
        if self.folder and swapped(self.cores, self.folder):
            self._after_swap(live)  # an earlier process swapped and did not live to clear up
        elif self.folder:
            second = posting.connection(self.cores.second)
            self._fill(second, report)
            posting.commit(second)
            self._swap(live, second)
            self._after_swap(live)
        else:
            self._fill(live, report)
            self._clear(live)
            posting.commit(live)
        generation.advance(model.Session, "public")  # pages made from the former index are no longer right
        search_rebuild.note(
            self.id, state=search_rebuild.DONE, finished_at=sa.func.now(), refused=self.refused, done=self.done
        )
        model.Session.commit()
        return Finished(self.way, self.done, self.removed, self.refused)

    def _fill(self, target: Any, report: Report) -> None:
        """Bring every dataset into the target, in the order of their ids; note each batch that has arrived."""
        replacing = Replacing(target, self.showing, self.refused)
        for number, ids in enumerate(replacing.all(self._ids(), self.batch), 1):
            self.cursor, self.done = ids[-1], self.done + len(ids)
            if not self.folder and number % COMMIT_EVERY == 0:
                posting.commit(target)
            search_rebuild.note(self.id, cursor=self.cursor, done=self.done, refused=self.refused)
            model.Session.commit()
            report(Progress(self.way, self.why, self.done, max(self.total, self.done), len(self.refused)))

    def _ids(self) -> Iterator[str]:
        """Yield the ids of all datasets behind the cursor; asked a stretch at a time, so new ones are met too."""
        last = self.cursor
        while ids := indexed.wanted(after=last, limit=10 * self.batch):
            yield from ids
            last = ids[-1]

    def _swap(self, live: Any, second: Any) -> None:
        """Bring the second core up to date and let it take the live one's place."""
        assert self.folder and self.since
        before = self.cores.now()
        self._catch_up(live, second, self.since)
        self._clear(second)
        posting.commit(second)
        search_rebuild.note(self.id, since=before, refused=self.refused)
        model.Session.commit()
        self.since = before
        self.cores.swap()
        require_swapped(self.cores, self.folder)
        generation.advance(model.Session, SWAPS)
        model.Session.commit()

    def _after_swap(self, live: Any) -> None:
        """Bring what still reached the former core into the live one, then remove the former."""
        assert self.since
        if self.cores.status(self.cores.second) is None:
            return
        former, quiet = posting.connection(self.cores.second), 0
        # a request on its way to the former core while it was swapped may arrive there later still
        self._replaced(live, indexed.written_since(self.since - RECENT))
        for _round in range(ROUNDS):
            before = self.cores.now()
            caught = self._catch_up(former, live, self.since)
            caught += self._clear(live)
            posting.commit(live)
            quiet = quiet + 1 if not caught else 0
            if quiet == 2:
                break
            self.since = before
        self.cores.drop()

    def _catch_up(self, source: Any, target: Any, since: datetime) -> int:
        """Replace in the target what was written to the source since then; returns how many that was."""
        posting.commit(source)
        changed = indexed.since(source, since)
        self._replaced(target, changed)
        return len(changed)

    def _replaced(self, target: Any, ids: Collection[str]) -> None:
        """Replace the documents of some datasets in the target."""
        for _arrived in Replacing(target, self.showing, self.refused).all(ids, self.batch):
            model.Session.rollback()

    def _clear(self, target: Any) -> int:
        """Remove documents whose dataset is gone and add datasets that have none; returns how many that was."""
        posting.commit(target)
        there = indexed.ids(target)  # first what is indexed, then what exists: what is gone from here is gone
        wanted = set(indexed.wanted())
        gone, missing = there - wanted, wanted - there - self.refused.keys()
        posting.remove(gone, target)
        self._replaced(target, missing)
        self.removed += len(gone)
        return len(gone) + len(missing)
