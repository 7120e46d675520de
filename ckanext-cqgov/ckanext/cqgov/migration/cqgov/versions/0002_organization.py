"""Create the tables of: organisations, duties and the ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    organization()
    duty()
    ledger()


def organization() -> None:
    """CKAN's organisation keeps name and title; this is the rest."""
    op.create_table(
        "cqgov_organization",
        sa.Column("group_id", sa.Text, sa.ForeignKey("group.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("uscc", sa.Text, unique=True),
        sa.Column("kind", sa.Text),
        sa.Column("level", sa.Text),
        sa.Column("parent_id", sa.Text, sa.ForeignKey("group.id", ondelete="SET NULL"), index=True),
        sa.Column("valid_from", sa.Date),
        sa.Column("valid_to", sa.Date),
        sa.Column("successor_id", sa.Text, sa.ForeignKey("group.id", ondelete="SET NULL"), index=True),
        sa.Column("division_code", sa.Text),
        sa.Column("aliases", ARRAY(sa.Text), nullable=False, server_default="{}"),
        sa.Column("former_names", ARRAY(sa.Text), nullable=False, server_default="{}"),
        sa.Column("authority", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("demo", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.CheckConstraint("parent_id <> group_id", name="cqgov_organization_not_its_own_parent"),
        sa.CheckConstraint("successor_id <> group_id", name="cqgov_organization_not_its_own_successor"),
        sa.CheckConstraint("valid_from <= valid_to", name="cqgov_organization_validity"),
    )


def duty() -> None:
    """Nobody holds the same duty at the same organisation twice on one day; the database says so."""
    op.create_table(
        "cqgov_duty",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("user_id", sa.Text, sa.ForeignKey("user.id", ondelete="CASCADE"), nullable=False, index=True),
        sa.Column(
            "organization_id", sa.Text, sa.ForeignKey("group.id", ondelete="CASCADE"), nullable=False, index=True
        ),
        sa.Column("duty", sa.Text, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_to", sa.Date),
        sa.Column("acting", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("cancelled", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("assigned_by", sa.Text, nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("ended_by", sa.Text),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("reason", sa.Text),
        sa.CheckConstraint("valid_from <= valid_to", name="cqgov_duty_validity"),
    )
    # Equality in a GiST exclusion needs the btree_gist extension, which a managed database may refuse to create.
    # A one-point int8range over a 64-bit hash of the three keys needs none.
    op.execute(
        """
        ALTER TABLE cqgov_duty ADD CONSTRAINT cqgov_duty_no_overlap EXCLUDE USING gist (
            int8range(
                hashtextextended(user_id || '/' || organization_id || '/' || duty, 0),
                hashtextextended(user_id || '/' || organization_id || '/' || duty, 0),
                '[]'
            ) WITH &&,
            daterange(valid_from, valid_to, '[]') WITH &&
        ) WHERE (NOT cancelled)
        """
    )
    op.create_table(
        "cqgov_duty_membership",
        sa.Column("user_id", sa.Text, sa.ForeignKey("user.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("organization_id", sa.Text, sa.ForeignKey("group.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("capacity", sa.Text, nullable=False),
        sa.Column("previous", sa.Text),
    )


def ledger() -> None:
    """Entries and their seals; triggers refuse every change."""
    op.create_table(
        "cqgov_ledger",
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("clock_timestamp()")),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("verb", sa.Text, nullable=False),
        sa.Column("subject_type", sa.Text, nullable=False),
        sa.Column("subject_id", sa.Text, nullable=False),
        sa.Column("detail", JSONB, nullable=False),
    )
    op.create_index("cqgov_ledger_subject", "cqgov_ledger", ["subject_type", "subject_id", "id"])
    op.create_index("cqgov_ledger_actor", "cqgov_ledger", ["actor", "id"])
    op.create_table(
        "cqgov_ledger_seal",
        sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("entry_id", sa.BigInteger, sa.ForeignKey("cqgov_ledger.id"), nullable=False, unique=True),
        sa.Column("prev_hash", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("clock_timestamp()")),
    )
    op.execute(
        """
        CREATE OR REPLACE FUNCTION cqgov_ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% on % is refused: the ledger only grows (台账只可追加，不可修改或删除)',
                TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
        END $$
        """
    )
    for table in ("cqgov_ledger", "cqgov_ledger_seal"):
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION cqgov_ledger_refuse()"
        )


def downgrade() -> None:
    """Drop the tables, unless the ledger holds anything: it is what must never get lost."""
    op.execute(
        """
        DO $$ BEGIN
            IF EXISTS (SELECT FROM cqgov_ledger) THEN
                RAISE EXCEPTION '台账中已有记录，不能删除 (the ledger holds entries: it is not dropped)';
            END IF;
        END $$
        """
    )
    for table in (
        "cqgov_ledger_seal",
        "cqgov_ledger",
        "cqgov_duty_membership",
        "cqgov_duty",
        "cqgov_organization",
    ):
        op.drop_table(table)
    op.execute("DROP FUNCTION cqgov_ledger_refuse()")
