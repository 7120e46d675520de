"""Keep when the head let a closed entry into the sharing catalogue for staff (Art. 16)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TABLE = "cqgov_dataset"


def upgrade() -> None:
    """Nothing is released until a head does it."""
    op.add_column(TABLE, sa.Column("released_at", sa.DateTime(timezone=True)))
    op.create_index(
        "cqgov_dataset_released", TABLE, ["package_id"], postgresql_where=sa.text("released_at IS NOT NULL")
    )


def downgrade() -> None:
    """Forget what was released: the release before shows closed entries to nobody but their provider."""
    op.drop_index("cqgov_dataset_released", TABLE)
    op.drop_column(TABLE, "released_at")
