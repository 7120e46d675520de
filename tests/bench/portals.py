"""Our portal and a stock CKAN side by side, each with a database, a Solr core and web processes of its own.

Both run the same CKAN with the same settings, the same number of gunicorn processes and the same ``solrconfig.xml``; what
differs is the plugins (ours; stock has ``activity`` alone, as CKAN's generated configuration has) and the schema (ours; the
one in CKAN's wheel). The databases are two schemas of the test database, so that no right to make databases is needed.
``portal(kind, count)`` brings one up on first use and leaves it running until the process ends; filled cores are unloaded
then and found again by the next run.
"""

from __future__ import annotations

import atexit
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tests.bench import city

ROOT = Path(__file__).resolve().parents[2]
DATASETS = int(os.environ.get("BENCH_DATASETS", "100000"))
SMALL = 1000
OURS, STOCK = "ours", "stock"
STOCK_SETTINGS = "ckan.plugins = activity\nckan.views.default_views =\n"
UNREFUSED = "".join(  # a bench asks more than anybody may: it is counted as everybody is, and not refused
    f"ckanext.cqgov.limits.rate.{kind}{who} = 100000000/minute\n"
    for kind in ("search", "download", "application", "api", "page")
    for who in ("", "_signed_in")
)


@dataclass(frozen=True)
class Portal:
    """One running portal: its kind, number of datasets, address, Solr core's address and configuration."""

    kind: str
    count: int
    url: str
    core: str
    ini: Path


@cache
def portal(kind: str, count: int = DATASETS) -> Portal:
    """Return the running portal of a kind (``ours``, ``stock``) with so many datasets, bringing it up if need be."""
    raised((kind, count))
    return _running[kind, count]


_running: dict[tuple[str, int], Portal] = {}


def raised(*wanted: tuple[str, int]) -> list[Portal]:
    """Bring portals up, filling their cores at the same time, and return them in order."""
    missing = [each for each in wanted if each not in _running]
    filling = [(each, core(*each), configuration(*each)) for each in missing]
    for kind in dict.fromkeys(kind for kind, _count in missing):
        database(kind)
    fillers = [(each, filler(*each, address, ini)) for each, address, ini in filling]
    for (kind, count), process in fillers:
        if process.wait():
            raise RuntimeError(f"filling the index of {count} datasets ({kind}) failed, see {folder() / 'fill.log'}")
    for (kind, count), address, ini in filling:
        _running[kind, count] = Portal(kind, count, served(kind, count, ini), address, ini)
    return [_running[each] for each in wanted]


def folder() -> Path:
    """Return where configuration and logs of the bench's portals lie: one folder for each test database."""
    key = hashlib.sha256(os.environ["CKAN_SQLALCHEMY_URL"].encode()).hexdigest()[:8]
    path = ROOT / "var" / "bench" / key
    path.mkdir(parents=True, exist_ok=True)
    return path


def environment(ini: Path) -> dict[str, str]:
    """Return the variables under which a portal runs: its configuration, and no address of somebody else's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CKAN_")}
    return {**kept, "CKAN_INI": str(ini), "PYTHONPATH": f"{ROOT / 'config'}:{ROOT}", "LANG": "C.UTF-8"}


def tool(name: str) -> str:
    """Return the path of a program of this Python environment."""
    return str(Path(sys.executable).with_name(name))


def schema_url(kind: str) -> str:
    """Return the address of a kind's schema in the test database (unquoted: alembic takes no ``%`` in an address)."""
    url = os.environ["CKAN_SQLALCHEMY_URL"]
    return f"{url}{'&' if '?' in url else '?'}options=-csearch_path=bench_{kind}"


@cache
def port(kind: str, count: int) -> int:
    """Return a free port for a portal, the same whenever it is asked for."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def configuration(kind: str, count: int) -> Path:
    """Write a portal's configuration from the template of ``make run`` and return its path."""
    sys.path.insert(0, str(ROOT / "config"))
    from stack.settings import lay_ledger_keys, rendered

    sys.path.remove(str(ROOT / "config"))
    place = folder() / f"{kind}-{count}"
    values = {
        "secret_key": "bench-only",
        "token_secret": "bench-only-padding-to-thirty-two-bytes",
        "database_url": schema_url(kind),
        "datastore_write_url": os.environ["CKAN_DATASTORE_WRITE_URL"],
        "datastore_read_url": os.environ["CKAN_DATASTORE_READ_URL"],
        "redis_url": os.environ["CKAN_REDIS_URL"],
        "solr_url": core_url(kind, count),
        "site_url": f"http://127.0.0.1:{port(kind, count)}",
        "storage_path": str(place / "storage"),
        "ledger_folder": str(place / "ledger"),
    }
    template = (ROOT / "config" / "ckan.ini.template").read_text("utf-8")
    (place / "storage").mkdir(parents=True, exist_ok=True)
    lay_ledger_keys(place / "ledger")
    ini = place / "ckan.ini"
    ini.write_text(rendered(template, values, STOCK_SETTINGS if kind == STOCK else UNREFUSED), "utf-8")
    return ini


@cache
def database(kind: str) -> None:
    """Give a kind its migrated schema with organisations and datasets of the whole city; kept from run to run."""
    from tests.conftest import _migrations

    name, wanted = (
        f"bench_{kind}",
        f"{_migrations()} {DATASETS} {hashlib.sha256(Path(city.__file__).read_bytes()).hexdigest()}",
    )
    engine = sa.create_engine(os.environ["CKAN_SQLALCHEMY_URL"], isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        stands = connection.scalar(sa.text("select 1 from pg_namespace where nspname = :name"), {"name": name})
        if stands and connection.scalar(sa.text(f"select obj_description('{name}'::regnamespace)")) == wanted:
            return
        connection.execute(sa.text(f"drop schema if exists {name} cascade"))
        connection.execute(sa.text(f"create schema {name}"))
        command = [tool("ckan"), "-c", str(configuration(kind, DATASETS)), "db", "upgrade"]
        env = environment(configuration(kind, DATASETS))
        done = subprocess.run(command, capture_output=True, text=True, env=env, cwd=ROOT)
        if done.returncode:
            raise RuntimeError(f"the migrations of {kind} failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
        organized(connection, name, kind, city.organizations(DATASETS))
        if kind == OURS:
            entered(connection, name)
        connection.execute(sa.text(f"comment on schema {name} is '{wanted}'"))
        connection.execute(sa.text("analyze"))
    engine.dispose()


def organized(connection: sa.Connection, schema: str, kind: str, found: Iterable[dict[str, Any]]) -> None:
    """Write organisations; ours stand in a tree under the city's government."""
    root = city.organization_of("重庆市人民政府")
    rows = list({one["id"]: one for one in [root, *found]}.values())
    columns = ", ".join(rows[0])
    values = ", ".join(f":{key}" for key in rows[0])
    connection.execute(sa.text(f'insert into {schema}."group" ({columns}) values ({values})'), rows)
    if kind == OURS:
        placed = [{"id": one["id"], "parent": root["id"] if one["id"] != root["id"] else None} for one in rows]
        insert = f"insert into {schema}.cqgov_organization (group_id, parent_id) values (:id, :parent)"
        connection.execute(sa.text(insert), placed)


def entered(connection: sa.Connection, schema: str, batch: int = 2_000) -> None:
    """Write the city's datasets as far as our portal asks the database about those that it found in the index."""
    columns = ("id", "name", "title", "notes", "state", "private", "type", "owner_org")
    names, values = (
        ", ".join((*columns, "extras")),
        ", ".join((*(f":{key}" for key in columns), "cast(:extras as jsonb)")),
    )
    insert = sa.text(f"insert into {schema}.package ({names}) values ({values})")
    for start in range(0, DATASETS, batch):
        rows = []
        for number in range(start, min(start + batch, DATASETS)):
            shown, _custom = city.dataset(number)
            extras = {extra["key"]: extra["value"] for extra in shown["extras"]}
            rows.append({**{key: shown[key] for key in columns}, "extras": json.dumps(extras)})
        connection.execute(insert, rows)


def solr() -> str:
    """Return the address of Solr itself."""
    return os.environ["CKAN_SOLR_URL"].rpartition("/")[0]


def core_name(kind: str, count: int) -> str:
    """Return a core's name: one for each test database, kind and number of datasets."""
    return f"bench-{folder().name}-{kind}-{count}"


def core_url(kind: str, count: int) -> str:
    """Return a core's address."""
    return f"{solr()}/{core_name(kind, count)}"


def asked(path: str, **words: str) -> dict[str, Any]:
    """Return Solr's answer to an administrator's question."""
    with urllib.request.urlopen(
        f"{solr()}/{path}?{urllib.parse.urlencode({**words, 'wt': 'json'})}", timeout=300
    ) as read:
        return json.load(read)


@cache
def homes() -> Path:
    """Return the folder in which Solr keeps its cores, seen from the test core."""
    name = os.environ["CKAN_SOLR_URL"].rpartition("/")[2]
    found = Path(asked("admin/cores", action="STATUS", core=name)["status"][name]["instanceDir"]).parent
    if not found.is_dir():
        raise RuntimeError(f"Solr's folder {found} is not on this machine; the bench lays cores of its own there")
    return found


def core(kind: str, count: int) -> str:
    """Lay a core's configuration, load the core and return its address; it is unloaded when the process ends."""
    name = core_name(kind, count)
    home = homes() / name
    if name in asked("admin/cores", action="STATUS")["status"]:
        asked("admin/cores", action="UNLOAD", core=name)
    conf, old = home / "conf", home / "conf" / "schema.xml"
    source = ROOT / "config" / "solr" / "core"
    schema = ((files("ckan") / "config" / "solr") if kind == STOCK else source) / "schema.xml"
    if not old.exists() or old.read_bytes() != schema.read_bytes():
        shutil.rmtree(home, ignore_errors=True)  # Solr cannot change a field's kind under documents that have it
    shutil.rmtree(conf, ignore_errors=True)
    shutil.copytree(source, conf)
    old.write_bytes(schema.read_bytes())
    asked("admin/cores", action="CREATE", name=name, instanceDir=str(home))
    atexit.register(asked, "admin/cores", action="UNLOAD", core=name)
    return core_url(kind, count)


def filler(kind: str, count: int, address: str, ini: Path) -> subprocess.Popen:
    """Start filling a core, unless it is filled already; a smaller city is an even part of the whole one."""
    step = max(DATASETS // count, 1)
    schema = (homes() / core_name(kind, count) / "conf" / "schema.xml").read_bytes()
    kept = homes() / core_name(kind, count) / "filled"
    words = [address, str(count * step), str(step), kind, str(kept), hashlib.sha256(schema).hexdigest()]
    log = (folder() / "fill.log").open("ab")
    command = [sys.executable, "-m", "tests.bench.city_index", *words]
    process = subprocess.Popen(command, cwd=ROOT, env=environment(ini), stdout=log, stderr=log)
    atexit.register(ended, process)  # a run that fails leaves nobody filling
    return process


def server(number: int) -> list[str]:
    """Return the options of every gunicorn of the bench."""
    return [
        f"--bind=127.0.0.1:{number}",
        f"--workers={min(max(os.cpu_count() or 2, 2), 8)}",
        "--worker-class=gthread",
        "--threads=4",
        "--timeout=120",
        "--keep-alive=30",
    ]


def served(kind: str, count: int, ini: Path) -> str:
    """Start a portal's web processes, wait until they answer and return the address; they end with this process."""
    number = port(kind, count)
    command = [tool("gunicorn"), "stack.wsgi:application", *server(number)]
    log = (folder() / f"{kind}-{count}.log").open("wb")
    process = subprocess.Popen(command, cwd=ROOT, env=environment(ini), stdout=log, stderr=log)
    atexit.register(ended, process)
    address, deadline = f"http://127.0.0.1:{number}", time.monotonic() + 180
    while True:
        try:
            with urllib.request.urlopen(f"{address}/api/3/action/status_show", timeout=60):
                return address
        except OSError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the portal of the bench did not start, see {log.name}") from error
            time.sleep(0.2)


def ended(process: subprocess.Popen) -> None:
    """End a process and wait for it."""
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
