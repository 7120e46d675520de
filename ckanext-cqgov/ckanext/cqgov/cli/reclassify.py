"""``ckan cqgov reclassify``: how far reclassifications are, taking them up again, proving that nothing is left."""

from __future__ import annotations

from datetime import UTC, datetime

import ckan.model as model
import click

from ckanext.cqgov.domain import reclassification as domain
from ckanext.cqgov.domain.ledger import DONE, FAILED
from ckanext.cqgov.domain.reclassification import Course
from ckanext.cqgov.model import ledger
from ckanext.cqgov.model import reclassification as rows
from ckanext.cqgov.model.reclassification import Job
from ckanext.cqgov.reclassification import attending, proof, subject, working


@click.group("reclassify")
def group() -> None:
    """条目类型变更 / reclassifications of entries."""


@group.command("status")
@click.argument("dataset", required=False)
def status(dataset: str | None) -> None:
    """未完成的变更，或某条目最近一次变更 / what is unfinished, or the latest of one entry (its id or name)."""
    if dataset is None:
        jobs = rows.unfinished()
        click.echo(f"未完成 unfinished {len(jobs)}")
        for job in jobs:
            _say(job)
        return
    job = rows.latest(_id(dataset))
    if job is None:
        raise click.ClickException(f"没有变更记录 / never reclassified: {dataset}")
    _say(job)
    for step in domain.PLANS[job.course].steps:
        if step.code in job.done:
            click.echo(f"  {step.text}: {job.done[step.code]}")
    if job.proof is not None:
        _say_left(job.proof)


@group.command("resume")
@click.argument("dataset", required=False)
def resume(dataset: str | None) -> None:
    """立即继续未完成的变更（或仅某条目），记入台账 / carry on with what is unfinished, or with one entry, at once; kept in the ledger."""
    id_ = None if dataset is None else _id(dataset)
    attending.overlooked()
    waiting = rows.unfinished(None if id_ is None else [id_])
    rows.hasten(id_)
    acts = [ledger.Act("system", "reclassification.resume", "dataset", job.dataset_id, {}) for job in waiting]
    ledger.record_many(model.Session, acts)
    model.repo.commit()
    finished = sum(working.one(job.dataset_id, at_once=True) is True for job in waiting)
    click.echo(f"已完成 finished {finished} / {len(waiting)}")
    if finished < len(waiting):
        raise click.ClickException("未全部完成，见 status 和日志 / not all was finished, see status and the log")


@group.command("prove")
@click.argument("dataset")
def prove(dataset: str) -> None:
    """逐处核验某条目无公开残留，结果记入台账 / look in every place for copies of an entry that is not open; kept in the ledger."""
    id_ = _id(dataset)
    if subject.course(id_) is Course.PUBLISH:
        raise click.ClickException(f"该条目无条件开放 / this entry is open: {dataset}")
    now = datetime.now(UTC)
    known = rows.latest(id_) or Job(0, id_, Course.WITHDRAW, "", now, 1, 0, now, False)
    left = proof.prove(subject.of(known))
    outcome = FAILED if any(left.values()) else DONE
    ledger.record(model.Session, "system", "reclassification.prove", "dataset", id_, {"left": left}, outcome)
    model.repo.commit()
    _say_left(left)
    if outcome == FAILED:
        raise click.ClickException("仍有残留：执行 ckan cqgov reclassify resume / copies are left: run resume")


def _id(reference: str) -> str:
    """Return the id of an entry, also of one that is gone for good and is named by its id."""
    package = model.Package.get(reference)
    return package.id if package is not None else reference


def _say(job: Job) -> None:
    then = domain.NEXT[job.state]
    click.echo(f"{job.dataset_id} {domain.PLANS[job.course].text}: {domain.STATES[job.state]}, {job.attempts}")
    if job.fault:
        click.echo(f"  故障 fault: {', '.join(f'{code}: {kind}' for code, kind in job.fault.items())}")
    if then:
        click.echo(f"  {then}")


def _say_left(left: object) -> None:
    for place, text in domain.PLACES.items():
        if isinstance(left, dict) and place in left:
            click.echo(f"  {text}: {left[place]}")
