"""Create the vault: the addresses and files of what is not open.

What is stored already is moved by ``ckan cqgov vault settle``, which also moves files.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "cqgov_vault",
        sa.Column("resource_id", sa.Text, sa.ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("package_id", sa.Text, sa.ForeignKey("package.id", ondelete="CASCADE"), nullable=False, index=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("public", sa.Boolean, nullable=False),
        sa.Column("original_name", sa.Text),
        sa.Column("format", sa.Text),
        sa.Column("media_type", sa.Text),
        sa.Column("size", sa.BigInteger),
        sa.Column("sha256", sa.Text),
        sa.Column("facts", JSONB, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("clock_timestamp()")),
        sa.CheckConstraint("kind in ('link', 'file')", name="cqgov_vault_kind"),
        sa.CheckConstraint("kind = 'file' or not public", name="cqgov_vault_public_file"),
    )


def downgrade() -> None:
    """Drop the table, unless it holds anything: nothing else knows these addresses, and the release before would show them."""
    if op.get_bind().scalar(sa.text("select exists (select from cqgov_vault)")):
        raise RuntimeError(
            "保管库中仍有数据，不能回退：请先导出或删除未开放条目的资源 / the vault is not empty, so the portal can't go back: "
            "export or delete the resources of entries that are not open first"
        )
    op.drop_table("cqgov_vault")
