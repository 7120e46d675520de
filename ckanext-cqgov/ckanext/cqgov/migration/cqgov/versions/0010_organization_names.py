"""Let the topics of whoever remembers organisations' names advance with every change of them, by CKAN's own pages too."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

FUNCTION = """
CREATE FUNCTION cqgov_organizations_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO cqgov_generation (topic, number)
    SELECT topic, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint
      FROM unnest(ARRAY['organizations', 'search-terms']) AS topic
        ON CONFLICT (topic) DO UPDATE SET number = cqgov_generation.number + 1;
    RETURN NULL;
END
$$
"""
TABLES = ('"group"', "cqgov_organization")


def upgrade() -> None:
    """Create the function and a trigger on both tables of an organisation."""
    op.execute(FUNCTION)
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER cqgov_organizations AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION cqgov_organizations_changed()"
        )


def downgrade() -> None:
    """Drop the function, and with it the triggers that call it."""
    op.execute("DROP FUNCTION cqgov_organizations_changed() CASCADE")
