"""Loading the tables that holders of grants query, from the files in the vault; and dropping them when that may be no more.

What is to be done is always found out from what is stored, never remembered: so a job that is lost, or runs twice, does no
harm, and ``ckan cqgov data load`` or the upkeep makes up for it. One file is one transaction.
"""

from __future__ import annotations

import logging
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
from ckan.lib import files
from redis.exceptions import RedisError

from ckanext.cqgov.catalogue import vault_storage
from ckanext.cqgov.domain.text import Text
from ckanext.cqgov.model import granted_table
from ckanext.cqgov.model.granted_table import Due
from ckanext.cqgov.tabular import UnreadableTable, read_table
from ckanext.cqgov.tabular.datastore import fields

log = logging.getLogger(__name__)

LARGEST = "ckanext.cqgov.granted_table.max_megabytes"
MEGABYTE = 1 << 20

TOO_LARGE = Text(
    "文件超过 {size} MB，未载入数据表；可以整体授权下载，不能查询或按列、按行授权",
    "the file is larger than {size} MB and has no table: it can be granted and downloaded as a whole, but not queried or "
    "granted by columns and rows",
)
TOO_WIDE = Text("表格超过 {columns} 列，未载入数据表", "the table has more than {columns} columns and was not loaded")
GONE = Text("保管库中没有这个文件", "the file is not in the vault")


class GrantedTables:
    """The part of ``IResourceController`` that has tables follow their files: CKAN calls it when all is committed."""

    def after_resource_create(self, context: Any, resource: dict[str, Any]) -> None:
        """Load the table of a new file."""
        follow(resource["package_id"])

    def after_resource_update(self, context: Any, resource: dict[str, Any]) -> None:
        """Load the table of a file that was replaced."""
        follow(resource["package_id"])


def followed(context: Any, result: Any) -> Any:
    """Have tables follow a dataset that an action of CKAN has just stored and committed; returns the action's ``result``."""
    if not context.get("defer_commit"):
        follow(result["id"] if isinstance(result, dict) else result)
    return result


def follow(package_id: str) -> None:
    """Drop at once what may not be there any more of the dataset, and have a background job load what is missing."""
    if granted_table.superfluous(package_id):
        _dropped(package_id)
    if granted_table.due(package_id):
        try:
            tk.enqueue_job(settle, [package_id], title=f"cqgov: load the granted tables of {package_id}")
        except (
            RedisError
        ):  # the dataset is stored, and its writer must not hear that this failed; the upkeep makes up for it
            log.exception("The granted tables of dataset %s wait for the upkeep", package_id)


def settle(package_id: str | None = None) -> int:
    """Drop and load whatever the dataset, or every dataset, needs (background job and upkeep); returns how many changed. Commits.

    A file that can't be loaded for now is logged and tried again the next time; one that is no table is noted as such.
    """
    count = _dropped(package_id)
    for each in granted_table.due(package_id):
        try:
            count += load(each)
        except Exception as error:  # one file that fails must not keep the others from being loaded
            model.Session.rollback()
            # without the message: one of the database's quotes the row that it could not take
            why = f"{type(error).__name__} {getattr(getattr(error, 'orig', None), 'pgcode', None) or ''}".strip()
            log.error(
                "The granted table of resource %s could not be loaded (%s); it is tried again", each.resource_id, why
            )
    if package_id is None and (swept := granted_table.sweep()):
        count += swept
        model.repo.commit()
    return count


def drop(package_id: str) -> int:
    """Drop all granted tables of the dataset and commit; returns how many. For who takes a dataset away, before anything else."""
    ids = granted_table.of_package(package_id)
    count = granted_table.drop(ids)
    model.repo.commit()
    return count


def _dropped(package_id: str | None) -> int:
    count = granted_table.drop(granted_table.superfluous(package_id))
    model.repo.commit()
    return count


def load(each: Due) -> int:
    """Load one file and commit; returns 1, or 0 when it was replaced or reclassified while it was read."""
    model.Session.rollback()  # no transaction is held open while the file is read
    largest = tk.config[LARGEST]
    fault: Text | None = None
    table = None
    if each.size > largest * MEGABYTE:
        fault = TOO_LARGE.filled(size=largest)
    else:
        try:
            table = read_table(b"".join(vault_storage.chunks(each.key)), each.name)
        except files.exc.MissingFileError:
            fault = GONE
        except UnreadableTable as error:
            fault = error.text
    if table is not None and len(table.columns) > granted_table.MOST_COLUMNS:
        fault = TOO_WIDE.filled(columns=granted_table.MOST_COLUMNS)
    if fault is not None or table is None:
        done = granted_table.refuse(each, fault or GONE)
    else:
        done = granted_table.load(each, _columns(table), (tuple(map(_cell, row)) for row in table.rows))
    if not done:
        model.Session.rollback()
        return 0
    model.repo.commit()
    return 1


def _columns(table: Any) -> list[dict[str, str]]:
    """Return the columns under the names that the DataStore would give them, so that opening a dataset renames nothing."""
    return [
        {"name": field["id"], "kind": column.kind, **({"label": field["info"]["label"]} if "info" in field else {})}
        for field, column in zip(fields(table.columns), table.columns, strict=True)
    ]


def _cell(value: Any) -> Any:
    return value.replace("\0", "") if isinstance(value, str) else value
