"""Create the tables of: the working-day calendars imported by the operator."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table of imported years; years that ship with the package need no row."""
    op.create_table(
        "cqgov_calendar_year",
        sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("papers", JSONB, nullable=False),
        sa.Column("days", JSONB, nullable=False),
        sa.Column("official", sa.Boolean, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("imported_by", sa.Text, nullable=False),
        sa.CheckConstraint("year between 2007 and 2100", name="cqgov_calendar_year_range"),
        sa.CheckConstraint("official = (jsonb_array_length(papers) > 0)", name="cqgov_calendar_year_official"),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("cqgov_calendar_year")
