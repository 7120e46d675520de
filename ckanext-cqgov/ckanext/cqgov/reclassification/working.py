"""Carrying reclassifications out: one worker per dataset at a time, each step noted when it is done, whatever fails tried again.

A worker holds a row by a lease that it prolongs while it is at work; one that dies is silent, and after the lease another goes
on behind the last step that is noted. No step opens anything by itself: ``vault.publish`` looks at the locked dataset.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from uuid import uuid4

import ckan.model as model

from ckanext.cqgov.catalogue import granted_tables
from ckanext.cqgov.domain import reclassification as domain
from ckanext.cqgov.domain.ledger import DONE, FAILED
from ckanext.cqgov.domain.reclassification import LEASE, PLANS, Course
from ckanext.cqgov.model import ledger
from ckanext.cqgov.model import reclassification as rows
from ckanext.cqgov.model.reclassification import Job
from ckanext.cqgov.reclassification import (
    activities,
    documents,
    files,
    pages,
    proof,
    queue,
    subject,
    tables,
    traces,
    views,
)
from ckanext.cqgov.reclassification.subject import Subject

log = logging.getLogger(__name__)

CARRIED_OUT: Mapping[str, Callable[[Subject], int]] = {
    "tables": tables.remove,
    "views": views.remove,
    "traces": traces.remove,
    "activities": activities.remove,
    "files": files.remove,
    "queue": queue.remove,
    "index": documents.update,
    "pages": pages.forget,
}
PUBLISHED: Mapping[str, Callable[[Subject], int]] = {
    "files": files.publish,
    "tables": tables.load,
    "views": views.make,
    "index": documents.update,
    "pages": pages.forget,
}
STEPS: Mapping[Course, Mapping[str, Callable[[Subject], int]]] = {
    Course.WITHDRAW: CARRIED_OUT,
    Course.PURGE: CARRIED_OUT,
    Course.PUBLISH: PUBLISHED,
}
"""What each step of ``domain.reclassification.PLANS`` does; the proof is the worker's own."""


class Lost(Exception):
    """The row is no longer this worker's: its lease ran out, or the dataset has been reclassified anew."""


class Leftovers(Exception):
    """The proof found copies that should be gone."""


def one(dataset_id: str | None = None, *, at_once: bool = False) -> bool | None:
    """Carry out one reclassification that is due (of the dataset); returns whether it is finished, None when there was none. Commits.

    ``at_once`` does not wait until one that failed is due again. Nothing is raised for what fails: it is logged, noted at the
    row, and tried again.
    """
    job = rows.claim(f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}", dataset_id, at_once=at_once)
    if job is None:
        return None
    with _alive(job):
        return _carried_out(job)


def due() -> int:
    """Carry out whatever is due, one after the other; returns how many were finished. For the upkeep and background jobs."""
    count, again = 0, one()
    while again is not None:
        count += again
        again = one()
    return count


@contextmanager
def _alive(job: Job) -> Iterator[None]:
    """Prolong the lease over a connection of its own while the work goes on; not being able to is no fault of the work."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(LEASE.total_seconds() / 3):
            try:
                with model.meta.engine.begin() as connection:
                    rows.prolong(connection, job)
            except Exception:
                log.exception("The lease of reclassification %s could not be prolonged", job.id)

    thread = threading.Thread(target=beat, name=f"cqgov-lease-{job.id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _carried_out(job: Job) -> bool:
    """Do what is not done yet; returns whether the row is finished."""
    faults: dict[str, str] = {}
    try:
        what = subject.course(job.dataset_id)
        plan = PLANS[what]
        done = dict(job.done) if what == job.course else {}
        if what != job.course:
            _noted(job, course=what, done={})
        about = subject.of(job)
        model.Session.rollback()
        for step in plan.steps:
            code = step.code
            if (
                code in done
                or (faults and (plan.halting or code == domain.PROOF.code))
                or faults.keys() & set(step.needs)
            ):
                continue
            if code == domain.PROOF.code:
                _prove(job, what, subject.of(job))
                continue
            if fault := _step(job, what, code, about):
                faults[code] = fault
        if not faults:
            _finish(job, what)
            return True
    except Lost:
        model.Session.rollback()
        log.info("Reclassification %s of dataset %s goes on elsewhere", job.id, job.dataset_id)
        rows.let_go(job)
        return False
    except Leftovers as error:
        model.Session.rollback()
        log.error("Dataset %s: %s", job.dataset_id, error)
        rows.failed(job, {"proof": str(error)}, domain.pause(job.attempts), done={})
        return False
    except Exception as error:  # a database or store that is away must not end the upkeep
        model.Session.rollback()
        log.exception("Reclassification %s of dataset %s failed; it is tried again", job.id, job.dataset_id)
        faults[domain.PROOF.code] = type(error).__name__
    rows.failed(job, faults, domain.pause(job.attempts))
    return False


def _step(job: Job, what: Course, code: str, about: Subject) -> str | None:
    """Do one step and note it; returns what went wrong by its kind alone (messages may quote addresses), None when all went well."""
    _noted(job)
    if subject.course(job.dataset_id) != what:
        raise Lost()
    model.Session.rollback()
    try:
        count = int(STEPS[what][code](about))
        _noted(job, done={code: count})
        return None
    except Lost:
        raise
    except Exception as error:
        model.Session.rollback()
        log.exception("Step %s of the reclassification of dataset %s failed; it is tried again", code, job.dataset_id)
        return type(error).__name__


def _noted(job: Job, **values: object) -> None:
    """Write to the row and commit, together with what the step has written; without ``values`` only look whether it is ours."""
    if not rows.write(job, **(values or {"worker": job.worker})):
        raise Lost()
    model.repo.commit()


def _prove(job: Job, what: Course, about: Subject) -> None:
    """Look in every place, and say at the row and in the ledger what is left; raises ``Leftovers`` when anything is."""
    left = proof.prove(about)
    found = {place: count for place, count in left.items() if count}
    if not rows.write(job, proof=left):
        raise Lost()
    _told(job, "reclassification.prove", {"course": what, "left": left}, FAILED if found else DONE)
    model.repo.commit()
    if found:
        raise Leftovers(", ".join(f"{place}: {count}" for place, count in sorted(found.items())))


def _finish(job: Job, what: Course) -> None:
    """Finish the row and say so in the ledger, in one transaction."""
    if not rows.finished(job):
        raise Lost()
    _told(job, "reclassification.finish", {"course": what}, DONE)
    model.repo.commit()
    granted_tables.follow(job.dataset_id)  # what lies in the vault now may be granted


def _told(job: Job, verb: str, detail: Mapping[str, object], outcome: str) -> None:
    told = {**detail, "asked_by": job.asked_by, "reclassification": job.id, "round": job.round, "attempt": job.attempts}
    ledger.record(model.Session, "system", verb, "dataset", job.dataset_id, told, outcome)
