"""Create grants, and the schema for the tables that their holders query.

The schema is this database's own: the DataStore and its read-only user know nothing of it. What is in it is made again from
the vault by ``ckan cqgov data load``.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

GRANT, TABLE, SCHEMA = "cqgov_grant", "cqgov_granted_table", "cqgov_granted"
EMPTY = sa.text("'{}'::text[]")
KEEP = f"""
CREATE FUNCTION cqgov_grant_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.revoked_at IS NOT NULL THEN
        RAISE EXCEPTION 'a grant that was revoked stays as it is' USING ERRCODE = 'check_violation';
    END IF;
    IF to_jsonb(NEW) - 'revoked_at' - 'revoked_by' - 'revoke_reason'
       IS DISTINCT FROM to_jsonb(OLD) - 'revoked_at' - 'revoked_by' - 'revoke_reason' THEN
        RAISE EXCEPTION 'a grant is never changed: revoke it and give another' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER cqgov_grant_keep BEFORE UPDATE ON {GRANT} FOR EACH ROW EXECUTE FUNCTION cqgov_grant_keep();
"""


def upgrade() -> None:
    """Create the tables, what keeps a grant from being changed, and the schema."""
    op.create_table(
        GRANT,
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("dataset_id", sa.Text, sa.ForeignKey("package.id", ondelete="CASCADE"), nullable=False, index=True),
        sa.Column("holder_user", sa.Text, sa.ForeignKey("user.id", ondelete="CASCADE"), index=True),
        sa.Column("holder_organization", sa.Text, sa.ForeignKey("group.id", ondelete="CASCADE"), index=True),
        sa.Column("staff", ARRAY(sa.Text), nullable=False, server_default=EMPTY),
        sa.Column("resources", ARRAY(sa.Text), nullable=False, server_default=EMPTY),
        sa.Column("columns", ARRAY(sa.Text), nullable=False, server_default=EMPTY),
        sa.Column("rows", JSONB, nullable=False, server_default=sa.text("'[]'::jsonb")),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("terms_version", sa.Text, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_until", sa.Date),
        sa.Column("storage", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("revoked_by", sa.Text),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.Column("revoke_reason", sa.Text),
        sa.CheckConstraint("num_nonnulls(holder_user, holder_organization) = 1", name="cqgov_grant_one_holder"),
        sa.CheckConstraint(
            "(holder_organization IS NULL) = (cardinality(staff) = 0)", name="cqgov_grant_staff_of_organization"
        ),
        sa.CheckConstraint(
            "created_by IS DISTINCT FROM holder_user AND NOT created_by = ANY (staff)",
            name="cqgov_grant_not_to_oneself",
        ),
        sa.CheckConstraint("purpose <> '' AND terms_version <> ''", name="cqgov_grant_purpose_and_terms"),
        sa.CheckConstraint("valid_until >= valid_from", name="cqgov_grant_days"),
        sa.CheckConstraint(
            "cardinality(resources) = 1 OR (cardinality(columns) = 0 AND rows = '[]'::jsonb)",
            name="cqgov_grant_part_of_one_resource",
        ),
        sa.CheckConstraint(
            "num_nonnulls(revoked_at, revoked_by, nullif(revoke_reason, '')) IN (0, 3)",
            name="cqgov_grant_revoked_with_reason",
        ),
    )
    op.execute(KEEP)
    op.create_table(
        TABLE,
        sa.Column("resource_id", sa.Text, sa.ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("package_id", sa.Text, sa.ForeignKey("package.id", ondelete="CASCADE"), nullable=False, index=True),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("table_name", sa.Text, unique=True),
        sa.Column("columns", JSONB, nullable=False),
        sa.Column("row_count", sa.BigInteger, nullable=False),
        sa.Column("fault", JSONB),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    )
    op.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    op.execute(f"REVOKE ALL ON SCHEMA {SCHEMA} FROM PUBLIC")


def downgrade() -> None:
    """Drop all of it, unless there are grants: the release before would forget who holds which data."""
    if op.get_bind().scalar(sa.text(f"SELECT EXISTS (SELECT FROM {GRANT})")):
        raise RuntimeError(
            "已有数据使用授权，不能回退：请先导出并撤销后删除 / there are grants, so the portal can't go back: export them first"
        )
    op.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
    op.drop_table(TABLE)
    op.drop_table(GRANT)
    op.execute("DROP FUNCTION cqgov_grant_keep()")
