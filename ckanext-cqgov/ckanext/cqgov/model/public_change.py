"""Tells whether anything that visitors may see was changed, by whomever: CKAN, an import, or somebody at the database.

A trigger per table and statement leaves one row per transaction, in that transaction: the change and its row become
visible at the same moment, a change that is undone leaves none, and writers never wait for each other, however long they
take, because each inserts a row of its own. The version is the sum of the rows' stamps; ``fold`` adds old rows up in
topic ``public`` of ``cqgov_generation``, which leaves the sum as it was. Stamps are random, so that a database restored
from a backup does not come by a version that it had before.

Every table counts unless it is named here as one that no public page shows. So a table that somebody adds counts too.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from ckanext.cqgov.model import lock
from ckanext.cqgov.model.generation import Generation

metadata = sa.MetaData()  # not CKAN's: its delete_all must not take the numbers back
changes = sa.Table(
    "cqgov_public_change",
    metadata,
    sa.Column("id", sa.BigInteger, primary_key=True),
    sa.Column("stamp", sa.BigInteger, nullable=False),
)
generations = Generation.__table__

TRIGGER = "cqgov_public"
TOPIC = "public"

UNSEEN = frozenset(
    {
        "api_token",  # its last use is noted with every call of a program
        "dashboard",
        "task_status",
        "tracking_raw",
        "cqgov_generation",  # read as it is, see version()
        "cqgov_public_change",
        "cqgov_import_reject",
        "cqgov_import_run",
        "cqgov_import_seen",
        "cqgov_ledger",
        "cqgov_ledger_checkpoint",
        "cqgov_ledger_seal",
        "cqgov_reclassification",
        "cqgov_search_rebuild",
    }
)
"""Tables that no public page shows, though they are written often."""

SEEN_COLUMNS = {"user": ("name", "fullname", "about", "state", "image_url", "sysadmin")}
"""Tables of which only these columns count; of ``user``, the day of somebody's last visit does not."""

WATCHABLE = """
SELECT c.relname FROM pg_class c
 WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = current_schema()::regnamespace
   AND c.relname NOT LIKE '%alembic\\_version' AND c.relname <> ALL (:unseen)
   AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = :trigger AND t.tgenabled <> 'D')
 ORDER BY c.relname
"""

VERSION = sa.select(
    sa.select(sa.func.coalesce(sa.func.sum(generations.c.number), 0)).scalar_subquery()
    + sa.func.coalesce(sa.func.sum(changes.c.stamp), 0),
    sa.func.count(),
).select_from(changes)


def unwatched(connection: Any) -> list[str]:
    """Return the names of the tables whose changes are not noticed although visitors may see them."""
    found = connection.execute(sa.text(WATCHABLE), {"unseen": list(UNSEEN), "trigger": TRIGGER})
    return list(found.scalars())


def watch(connection: Any) -> list[str]:
    """Have every such table noticed from now on; returns the names of those that were not. The caller commits.

    Raises ``sqlalchemy.exc.DBAPIError`` when a table is locked for longer than two seconds, or is not ours.
    """
    if not unwatched(connection):
        return []
    lock.hold(connection, lock.WATCH)
    connection.execute(sa.text("SET LOCAL lock_timeout = '2s'"))
    quoted = connection.dialect.identifier_preparer.quote
    names = unwatched(connection)
    for name in names:
        columns = SEEN_COLUMNS.get(name)
        update = f"UPDATE OF {', '.join(map(quoted, columns))}" if columns else "UPDATE"
        connection.execute(
            sa.text(
                f"CREATE TRIGGER {TRIGGER} AFTER INSERT OR {update} OR DELETE OR TRUNCATE ON {quoted(name)} "
                "FOR EACH STATEMENT EXECUTE FUNCTION cqgov_public_changed()"
            )
        )
        # what was written before the trigger stood is noticed by nothing else
        connection.execute(sa.insert(changes).values(stamp=sa.func.floor(1 + sa.func.random() * 2**30)))
    return names


def version(connection: Any) -> tuple[int, int]:
    """Return the version of what visitors may see, and how many rows make it up (many: ``fold`` them).

    The numbers of all topics count, for what a process remembers of them decides what its pages say.
    """
    number, rows = connection.execute(VERSION).one()
    return int(number), rows


def fold(connection: Any) -> None:
    """Add the rows up, so that ``version`` stays one look at a few rows; the version stays as it is."""
    chosen = sa.select(changes.c.id).order_by(changes.c.id).limit(10_000).with_for_update(skip_locked=True)
    gone = sa.delete(changes).where(changes.c.id.in_(chosen)).returning(changes.c.stamp).cte("gone")
    total = sa.select(sa.literal(TOPIC), sa.cast(sa.func.sum(gone.c.stamp), sa.BigInteger)).having(sa.func.count() > 0)
    added = insert(generations).from_select(["topic", "number"], total.select_from(gone))
    connection.execute(
        added.on_conflict_do_update(
            index_elements=[generations.c.topic], set_={"number": generations.c.number + added.excluded.number}
        )
    )
