"""Let the search know related words: what people say, and what the catalogue calls it.

Many groups may lead to one word of the catalogue, so a word is unique in its group; in its kind where it is a group's own.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

GROUPS, WORDS = "cqgov_search_term_group", "cqgov_search_term"
KNOWN, LEADS, ONE_PRESENT, ONE_GROUP = (
    "cqgov_search_term_group_known_kind",
    "cqgov_search_term_present_if_renamed",
    "cqgov_search_term_one_present",
    "cqgov_search_term_one_group",
)


def _known(kinds: str, leading: str, one_present: str) -> None:
    """Let ``kinds`` be known, a word of ``leading`` kinds be marked, and only one where ``one_present`` holds."""
    op.drop_constraint(KNOWN, GROUPS, type_="check")
    op.create_check_constraint(KNOWN, GROUPS, f"kind IN ({kinds})")
    op.drop_constraint(LEADS, WORDS, type_="check")
    op.create_check_constraint(LEADS, WORDS, f"NOT present OR kind IN ({leading})")
    op.drop_index(ONE_PRESENT, WORDS)
    op.create_index(ONE_PRESENT, WORDS, ["group_id"], unique=True, postgresql_where=sa.text(one_present))


def upgrade() -> None:
    """Know the kind, and let many groups lead to a word."""
    _known("'synonym', 'name', 'renamed', 'related'", "'renamed', 'related'", "present AND kind = 'renamed'")
    op.drop_constraint("cqgov_search_term_pkey", WORDS, type_="primary")
    op.create_primary_key("cqgov_search_term_pkey", WORDS, ["group_id", "key"])
    own = sa.text("NOT (present AND kind = 'related')")
    op.create_index(ONE_GROUP, WORDS, ["kind", "key"], unique=True, postgresql_where=own)


def downgrade() -> None:
    """Forget the related words, which the release before does not know, and that they were offered."""
    op.execute(f"DELETE FROM {GROUPS} WHERE kind = 'related'")
    op.execute("DELETE FROM cqgov_search_term_offer WHERE key LIKE 'related:%'")
    op.drop_index(ONE_GROUP, WORDS)
    op.drop_constraint("cqgov_search_term_pkey", WORDS, type_="primary")
    op.create_primary_key("cqgov_search_term_pkey", WORDS, ["kind", "key"])
    _known("'synonym', 'name', 'renamed'", "'renamed'", "present")
