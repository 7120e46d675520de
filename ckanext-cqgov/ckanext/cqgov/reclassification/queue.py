"""Background jobs that were given an entry's resource or address and wait, or failed and are kept with what they were given."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ckan.lib import jobs
from rq.job import Job
from rq.registry import DeferredJobRegistry, FailedJobRegistry, FinishedJobRegistry, ScheduledJobRegistry

from ckanext.cqgov.reclassification.subject import Subject

REGISTRIES = (FailedJobRegistry, FinishedJobRegistry, ScheduledJobRegistry, DeferredJobRegistry)
BATCH = 500


def _found(subject: Subject) -> Iterator[Job]:
    """Yield the jobs that say anything of the dataset's resources; raises ``redis.exceptions.RedisError``."""
    words = {*subject.resources, *subject.secrets}
    if not words:
        return
    for queue in jobs.get_all_queues():
        ids = dict.fromkeys(queue.job_ids)
        for registry in REGISTRIES:
            ids |= dict.fromkeys(registry(queue=queue).get_job_ids(cleanup=False))
        names = list(ids)
        for start in range(0, len(names), BATCH):
            for job in Job.fetch_many(names[start : start + BATCH], connection=queue.connection):
                if job is not None and any(word in _said(job) for word in words):
                    yield job


def _said(job: Any) -> str:
    """Return all that a job was given and left behind; of one that can't be read, its description."""
    try:
        given = repr((job.args, job.kwargs))
    except Exception:  # a job of a program that is no longer installed
        given = ""
    return f"{given} {job.description} {job.meta} {job._exc_info or ''}"


def remove(subject: Subject) -> int:
    """Take them back; returns how many. Raises ``redis.exceptions.RedisError``."""
    found = list(_found(subject))
    for job in found:
        job.delete()
    return len(found)


def left(subject: Subject) -> int:
    """Return how many there still are; raises ``redis.exceptions.RedisError``."""
    return sum(1 for _ in _found(subject))
