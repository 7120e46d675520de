"""Tell in the ledger under which duty, with which outcome, in which request and about whose thing; keep checkpoints.

Entries that are there stay as they are and are verified as version 1; every later one is version 2. Going back is refused
while entries of version 2 or checkpoints are there: they would lose what was sealed.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

ENTRIES, CHECKPOINTS = "cqgov_ledger", "cqgov_ledger_checkpoint"
NEW = ("version", "duties", "outcome", "request_id", "address", "organization_id")
ONCE = """
CREATE UNIQUE INDEX cqgov_ledger_refused_once ON cqgov_ledger
    (actor, verb, subject_type, subject_id, date_trunc('minute', at AT TIME ZONE 'UTC'))
 WHERE outcome = 'refused'
"""


def upgrade() -> None:
    """Add the columns, the indexes behind them and the table of checkpoints."""
    # The lock keeps writers out until all of it stands: no entry of version 1 gets an id behind one of version 2.
    op.execute(f"LOCK TABLE {ENTRIES} IN ACCESS EXCLUSIVE MODE")
    op.add_column(ENTRIES, sa.Column("version", sa.SmallInteger, nullable=False, server_default=sa.text("1")))
    op.alter_column(ENTRIES, "version", server_default=sa.text("2"))
    op.add_column(ENTRIES, sa.Column("duties", JSONB, nullable=False, server_default=sa.text("'[]'::jsonb")))
    op.add_column(ENTRIES, sa.Column("outcome", sa.Text, nullable=False, server_default=sa.text("'done'::text")))
    for name in ("request_id", "address", "organization_id"):
        op.add_column(ENTRIES, sa.Column(name, sa.Text))
    op.create_index("cqgov_ledger_organization", ENTRIES, ["organization_id", "id"])
    op.create_index("cqgov_ledger_request", ENTRIES, ["request_id"], postgresql_where=sa.text("request_id IS NOT NULL"))
    op.create_index("cqgov_ledger_at", ENTRIES, ["at"], postgresql_using="brin")
    op.create_index("cqgov_ledger_refused", ENTRIES, ["actor", "at"], postgresql_where=sa.text("outcome = 'refused'"))
    op.execute(ONCE)
    op.create_table(
        CHECKPOINTS,
        sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("signature", sa.Text, nullable=False),
    )
    op.execute(
        f"CREATE TRIGGER {CHECKPOINTS}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {CHECKPOINTS} "
        "FOR EACH STATEMENT EXECUTE FUNCTION cqgov_ledger_refuse()"
    )


def downgrade() -> None:
    """Drop them, while nothing would be lost."""
    rows = f"SELECT FROM {ENTRIES} WHERE version > 1 UNION ALL SELECT FROM {CHECKPOINTS}"
    op.execute(
        f"""
        DO $$ BEGIN
            IF EXISTS ({rows}) THEN
                RAISE EXCEPTION '台账中已有记录，不能退回旧版：请先备份并另行保存台账 '
                    '(the ledger holds entries that the former release cannot keep: it is not taken back)';
            END IF;
        END $$
        """
    )
    op.drop_table(CHECKPOINTS)
    for name in NEW:
        op.drop_column(ENTRIES, name)
    op.drop_index("cqgov_ledger_at", ENTRIES)
