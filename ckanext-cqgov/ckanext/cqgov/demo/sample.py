"""The sample catalogue: real records of another city's portal, brought in through the importer like any listing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import ckan.model as model
import sqlalchemy as sa
import yaml

from ckanext.cqgov.demo import city
from ckanext.cqgov.domain.exchange import Outcome
from ckanext.cqgov.exchange import mappings, operation, runs
from ckanext.cqgov.model.import_run import DONE, ImportRun

Say = Callable[[str], None]


def load(limit: int | None, say: Say) -> int:
    """Import the sample records (the first ``limit`` only) and return how many were made.

    They all belong to one organisation that stands for their source; the department that provided a record is kept in
    the record. Records that somebody deleted count as loaded. Raises ``Unreadable`` when the import can't be finished.
    """
    rows = json.loads(city.SAMPLE.read_text("utf-8"))[:limit]
    owner = operation.organization_named(city.SAMPLE_ORGANIZATION)
    with TemporaryDirectory() as folder:
        path, mapping = Path(folder) / city.SAMPLE.name, Path(folder) / "mapping.yaml"
        path.write_text(json.dumps(rows, ensure_ascii=False), "utf-8")
        mapping.write_text(_mapping(), "utf-8")
        wishes = operation.Wishes(organization_id=owner, publish=True)
        order = operation.Order(path, operation.actor_named(None), wishes, mapping=str(mapping))
        if _held(owner) >= len(rows) and not _cut_short(order):
            return 0
        with operation.prepared(order) as (run, source, _):
            operation.carry_out(order, run, source)
            for line in run.rejects():
                if line["kind"] != "note":  # adjusted tags and the like: the record is in
                    say(f"样例第 {line['row']} 行未导入 / sample row {line['row']} not imported: {line['wrong_zh']}")
            return run.account.rows[Outcome.CREATED.value]


def _held(owner: str | None) -> int:
    packages = sa.select(sa.func.count()).where(model.package_table.c.owner_org == owner)
    return model.Session.execute(packages).scalar_one()


def _cut_short(order: operation.Order) -> bool:
    """Whether an earlier process died in this import; its last records may be written and not yet indexed."""
    mark = runs.fingerprint(order.path, order.decides())
    found = sa.exists().where(ImportRun.fingerprint == mark, ImportRun.state != DONE)
    return bool(model.Session.execute(sa.select(found)).scalar())


def _mapping() -> str:
    """The shipped mapping of the portal, with the notice that these records are a sample."""
    shipped = yaml.safe_load((mappings.FOLDER / f"{city.SAMPLE_MAPPING}.yaml").read_text("utf-8"))
    shipped["constants"] = {**(shipped.get("constants") or {}), "demo_notice": city.SAMPLE_NOTICE}
    return yaml.safe_dump(shipped, allow_unicode=True)
