"""Create the index behind: what kind of act happened when, without reading the whole ledger."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the index."""
    op.create_index("cqgov_ledger_verb", "cqgov_ledger", ["verb", "id"])


def downgrade() -> None:
    """Drop the index."""
    op.drop_index("cqgov_ledger_verb", "cqgov_ledger")
