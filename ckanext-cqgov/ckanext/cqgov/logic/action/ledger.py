"""Reading the ledger; there is no action that writes to it."""

from __future__ import annotations

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.cqgov.clock import LEGAL_ZONE
from ckanext.cqgov.logic.input import Input
from ckanext.cqgov.model import ledger

__all__ = ["cqgov_ledger_list"]


@tk.side_effect_free
def cqgov_ledger_list(context: Any, data_dict: Any) -> dict[str, Any]:
    """Return entries of the ledger, newest first.

    Filters: ``actor`` (user id or name), ``verb``, ``subject_type``, ``subject_id``, ``since`` and ``until`` (ISO;
    ``until`` is excluded), ``limit`` (1-1000, 100 by default), ``before`` (the last id of the page seen).

    :returns: ``{"results": [{id, at, actor, actor_name, verb, subject_type, subject_id, detail, position, hash}]}``;
        ``position`` and ``hash`` are null until the sealer has run.
    """
    tk.check_access("cqgov_ledger_list", context, data_dict)
    given = Input(data_dict)
    filters = {key: given.text(key) for key in ("actor", "verb", "subject_type", "subject_id")}
    since, until = given.moment("since"), given.moment("until")
    before, limit = given.number("before", 1, 2**63 - 1), given.number("limit", 1, 1000, 100)
    given.done()
    if filters["actor"] and (user := model.User.get(filters["actor"])):
        filters["actor"] = user.id
    rows = ledger.listing(model.Session, **filters, since=since, until=until, before=before, limit=limit or 100)
    actors = {row["actor"] for row in rows}
    names = dict(
        model.Session.execute(sa.select(model.User.id, model.User.name).where(model.User.id.in_(actors))).tuples().all()
    )
    results = [
        {**row, "at": row["at"].astimezone(LEGAL_ZONE).isoformat(), "actor_name": names.get(row["actor"])}
        for row in rows
    ]
    return {"results": results}
