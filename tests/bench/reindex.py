"""Row ``reindex``: datasets per second of rebuilding the whole index, ours against a stock CKAN's on the same records.

Both sides run their real command line on the same database server and the same Solr: ours ``ckan search-index rebuild``
with our plugins and our schema (it goes the way of ``ckan cqgov search rebuild``: a second core, swapped in at the end),
stock CKAN the same command without any of ours, on the schema in CKAN's wheel. Ours takes all the records and its start-up
counts; the peers, who take one dataset after the other at always the same speed, take the first of them, and their start-up
does not count. The second peer is CKAN's own function with our plugins: it has to make the same documents as ours.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import sqlalchemy as sa

from tests.bench import city, portals
from tests.bench.measure import Row
from tests.bench.portals import OURS, ROOT, STOCK

RECORDS = int(os.environ.get("BENCH_REINDEX", "10000"))
SAMPLE = min(int(os.environ.get("BENCH_REINDEX_SAMPLE", "1500")), RECORDS)  # of the peers
PLACE = RECORDS + 1  # tells this row's cores and configuration from those of other rows
COUNT = {OURS: RECORDS, STOCK: SAMPLE}
SAID: dict[str, Any] = {}
EMPTIED = "package, resource, package_tag, tag, member"


def rows(numbers: range) -> dict[str, list[dict[str, Any]]]:
    """Return what the tables of CKAN hold of these datasets of the city."""
    found: dict[str, list[dict[str, Any]]] = {"package": [], "resource": [], "tag": [], "package_tag": [], "member": []}
    keys = (
        "id",
        "name",
        "title",
        "notes",
        "type",
        "state",
        "private",
        "owner_org",
        "metadata_created",
        "metadata_modified",
    )
    columns = "id package_id url format description position name size created metadata_modified state hash".split()
    for number in numbers:
        shown = city.dataset(number)[0]
        extras = {each["key"]: each["value"] for each in shown["extras"]}
        found["package"].append({**{key: shown[key] for key in keys}, "extras": extras})
        found["resource"] += [{key: each[key] for key in columns} for each in shown["resources"]]
        for each in shown["tags"]:
            tag = str(uuid5(NAMESPACE_URL, each["name"]))
            found["tag"].append({"id": tag, "name": each["name"]})
            link = str(uuid5(NAMESPACE_URL, f"{shown['id']} {tag}"))
            found["package_tag"].append({"id": link, "package_id": shown["id"], "tag_id": tag, "state": "active"})
        owned = {"table_name": "package", "capacity": "organization", "state": "active"}
        member = str(uuid5(NAMESPACE_URL, f"{shown['id']} {shown['owner_org']}"))
        found["member"].append({"id": member, "table_id": shown["id"], "group_id": shown["owner_org"], **owned})
    return found


def fill(kind: str) -> None:
    """Write the records, or their sample, into a portal's tables."""
    from sqlalchemy.dialects.postgresql import JSONB, insert

    engine = sa.create_engine(os.environ["CKAN_SQLALCHEMY_URL"])
    schema = f"bench_{kind}"
    tables = sa.MetaData()
    tables.reflect(engine, schema=schema, only=EMPTIED.split(", "))
    tables.tables[f"{schema}.package"].c.extras.type = JSONB()
    with engine.begin() as connection:
        connection.execute(
            sa.text("truncate " + ", ".join(f"{schema}.{name}" for name in EMPTIED.split(", ")) + " cascade")
        )
        for start in range(0, COUNT[kind], 1000):
            for name, values in rows(range(start, min(start + 1000, COUNT[kind]))).items():
                if values:
                    table = tables.tables[f"{schema}.{name}"]
                    connection.execute(insert(table).on_conflict_do_nothing(), values)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("analyze"))
    engine.dispose()


def lay(kind: str) -> None:
    """Lay a core with the kind's schema; ours is swapped with its second one again and again."""
    unlay(kind)
    home = portals.homes() / portals.core_name(kind, PLACE)
    shutil.copytree(ROOT / "config" / "solr" / "core", home / "conf", dirs_exist_ok=True)
    if kind == STOCK:
        (home / "conf" / "schema.xml").write_bytes((files("ckan") / "config" / "solr" / "schema.xml").read_bytes())
    portals.asked("admin/cores", action="CREATE", name=home.name, instanceDir=str(home))


def unlay(kind: str) -> None:
    """Remove a core and its files."""
    name = portals.core_name(kind, PLACE)
    for core in (name, f"{name}_rebuilding"):
        if portals.asked("admin/cores", action="STATUS", core=core)["status"].get(core):
            portals.asked("admin/cores", action="UNLOAD", core=core, deleteInstanceDir="true")


@contextmanager
def filled() -> Iterator[None]:
    """Both portals with the same records and an index each; emptied again at the end."""
    for kind in (OURS, STOCK):
        portals.database(kind)
        fill(kind)
        lay(kind)
    try:
        run(OURS, "rebuild", "-q")
        run(STOCK, "rebuild", "-q")
        yield
    finally:
        engine = sa.create_engine(os.environ["CKAN_SQLALCHEMY_URL"])
        with engine.begin() as connection:
            for kind in (OURS, STOCK):
                names = ", ".join(f"bench_{kind}.{name}" for name in EMPTIED.split(", "))
                connection.execute(sa.text(f"truncate {names} cascade"))
        engine.dispose()
        for kind in (OURS, STOCK):
            unlay(kind)


def run(kind: str, *words: str) -> float:
    """Return the seconds that a command of ``ckan search-index`` takes; raises when it fails."""
    ini = portals.configuration(kind, PLACE)
    command = [portals.tool("ckan"), "-c", str(ini), "search-index", *words]
    began = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=portals.environment(Path(ini)))
    taken = time.perf_counter() - began
    if done.returncode and words[0] != "show":
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}\n{done.stderr[-3000:]}")
    return taken


def indexed(kind: str) -> int:
    """Return how many documents a core holds."""
    return portals.asked(f"{portals.core_name(kind, PLACE)}/select", q="*:*", rows="0")["response"]["numFound"]


def require(kind: str) -> None:
    """Raise unless every dataset of a portal is in its index."""
    if indexed(kind) != COUNT[kind]:
        raise RuntimeError(f"{indexed(kind)} of {COUNT[kind]} datasets are in the index ({kind})")


def ours() -> float:
    """Return our datasets per second, start-up included."""
    taken = run(OURS, "rebuild", "-q")
    require(OURS)
    return RECORDS / taken


def stock() -> float:
    """Return the stock CKAN's datasets per second, start-up not included."""
    start_up = min(run(STOCK, "show", "nothing") for _time in range(2))  # in each round: others may use the machine
    taken = run(STOCK, "rebuild", "-q") - start_up
    SAID.setdefault("stock_start_up_s", []).append(round(start_up, 2))
    require(STOCK)
    return SAMPLE / taken


def one_by_one() -> float:
    """Return the datasets per second of CKAN's own function with our plugins, start-up not included."""
    ini = portals.configuration(OURS, PLACE)
    done = subprocess.run(
        [sys.executable, "-c", ONE_BY_ONE, str(ini), *(city.dataset(number)[0]["id"] for number in range(SAMPLE))],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=portals.environment(Path(ini)),
    )
    if done.returncode:
        raise RuntimeError(f"CKAN's rebuild failed:\n{done.stderr[-3000:]}")
    require(OURS)
    return SAMPLE / float(done.stdout.split()[-1])


ONE_BY_ONE = """
import sys, time
from ckan.cli import load_config
from ckan.config.middleware import make_app
make_app(load_config(sys.argv[1]))
from ckan.lib.search import commit, rebuild
began = time.perf_counter()
rebuild(package_ids=sys.argv[2:])
commit()
print(time.perf_counter() - began)
"""


def said() -> Mapping[str, Any]:
    """Return what else the row tells."""
    return {"records": RECORDS, "sample": SAMPLE, **SAID}


ROWS = [
    Row(
        "reindex",
        "datasets/s",
        "higher",
        5,
        ours,
        {"stock CKAN": stock, "CKAN's own way with our plugins": one_by_one},
        rounds=int(os.environ.get("BENCH_ROUNDS", "3")),
        around=filled,
        said=said,
    )
]
