"""Who owns the tables of the ledger: a role of their own, so that the portal's own role can add and read, and nothing else.

An owner may disable triggers; a schema's owner may drop what is in it; so both go to a role that nobody logs in as. Only
the database's administrator can do that, by the SQL that ``guarding`` returns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

OWNER = "cqgov_ledger"
COLUMNS = {
    "cqgov_ledger": "actor, verb, subject_type, subject_id, detail, duties, outcome, request_id, address, organization_id",
    "cqgov_ledger_seal": "position, entry_id, prev_hash, hash",
    "cqgov_ledger_checkpoint": "position, hash, at, key, signature",
}
"""What the portal's role may write; id, time and version of an entry are the database's to give."""

STANDING = """
SELECT bool_or(pg_has_role(current_user, c.relowner, 'MEMBER')
               OR pg_has_role(current_user, n.nspowner, 'MEMBER')) AS owned,
       (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS superuser,
       coalesce(array_agg(c.relname::text) FILTER (WHERE t.oid IS NULL), '{}') AS unguarded
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_trigger t ON t.tgrelid = c.oid AND t.tgname = c.relname || '_append_only' AND t.tgenabled IN ('O', 'A')
 WHERE c.oid IN (SELECT to_regclass(name) FROM unnest(CAST(:tables AS text[])) AS name)
"""


@dataclass(frozen=True)
class Standing:
    """Whether the portal's role could undo the ledger's protection, and the tables whose trigger is off or gone."""

    owned: bool
    superuser: bool
    unguarded: tuple[str, ...]


def standing(session: Any) -> Standing:
    """Return how well the ledger is protected from the portal's own database role."""
    found = session.execute(sa.text(STANDING), {"tables": list(COLUMNS)}).one()
    return Standing(bool(found.owned), bool(found.superuser), tuple(sorted(found.unguarded)))


def guarding(role: str, *, schema: str = "public") -> str:
    """Return the SQL by which an administrator of the database gives the ledger to ``OWNER``; it may be run again.

    ``role`` is the portal's database role.
    """
    app, place = _quoted(role), _quoted(schema)
    lines = [
        f"DO $$ BEGIN CREATE ROLE {OWNER} NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;",
        f"ALTER ROLE {OWNER} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;",
        f"ALTER SCHEMA {place} OWNER TO {OWNER};",
        f"GRANT USAGE, CREATE ON SCHEMA {place} TO {app};",
        f"ALTER FUNCTION {place}.cqgov_ledger_refuse() OWNER TO {OWNER};",
    ]
    for table, columns in COLUMNS.items():
        lines += [
            f"ALTER TABLE {place}.{table} OWNER TO {OWNER};",
            f"REVOKE ALL ON {place}.{table} FROM PUBLIC, {app};",
            f"GRANT SELECT, INSERT ({columns}) ON {place}.{table} TO {app};",
        ]
    return "\n".join([*lines, f"GRANT USAGE ON SEQUENCE {place}.cqgov_ledger_id_seq TO {app};", ""])


def opening(role: str, *, schema: str = "public") -> str:
    """Return the SQL that gives the ledger back to the portal's ``role``, for a migration that changes its tables."""
    app, place = _quoted(role), _quoted(schema)
    lines = [f"ALTER TABLE {place}.{table} OWNER TO {app};" for table in COLUMNS]
    return "\n".join([*lines, f"ALTER FUNCTION {place}.cqgov_ledger_refuse() OWNER TO {app};", ""])


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
