"""Create what tells that something visitors may see was changed: a row per transaction, written by triggers.

Which tables carry the trigger is said in ``model/public_change.py``; the portal adds it to tables that lack it when it starts.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

FUNCTION = """
CREATE FUNCTION cqgov_public_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF coalesce(current_setting('cqgov.public_changed', true), '') <> 'yes' THEN
        PERFORM set_config('cqgov.public_changed', 'yes', true);
        INSERT INTO cqgov_public_change (stamp) VALUES (1 + floor(random() * 1073741824)::bigint);
    END IF;
    RETURN NULL;
END
$$
"""


def upgrade() -> None:
    """Create the table and the function."""
    op.create_table(
        "cqgov_public_change",
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column("stamp", sa.BigInteger, nullable=False),
    )
    op.execute(FUNCTION)


def downgrade() -> None:
    """Drop the function, with it every trigger that calls it, and the table."""
    op.execute("DROP FUNCTION cqgov_public_changed() CASCADE")
    op.drop_table("cqgov_public_change")
