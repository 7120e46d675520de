"""Create the tables of: import runs, what each has already seen, and their rejected rows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "cqgov_import_run",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("fingerprint", sa.Text, nullable=False, index=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("dry_run", sa.Boolean, nullable=False),
        sa.Column("actor_id", sa.Text),
        sa.Column("organization_id", sa.Text),
        sa.Column("file_name", sa.Text, nullable=False),
        sa.Column("layout", sa.Text, nullable=False),
        sa.Column("options", JSONB, nullable=False),
        sa.Column("account", JSONB, nullable=False),
        sa.Column("findings", JSONB, nullable=False),
        sa.Column("error", JSONB),
        sa.Column("content", sa.LargeBinary),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("state IN ('waiting', 'running', 'done', 'failed')", name="cqgov_import_run_known_state"),
    )
    op.create_table(
        "cqgov_import_seen",
        sa.Column("run_id", sa.Text, sa.ForeignKey("cqgov_import_run.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("key", sa.LargeBinary, primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("row", sa.Integer, nullable=False),
        sa.Column("unindexed", sa.Text),
    )
    op.create_table(
        "cqgov_import_reject",
        sa.Column("run_id", sa.Text, sa.ForeignKey("cqgov_import_run.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("row", sa.Integer, nullable=False),
        sa.Column("column", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("wrong_zh", sa.Text, nullable=False),
        sa.Column("wrong_en", sa.Text, nullable=False),
        sa.Column("fix_zh", sa.Text, nullable=False),
        sa.Column("fix_en", sa.Text, nullable=False),
        sa.CheckConstraint("kind IN ('rejected', 'differing', 'note')", name="cqgov_import_reject_known_kind"),
    )


def downgrade() -> None:
    """Drop the tables."""
    for table in ("cqgov_import_reject", "cqgov_import_seen", "cqgov_import_run"):
        op.drop_table(table)
