"""What somebody asks of the ledger, as far as they may read it: for the list, the page and the export alike."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.cqgov import ledger as recording
from ckanext.cqgov.domain import ledger as domain
from ckanext.cqgov.domain import ledger_scope
from ckanext.cqgov.domain.text import Text
from ckanext.cqgov.ledger import export
from ckanext.cqgov.logic import asking
from ckanext.cqgov.logic.input import Input
from ckanext.cqgov.model import ledger

NAMES = ("actor", "verb", "subject_type", "subject_id", "outcome", "request_id")
NO_OUTCOME = Text("没有这种结果，可填：{known}", "no such outcome; one of: {known}")
NO_FORMAT = Text("没有这种格式，可填：{known}", "no such format; one of: {known}")
NO_ORGANIZATION = Text("没有这个机构", "there is no such organisation")


def scope(context: Any) -> frozenset[str] | None:
    """Return whose entries the asker may read, None for all (``domain.ledger_scope``); our own code reads all."""
    return None if context.get("ignore_auth") else ledger_scope.scope(asking.person(context), asking.directory())


def require(context: Any, action: str, data: Any) -> None:
    """Let pass who may read the ledger. Raises ``NotAuthorized``, and records that somebody tried (Art. 27-29, 33)."""
    try:
        tk.check_access(action, context, data)
    except tk.NotAuthorized:
        verb = "ledger.export" if action == "cqgov_ledger_export" else "ledger.read"
        recording.refused(context, verb, "ledger", "", {"action": action})
        raise


def wanted(context: Any, given: Input) -> ledger.Wanted:
    """Return the entries that the client asks for, as far as they may be read; notes in ``given`` what is wrong.

    Names of users and organisations count like their ids; somebody whose account is gone is found by the id.
    """
    filters = {name: given.text(name) for name in NAMES}
    place, since, until = given.text("organization_id"), given.moment("since"), given.moment("until")
    if filters["outcome"] and filters["outcome"] not in domain.OUTCOMES:
        given.wrong("outcome", NO_OUTCOME.filled(known="、".join(domain.OUTCOMES)))
    if filters["actor"] and (user := model.User.get(filters["actor"])):
        filters["actor"] = user.id
    found = ledger.Wanted(**filters, since=since, until=until, organizations=scope(context))
    if not place:
        return found
    group = model.Group.get(place)
    if group is None:
        given.wrong("organization_id", NO_ORGANIZATION)
        return found
    mine = found.organizations is None or group.id in found.organizations
    return replace(found, organizations=frozenset({group.id} if mine else ()))


def exported(context: Any, data: dict[str, Any], form: str) -> ledger.Wanted:
    """Record that the ledger is exported, with the filters of ``data``, and return what the file is to hold; commits.

    Raises ``NotAuthorized``, and ``ValidationError`` for a filter that is wrong.
    """
    require(context, "cqgov_ledger_export", data)
    given = Input(data)
    found = wanted(context, given)
    if form not in export.FORMATS:
        given.wrong("format", NO_FORMAT.filled(known="、".join(export.FORMATS)))
    given.done()
    asked = {name: value for name, value in vars(found).items() if value is not None and name != "organizations"}
    detail = {**asked, "format": form, "part": found.organizations is not None}
    ledger.record(model.Session, asking.actor(context), "ledger.export", "ledger", "", detail)
    model.repo.commit()
    return found
