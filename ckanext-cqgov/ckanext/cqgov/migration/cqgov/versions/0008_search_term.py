"""Create the tables of the words that the search knows: groups, their words, and what was shipped once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "cqgov_search_term_group",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False, server_default=""),
        sa.Column("shipped", sa.Text, unique=True),
        sa.Column("modified_by", sa.Text, nullable=False),
        sa.Column("modified_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.UniqueConstraint("id", "kind", name="cqgov_search_term_group_kind"),
        sa.CheckConstraint("kind IN ('synonym', 'name', 'renamed')", name="cqgov_search_term_group_known_kind"),
    )
    op.create_table(
        "cqgov_search_term",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("group_id", sa.Text, nullable=False),
        sa.Column("word", sa.Text, nullable=False),
        sa.Column("present", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("position", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id", "kind"],
            ["cqgov_search_term_group.id", "cqgov_search_term_group.kind"],
            ondelete="CASCADE",
            name="cqgov_search_term_of_group",
        ),
        sa.CheckConstraint("NOT present OR kind = 'renamed'", name="cqgov_search_term_present_if_renamed"),
    )
    op.create_index("cqgov_search_term_group_id", "cqgov_search_term", ["group_id", "position"])
    one_present = sa.text("present")
    op.create_index(
        "cqgov_search_term_one_present", "cqgov_search_term", ["group_id"], unique=True, postgresql_where=one_present
    )
    op.create_table(
        "cqgov_search_term_offer",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("mark", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("cqgov_search_term_offer")
    op.drop_table("cqgov_search_term")
    op.drop_table("cqgov_search_term_group")
