"""What has to happen without anybody asking.

The ledger is sealed, signed and verified; memberships follow the days of the duties; granted tables, reclassifications and the
vault's leftovers are brought to where they belong. Each may be repeated, and several processes may do it side by side.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.cqgov import circumstances, keyring
from ckanext.cqgov.catalogue import granted_tables, vault_storage
from ckanext.cqgov.clock import today
from ckanext.cqgov.domain.ledger import DONE, FAILED
from ckanext.cqgov.ledger import checkpoints, verification
from ckanext.cqgov.model import ledger, membership
from ckanext.cqgov.reclassification import attending

__all__ = [
    "finish_reclassifications",
    "follow_duties",
    "load_granted_tables",
    "once",
    "seal_ledger",
    "seal_newest",
    "sweep_vault",
    "verify_ledger",
]

log = logging.getLogger(__name__)

_swept: date | None = None


def seal_ledger(*, whole: bool = True, checkpoint: bool = False) -> int:
    """Link the ledger's new entries and commit; returns how many. Then sign the head when a checkpoint is due, or at once.

    With ``whole=False`` only the newest are looked at. The checkpoint is a transaction of its own: a key that is missing is
    logged and keeps nothing from being sealed.
    """
    sealed = ledger.seal(model.Session, whole=whole)
    model.repo.commit()
    try:
        sign_ledger(at_once=checkpoint)
    except (keyring.KeyFault, OSError) as error:
        model.Session.rollback()
        log.error("the ledger is sealed, but no checkpoint was made: %s", error)
    return sealed


def sign_ledger(*, at_once: bool = False) -> None:
    """Sign the ledger's head when it is due, and append to the file outside what it lacks.

    Raises ``KeyFault`` and ``OSError`` when key or file can't be used.
    """
    key, file = circumstances.key_file("key"), circumstances.key_file("checkpoints")
    if key is not None:
        every = 0 if at_once else tk.config["ckanext.cqgov.ledger.checkpoint_seconds"]
        checkpoints.make(model.Session, key, timedelta(seconds=every))
        model.repo.commit()
    if file is not None:
        checkpoints.publish(model.Session, file)


def seal_newest() -> int:
    """Link what was written lately, in a time that does not grow with the ledger."""
    return seal_ledger(whole=False)


def verify_ledger() -> int:
    """Verify the whole ledger when that is due, and record what was found; returns 1 when it was done, else 0."""
    hours = tk.config["ckanext.cqgov.ledger.verify_hours"]
    last = ledger.listing(model.Session, verb="ledger.verify", limit=1)
    if hours <= 0 or (last and datetime.now(UTC) - last[0]["at"] < timedelta(hours=hours)):
        return 0
    key = circumstances.key_file("key")
    public = keyring.public_file(key) if key else None
    report = verification.verify(model.Session, public, circumstances.key_file("checkpoints"))
    if not report.is_whole:
        log.error("the ledger is broken: %s", verification.told(report))
    outcome = DONE if report.is_whole else FAILED
    ledger.record(model.Session, "system", "ledger.verify", "ledger", "", verification.told(report), outcome)
    model.repo.commit()
    return 1


def finish_reclassifications() -> int:
    """Carry out what has to follow reclassifications and nobody has finished: a worker died, the queue or a store was away.

    Returns how many were finished.
    """
    return attending.carry_on()


def sweep_vault() -> int:
    """Once a day, for looking at every file takes a while, remove files of the vault that no row names; returns how many."""
    global _swept
    day = today()
    if _swept == day:
        return 0
    count, _swept = vault_storage.sweep(datetime.now(UTC)), day
    return count


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


def load_granted_tables() -> int:
    """Load and drop granted tables that a lost job left behind; returns how many."""
    return granted_tables.settle()


def once(tasks: tuple[Callable[[], int], ...] = (follow_duties, seal_ledger)) -> bool:
    """Do all of it; returns whether all went well. A failure is logged and tried again the next time."""
    well = True
    for task in tasks:
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
