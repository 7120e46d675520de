"""Create the tables of: one row per catalogue entry, with the unique keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "cqgov_dataset",
        sa.Column("package_id", sa.Text, sa.ForeignKey("package.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("catalog_code", sa.Text),
        sa.Column("source_portal", sa.Text),
        sa.Column("source_key", sa.Text),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("complete", sa.Boolean, nullable=False),
        sa.Column("opening_type", sa.Text, nullable=False, index=True),
        sa.Column("sharing_type", sa.Text),
        sa.Column("content_hash", sa.Text, nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True)),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("catalog_code", name="cqgov_dataset_catalog_code_key"),
        sa.UniqueConstraint("source_portal", "source_key", name="cqgov_dataset_source_key"),
        sa.CheckConstraint("origin in ('compiled', 'listing')", name="cqgov_dataset_origin"),
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("cqgov_dataset")
