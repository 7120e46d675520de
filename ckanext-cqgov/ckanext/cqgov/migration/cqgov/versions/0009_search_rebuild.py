"""Create the table of rebuilds of the search index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "cqgov_search_rebuild",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("way", sa.Text, nullable=False),
        sa.Column("why", sa.Text),
        sa.Column("folder", sa.Text),
        sa.Column("since", sa.DateTime(timezone=True)),
        sa.Column("cursor", sa.Text),
        sa.Column("done", sa.Integer, nullable=False, server_default="0"),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("refused", JSONB, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("state IN ('running', 'done', 'given-up')", name="cqgov_search_rebuild_known_state"),
        sa.CheckConstraint("way IN ('second-core', 'in-place')", name="cqgov_search_rebuild_known_way"),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("cqgov_search_rebuild")
