"""The tables of CKAN's DataStore: none of what is not open, loaded anew of what is opened."""

from __future__ import annotations

import logging
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.plugins import plugin_loaded

from ckanext.cqgov.catalogue import public_file, vault_intake
from ckanext.cqgov.domain.table_file import is_table
from ckanext.cqgov.domain.vault import UPLOAD
from ckanext.cqgov.model import vault
from ckanext.cqgov.reclassification.subject import Subject
from ckanext.cqgov.tabular import UnreadableTable, read_table
from ckanext.cqgov.tabular.datastore import store

log = logging.getLogger(__name__)

LARGEST = "ckanext.cqgov.reclassification.table_megabytes"
MEGABYTE = 1 << 20
FLAGS = ("datastore_active", "datastore_contains_all_records_of_source_file", "total_record_count")
"""What CKAN notes at a resource whose table there is."""

RELATIONS = sa.text(
    "SELECT relname, relkind FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname = ANY(:ids) "
    "AND relkind IN ('r', 'p', 'v', 'm')"
)
ALIASES = sa.text('SELECT count(*) FROM "_table_metadata" WHERE alias_of = ANY(:ids)')


def _engine() -> Any:
    from ckanext.datastore.backend.postgres import get_write_engine

    return get_write_engine()


def remove(subject: Subject) -> int:
    """Drop every table of the dataset's resources, with the aliases and views on it; returns how many."""
    if not plugin_loaded("datastore"):
        return 0
    with _engine().begin() as connection:
        found = connection.execute(RELATIONS, {"ids": list(subject.resources)}).all()
        quoted = connection.dialect.identifier_preparer.quote
        for name, kind in found:
            what = {"v": "VIEW", "m": "MATERIALIZED VIEW"}.get(str(kind), "TABLE")
            connection.execute(sa.text(f"DROP {what} IF EXISTS public.{quoted(name)} CASCADE"))
    _unflagged(subject)
    return len(found)


def _unflagged(subject: Subject) -> None:
    """Take back what CKAN noted at the resources; commits nothing."""
    table = model.resource_table
    query = sa.select(table.c.id, table.c.extras).where(table.c.id.in_(subject.resources))
    flagged = [row for row in model.Session.execute(query) if set(row.extras or {}) & set(FLAGS)]
    if flagged:
        vault_intake.write(
            {"target": row.id, "extras": {key: each for key, each in row.extras.items() if key not in FLAGS}}
            for row in flagged
        )


def left(subject: Subject) -> int:
    """Return how many tables and aliases there still are."""
    if not plugin_loaded("datastore"):
        return 0
    ids = {"ids": list(subject.resources)}
    with _engine().connect() as connection:
        return len(connection.execute(RELATIONS, ids).all()) + connection.execute(ALIASES, ids).scalar_one()


def load(subject: Subject) -> int:
    """Load the tabular uploads of an open dataset that have no table yet; returns how many. What is no table is passed over."""
    if not plugin_loaded("datastore"):
        return 0
    table = model.resource_table
    query = sa.select(table.c.id, table.c.format, table.c.extras, table.c.url).where(
        table.c.id.in_(subject.resources), table.c.state == "active", table.c.url_type == UPLOAD
    )
    wanted = model.Session.execute(query).all()
    with _engine().connect() as connection:
        present = set(connection.execute(RELATIONS, {"ids": list(subject.resources)}).scalars())
    model.Session.rollback()  # no transaction is held open while files are read
    return sum(_loaded(row) for row in wanted if row.id not in present)


def _loaded(row: Any) -> int:
    name = str((row.extras or {}).get("original_name") or row.url.rsplit("/", 1)[-1])
    if not is_table(row.format, name) or not public_file.exists(row.id):
        return 0
    if public_file.size(row.id) > tk.config[LARGEST] * MEGABYTE:
        log.info("The file of resource %s is too large for a table", row.id)
        return 0
    try:
        table = read_table(b"".join(public_file.pieces(row.id)), name)
    except UnreadableTable as error:
        log.info("The file of resource %s is no table: %s", row.id, error)
        return 0
    standing = vault.standing(row.id)
    if standing is None or not standing.public:
        return 0
    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    try:
        store({"ignore_auth": True, "user": user}, row.id, table)
    except tk.ValidationError as error:  # withheld meanwhile, or a shape that the DataStore does not take
        log.warning("The table of resource %s was not loaded: %s", row.id, error)
        return 0
    return 1
