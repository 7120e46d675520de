"""Remember which datasets the index has yet to hear of, because Solr was away when they were changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table. It names datasets that may be gone meanwhile, so it refers to nothing."""
    op.create_table(
        "cqgov_index_waiting",
        sa.Column("package_id", sa.Text, primary_key=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("clock_timestamp()")),
    )


def downgrade() -> None:
    """Drop it; ``ckan cqgov search rebuild`` brings the index up to date as well."""
    op.drop_table("cqgov_index_waiting")
