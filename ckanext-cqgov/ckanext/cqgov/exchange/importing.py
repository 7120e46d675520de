"""Importing a catalogue: entries in batches, each batch one transaction, its documents sent while the next is prepared."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice

import ckan.model as model
from sqlalchemy.exc import IntegrityError

from ckanext.cqgov.domain import exchange
from ckanext.cqgov.domain.exchange import Entry, Fault, Identity, Outcome
from ckanext.cqgov.domain.text import Text
from ckanext.cqgov.exchange.judging import Actor, Judge, Judged
from ckanext.cqgov.exchange.merging import Wishes
from ckanext.cqgov.exchange.runs import Run, StoredRun
from ckanext.cqgov.exchange.source import Source
from ckanext.cqgov.exchange.writing import Written, unchanged, write
from ckanext.cqgov.model import lock
from ckanext.cqgov.reclassification import attending
from ckanext.cqgov.reindexing import posting
from ckanext.cqgov.reindexing.documents import documents
from ckanext.cqgov.reindexing.showing import Showing

BATCH = 500
ATTEMPTS = 3  # at a batch, when another transaction takes a name or key that this one wanted
REPEATED = Fault(
    "",
    "",
    Text(
        "与本文件前面的行标识相同、内容不同，未导入",
        "the same record as an earlier row of this file, with other content; not imported",
    ),
    Text(
        "核实哪一行正确，删去另一行；不同资源应有不同代码",
        "keep the right row; different resources need different codes",
    ),
)

Progress = Callable[[int], None]  # called with the rows of each batch


class Import:
    """One run over one opened file."""

    def __init__(
        self, source: Source, run: Run, actor: Actor, wishes: Wishes, *, dry: bool, batch: int = BATCH
    ) -> None:
        self.source, self.run, self.actor, self.wishes = source, run, actor, wishes
        self.dry, self.batch = dry, batch
        self.judge = Judge(actor, wishes)
        self.showing = Showing(actor.name)
        self.judge.unknown = run.findings.unknown
        run.findings.unread = list(source.unread)

    def carry_out(self, progress: Progress = lambda rows: None) -> None:
        """Import everything that the run has not done yet. Leaves the run unfinished; the caller ends it.

        Raises ``Unreadable`` when the file turns out to be damaged, ``SearchIndexError`` when Solr is away; what was
        committed until then stays, and the same run goes on from there.
        """
        self._index_leftovers()
        entries = self._remaining(progress)
        with ThreadPoolExecutor(max_workers=1) as sender:
            sending: Future[dict[str, str]] | None = None
            on_the_way: list[str] = []
            updated: list[str] = []
            arrived: list[str] = []  # marked as indexed together with the next batch, never before Solr has answered
            try:
                while batch := list(islice(entries, self.batch)):
                    written = self._batch(batch, arrived)
                    updated += written.updated
                    progress(sum(entry.rows for entry in batch))
                    found = documents(written.shown)[0]
                    for package in written.loaded:
                        model.Session.expunge(package)
                    self._sent(sending)
                    arrived, on_the_way = on_the_way, list(written.shown)
                    sending = sender.submit(posting.post, found)
            except BaseException:
                sender.shutdown(cancel_futures=True)
                raise
            self._sent(sending)
        if not self.dry:
            posting.commit()
            self.run.indexed(arrived + on_the_way)
            model.Session.commit()
            attending.carry_out(updated)  # last: it indexes what it moves

    def _sent(self, sending: Future[dict[str, str]] | None) -> None:
        """Wait until the documents on their way have arrived; what Solr refuses goes into the report."""
        if sending is not None:
            self.run.findings.unindexed.extend(sending.result())

    def _index_leftovers(self) -> None:
        """Index what an earlier process wrote and did not live to index."""
        left = self.run.unindexed()
        for start in range(0, len(left), self.batch):
            ids = left[start : start + self.batch]
            packages = model.Session.query(model.Package).filter(model.Package.id.in_(ids)).all()
            refused = posting.post(documents(self.showing.all(packages))[0])
            self.run.findings.unindexed.extend(refused)
            self.run.indexed(ids)
            model.Session.commit()
            model.Session.expunge_all()

    def _remaining(self, progress: Progress) -> Iterator[Entry]:
        """Yield the entries that are not accounted for yet."""
        done, passed = self.run.account.rows_read, 0
        for entry in self.source.entries:
            if passed < done:
                passed += entry.rows
                if passed >= done:
                    progress(passed)
                continue
            yield entry

    def _batch(self, batch: list[Entry], sent: list[str]) -> Written:
        """Account for one batch and write what is new or changed; commits."""
        for attempt in range(1, ATTEMPTS + 1):
            account = exchange.Account.of(self.run.account.as_dict())
            unknown = dict(self.run.findings.unknown)
            try:
                return self._attempt(batch, sent)
            except IntegrityError:
                model.Session.rollback()
                self.run.account, self.run.lines = account, []
                self.run.findings.unknown.clear()
                self.run.findings.unknown.update(unknown)
                if attempt == ATTEMPTS:
                    raise
        raise AssertionError("unreachable")

    def _attempt(self, batch: list[Entry], sent: list[str]) -> Written:
        run = self.run
        if not self.dry:
            lock.hold(model.Session, lock.IMPORTERS)
            run.indexed(sent)
        met, accepted = self._judged(batch)
        written = Written() if self.dry else write(accepted, self.actor, self.showing)
        ids = dict(zip((id(each.entry) for each in accepted), written.ids, strict=not self.dry))
        run.meet({mark: (content, entry.row, ids.get(id(entry))) for mark, (entry, content) in met.items()})
        for each in accepted:
            run.account.book(Outcome.UPDATED if each.existing else Outcome.CREATED, each.entry.rows)
            run.account.published += each.admission.decision.move == "publish"
            run.account.kept_private += self.wishes.publish and each.admission.decision.private
        run.save()
        model.Session.commit()
        if isinstance(run, StoredRun):
            run.saved()
        return written

    def _judged(self, batch: list[Entry]) -> tuple[dict[bytes, tuple[Entry, bytes]], list[Judged]]:
        """Book every entry that is not to be written; return what was met for the first time, and what is to be written.

        A repeat waits for the judgement of its first: repeats of a rejected row are judged themselves.
        """
        run = self.run
        waiting = [(entry, *self._marks(entry)) for entry in batch]
        earlier = run.known({mark for _entry, _key, mark, _content in waiting})
        met: dict[bytes, tuple[Entry, bytes]] = {}
        accepted: list[Judged] = []
        self.judge.begin_batch()
        while waiting:
            first, later = {}, []
            for each in waiting:
                entry, key, mark, content = each
                known = earlier.get(mark) or (met[mark][1] if mark in met else None)
                if known is not None and not entry.faults:
                    self._repeated(entry, key, known == content)
                elif mark in first:
                    later.append(each)
                else:
                    first[mark] = each
            for mark, judged in zip(
                first, self.judge.judge([(entry, key) for entry, key, _mark, _content in first.values()]), strict=True
            ):
                entry, _key, _mark, content = first[mark]
                run.report("note", entry, entry.notes)
                if isinstance(judged, Entry):
                    run.account.book(Outcome.REJECTED, entry.rows)
                    run.report("rejected", entry, entry.faults)
                    continue
                met[mark] = (entry, content)
                if unchanged(judged):
                    run.account.book(Outcome.UNCHANGED, entry.rows)
                else:
                    accepted.append(judged)
            waiting = later
        return met, accepted

    def _marks(self, entry: Entry) -> tuple[Identity, bytes, bytes]:
        """Return an entry's identity, and 16 bytes each of its identity and content."""
        key = self.judge.identity(entry)
        content = exchange.fingerprint({**entry.values, "provider": entry.provider})
        return key, hashlib.sha256(key.text.encode()).digest()[:16], bytes.fromhex(content)[:16]

    def _repeated(self, entry: Entry, key: Identity, exact: bool) -> None:
        """Book a repeat of an earlier row of the file."""
        if exact:
            self.run.account.book(Outcome.DUPLICATE, entry.rows)
            return
        self.run.account.book(Outcome.DIFFERING, entry.rows)
        column = entry.columns.get("catalog_code" if key.kind == "code" else "title", "")
        value = key.key if key.kind == "code" else entry.values.get("title") or key.key
        self.run.report("differing", entry, [Fault(column, value, REPEATED.wrong, REPEATED.fix)])
