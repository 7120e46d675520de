"""What is recorded in a transaction of its own: refusals, which a rollback must not lose, and reads of data that is not open.

An act that succeeds is recorded by ``model.ledger.record`` in the transaction of the act.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import ckan.model as model
import sqlalchemy as sa

from ckanext.cqgov.domain import ledger as domain
from ckanext.cqgov.logic import asking
from ckanext.cqgov.model import ledger

log = logging.getLogger(__name__)

ANONYMOUS = "anonymous"
LONGEST = 200
"""Characters of what a client sent as a subject's id that are kept."""
AT_MOST = 30
"""Different refusals of one person (all visitors together count as one) recorded within a minute."""
MANY = "refusal.more"


def refused(
    context: Any, verb: str, subject_type: str, subject_id: str, detail: Mapping[str, Any] | None = None
) -> int | None:
    """Record that whoever asks in ``context`` was refused ``verb`` on a subject (Art. 27-29, 33).

    It is committed at once, whatever becomes of the caller's transaction. The same refusal is recorded once a minute; of
    more than ``AT_MOST`` different ones in a minute only that there were more (verb ``refusal.more``). A ledger that can't
    be written never changes the refusal: the failure is logged. Returns the entry's id, None when none was written.
    """
    try:
        act = ledger.Act(actor(context), verb, subject_type, subject_id[:LONGEST], detail or {}, domain.REFUSED)
        with model.meta.engine.begin() as connection:
            if _recently(connection, act.actor) >= AT_MOST:
                act = ledger.Act(act.actor, MANY, "person", act.actor, {"at_most": AT_MOST}, domain.REFUSED)
            return ledger.record_once(connection, act)
    except Exception:
        log.exception("a refusal could not be recorded: %s %s %s", verb, subject_type, subject_id[:LONGEST])
        return None


def read(context: Any, package_id: str, resource_id: str | None = None, detail: Mapping[str, Any] | None = None) -> int:
    """Record that whoever asks reads data that is not open to everybody; call it before the first byte is sent.

    Committed at once. Raises what the database raises: data whose reading can't be recorded is not given out. What is
    open to everybody is never recorded. Returns the entry's id.
    """
    told = {**(detail or {}), **({"resource_id": resource_id} if resource_id else {})}
    with model.meta.engine.begin() as connection:
        return ledger.record(connection, actor(context), "data.read", "dataset", package_id, told)


def actor(context: Any) -> str:
    """Return who the ledger names: a user id, ``system`` for our own code, ``anonymous`` for a visitor."""
    found = asking.user(context)
    if found is not None:
        return found.id
    return "system" if context.get("ignore_auth") else ANONYMOUS


def _recently(connection: Any, who: str) -> int:
    entries, since = ledger.entries, datetime.now(UTC) - timedelta(minutes=1)
    recent = sa.select(entries.c.id).where(
        entries.c.actor == who, entries.c.outcome == domain.REFUSED, entries.c.at >= since
    )
    return connection.execute(sa.select(sa.func.count()).select_from(recent.limit(AT_MOST).subquery())).scalar_one()
