"""Seeing to it that reclassifications which were asked for are carried out: at once where that is quick, else in the background.

Nothing here is needed for safety or for certainty: what is asked for is in the database, and the upkeep carries out whatever
nobody has attended to.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
from redis.exceptions import RedisError

from ckanext.cqgov.catalogue import public_file, vault
from ckanext.cqgov.catalogue.vault_intake import UNSETTLED
from ckanext.cqgov.model import reclassification as rows
from ckanext.cqgov.model import vault as holdings
from ckanext.cqgov.reclassification import asking, subject, working
from ckanext.cqgov.reclassification.asking import ASKED

log = logging.getLogger(__name__)

QUICK = "ckanext.cqgov.reclassification.at_once_megabytes"
MEGABYTE = 1 << 20
MANY = 1_000


def attended(context: Any, result: Any) -> Any:
    """Attend to the dataset that an action of CKAN has just stored and committed, where the door asked for it; returns the result anew.

    ``result`` is what the action returns: the dataset, or its id.
    """
    asked = context.pop(ASKED, False) | context.pop(UNSETTLED, False)
    if context.get("defer_commit") or not asked:
        return result
    package_id = result["id"] if isinstance(result, dict) else result
    attend([package_id])
    if not isinstance(result, dict):
        return result
    fresh = {**tk.fresh_context(context), "ignore_auth": True, "use_cache": False}
    return tk.get_action("package_show")(fresh, {"id": package_id})


def attend(dataset_ids: Iterable[str]) -> None:
    """Carry out what has to follow for these datasets, or have a background job do it. Never raises: what is stored is stored."""
    try:
        ids = list(dict.fromkeys(dataset_ids))
        _ask_for_the_unsettled(ids)
        for job in rows.unfinished(ids):
            if _is_quick(job):
                working.one(job.dataset_id)
        _leave_the_rest(ids)
    except Exception:  # whoever changed the dataset must not hear that what follows it failed
        model.Session.rollback()
        log.exception("A reclassification is left to the upkeep")


def carry_out(dataset_ids: Iterable[str]) -> int:
    """Carry out what has to follow for many datasets while somebody waits, an import; returns how many were finished. Commits."""
    ids, count = list(dataset_ids), 0
    for start in range(0, len(ids), MANY):
        waiting = rows.unfinished(ids[start : start + MANY])
        model.Session.rollback()
        count += sum(bool(working.one(job.dataset_id)) for job in waiting)
    return count


def _ask_for_the_unsettled(ids: list[str]) -> None:
    """Ask for datasets with something to be moved for which nobody has asked: a file that came while the entry was being opened."""
    known = {job.dataset_id for job in rows.unfinished(ids)}
    found = set(holdings.unsettled(ids)) - known
    asking.again(found, "system")
    model.repo.commit()


def _is_quick(job: rows.Job) -> bool:
    """Say whether the files are small enough to be moved while somebody waits."""
    held = holdings.of_packages([job.dataset_id]).values()
    sizes = [each.size or 0 for each in held if not each.public]
    about = subject.of(job)
    sizes += [public_file.size(id_) for id_ in about.resources if public_file.exists(id_)]
    model.Session.rollback()
    return sum(sizes) <= tk.config[QUICK] * MEGABYTE


def _leave_the_rest(ids: list[str]) -> None:
    """Have a background job carry out what is not finished; without Redis the upkeep does."""
    waiting = rows.unfinished(ids)
    model.Session.rollback()
    if not waiting:
        return
    try:
        if len(waiting) == 1:
            tk.enqueue_job(working.one, [waiting[0].dataset_id], title="cqgov: carry out a reclassification")
        else:
            tk.enqueue_job(working.due, title="cqgov: carry out reclassifications")
    except RedisError:
        log.exception("Reclassifications are left to the upkeep: the job queue is away")


def overlooked() -> int:
    """Ask for every dataset whose addresses or files are not where they belong and for which nobody has asked; returns how many. Commits.

    So that what a program wrote past CKAN's actions, or what is older than the vault, is found as well.
    """
    found = {*holdings.unsettled(), *vault.unvaulted()} - {job.dataset_id for job in rows.unfinished()}
    asking.again(found, "system")
    model.repo.commit()
    return len(found)


def carry_on() -> int:
    """Find what was overlooked and carry out whatever is due; returns how many were finished. For the upkeep."""
    overlooked()
    return working.due()
