"""Actions that tell how far a reclassification is, and that take one up again."""

from __future__ import annotations

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.cqgov.catalogue import access
from ckanext.cqgov.domain import reclassification as domain
from ckanext.cqgov.domain.text import Text
from ckanext.cqgov.language import pick
from ckanext.cqgov.logic import asking, named
from ckanext.cqgov.logic.input import Input
from ckanext.cqgov.model import ledger, visibility
from ckanext.cqgov.model import reclassification as rows
from ckanext.cqgov.reclassification import attending

__all__ = ["cqgov_reclassification_list", "cqgov_reclassification_resume", "cqgov_reclassification_show"]

MOST, DEFAULT = 100, 50


@tk.side_effect_free
def cqgov_reclassification_show(context, data_dict):
    """Say how far the latest reclassification of an entry is: what is done, what was proven, and who acts next.

    :param id: the id or name of the entry

    :returns: ``{"dataset_id", "name", "title", "course", "course_title", "state", "state_title", "next", "due_at",
    "asked_at", "finished_at", "attempts", "steps": [{code, title, done, count}], "faults": [title], "proof": [{place, title, count}]}``;
    ``state`` is ``waiting``, ``running``, ``stuck`` or ``done``, and null (with nothing else) when the entry was never reclassified;
    ``due_at`` is when the portal tries next, null when it need not
    :raises NotAuthorized: for whom is neither of the provider nor oversees or inspects it
    :raises NotFound: when there is no such entry for the caller
    """
    package = _package(context, data_dict, "cqgov_reclassification_show")
    job = rows.latest(package.id)
    if job is None:
        return {"dataset_id": package.id, "name": package.name, "title": package.title, "state": None}
    return told(job, package.name, package.title)


@tk.side_effect_free
def cqgov_reclassification_list(context, data_dict):
    """Return the reclassifications of the entries that the caller provides, oversees or inspects: unfinished first, then the newest.

    :param limit: how many at most (optional, 1 to 100, default 50)

    :returns: a list of what ``cqgov_reclassification_show`` returns
    :raises NotAuthorized: for whom provides, oversees and inspects nothing
    :raises ValidationError: when ``limit`` is no such number
    """
    tk.check_access("cqgov_reclassification_list", context, data_dict)
    given = Input(data_dict)
    limit = given.number("limit", 1, MOST, DEFAULT)
    given.done()
    mine = visibility.concerning(access.viewer(context))
    return [told(job, name, title) for job, name, title in rows.listing(mine, limit=limit or DEFAULT)]


def cqgov_reclassification_resume(context, data_dict):
    """Take an entry's unfinished reclassification up again at once, and count its tries anew. It stays withheld whatever happens.

    :param id: the id or name of the entry

    :returns: what ``cqgov_reclassification_show`` returns
    :raises NotAuthorized: for whom is not the head of the provider
    :raises NotFound: when there is no such entry for the caller
    :raises ValidationError: when nothing is unfinished
    """
    package = _package(context, data_dict, "cqgov_reclassification_resume")
    id_ = package.id
    if not rows.hasten(id_):
        model.Session.rollback()
        raise tk.ValidationError({"id": [tk._("No reclassification of this entry is unfinished")]})
    detail = {"name": package.name, "owner_org": package.owner_org}
    ledger.record(model.Session, asking.actor(context), "reclassification.resume", "dataset", id_, detail)
    model.repo.commit()
    attending.attend([id_])
    return cqgov_reclassification_show(tk.fresh_context(context), {"id": id_})


def _package(context: Any, data_dict: Any, action: str) -> Any:
    package = named.required_package(tk.get_or_bust(data_dict, "id"))
    tk.check_access(action, context, {"id": package.id})
    return package


def told(job: rows.Job, name: str, title: str | None) -> dict[str, Any]:
    """Return a reclassification as the actions tell it: counts and titles, never contents."""
    plan, then = domain.PLANS[job.course], domain.NEXT[job.state]
    steps = [
        {
            "code": step.code,
            "title": pick(step.text),
            "done": _is_done(job, step.code),
            "count": job.done.get(step.code),
        }
        for step in plan.steps
    ]
    known = {step.code: step.text for step in plan.steps}
    return {
        "dataset_id": job.dataset_id,
        "name": name,
        "title": title,
        "course": job.course.value,
        "course_title": pick(plan.text),
        "state": job.state.value,
        "state_title": pick(domain.STATES[job.state]),
        "next": pick(then) if then else None,
        "due_at": job.due_at.isoformat() if job.state in domain.TRIED_AGAIN else None,
        "asked_at": job.asked_at.isoformat(),
        "finished_at": job.finished_at.isoformat() if job.finished_at else None,
        "attempts": job.attempts,
        "steps": steps,
        "faults": [pick(known.get(code, Text(code, code))) for code in job.fault or ()],
        "proof": [
            {"place": place, "title": pick(text), "count": job.proof[place]}
            for place, text in domain.PLACES.items()
            if job.proof and place in job.proof
        ],
    }


def _is_done(job: rows.Job, code: str) -> bool:
    return job.finished_at is not None or code in job.done
