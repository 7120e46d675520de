"""Create reclassifications: what has still to follow a change of an entry's classification, and what was proven of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLE = "cqgov_reclassification"
NOW = sa.text("clock_timestamp()")
UNFINISHED = sa.text("finished_at is null")


def upgrade() -> None:
    """Create the table; a dataset has one unfinished row at most. Its rows outlive the dataset: they prove what became of it."""
    op.create_table(
        TABLE,
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("dataset_id", sa.Text, nullable=False, index=True),
        sa.Column("course", sa.Text, nullable=False),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False, server_default=NOW),
        sa.Column("places", JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
        sa.Column("round", sa.Integer, nullable=False, server_default="1"),
        sa.Column("done", JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("fault", JSONB),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False, server_default=NOW),
        sa.Column("worker", sa.Text),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.Column("proof", JSONB),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("course in ('withdraw', 'publish', 'purge')", name="cqgov_reclassification_course"),
    )
    op.create_index("cqgov_reclassification_one", TABLE, ["dataset_id"], unique=True, postgresql_where=UNFINISHED)
    op.create_index("cqgov_reclassification_due", TABLE, ["due_at"], postgresql_where=UNFINISHED)


def downgrade() -> None:
    """Drop the table, unless something has still to follow: the release before would leave it lying in the open."""
    if op.get_bind().scalar(sa.text(f"select exists (select from {TABLE} where {UNFINISHED.text})")):
        raise RuntimeError(
            "仍有未完成的类型变更，不能回退：请先执行 ckan cqgov reclassify resume / reclassifications are not finished, so the "
            "portal can't go back: run ckan cqgov reclassify resume first"
        )
    op.drop_table(TABLE)
