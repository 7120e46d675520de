"""What has to happen without anybody asking: sealing the ledger, and memberships following the days of the duties."""

from __future__ import annotations

import logging

import ckan.model as model

from ckanext.cqgov.clock import today
from ckanext.cqgov.model import ledger, membership

__all__ = ["follow_duties", "once", "seal_ledger"]

log = logging.getLogger(__name__)


def seal_ledger() -> int:
    """Link the ledger's new entries and commit; returns how many."""
    sealed = ledger.seal(model.Session)
    model.repo.commit()
    return sealed


def follow_duties() -> int:
    """Make every membership what today's duties ask, one transaction and one ledger row each; returns how many."""
    day = today()
    pairs = membership.due(day)
    for user_id, organization_id in pairs:
        membership.lock(user_id)
        before, after = membership.follow(user_id, organization_id, day)
        detail = {"user_id": user_id, "on": day, "membership": [before, after]}
        ledger.record(model.Session, "system", "membership.follow", "organization", organization_id, detail)
        model.repo.commit()
    return len(pairs)


def once() -> bool:
    """Do all of it; returns whether all went well. A failure is logged and tried again the next time."""
    well = True
    for task in (follow_duties, seal_ledger):
        try:
            if done := task():
                log.info("%s: %s", task.__name__, done)
        except Exception:  # a database that restarts must not end the upkeep
            log.exception("%s failed; it is tried again", task.__name__)
            model.Session.rollback()
            well = False
        finally:
            model.Session.remove()
    return well
