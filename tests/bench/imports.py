"""Rows ``import`` and ``import.memory``: our importer against ``ckanapi load datasets`` on the same records.

Both run as their real command lines against the same configuration, database and Solr, in turn. Ours takes the whole
Shanghai listing and its start-up counts; ckanapi takes a sample of the same records and its start-up does not count (it
would only make it look worse). ckanapi runs with one process and with two; the better one is the peer.
"""

from __future__ import annotations

import gzip
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil
import sqlalchemy as sa

from tests.bench.measure import Row

ROOT = Path(__file__).resolve().parents[2]
LISTING = ROOT / "tests" / "data" / "catalogue" / "shanghai_shanghai.json.gz"
SAMPLE = int(os.environ.get("BENCH_SAMPLE", "120"))  # records per ckanapi run
MANY = int(os.environ.get("BENCH_RECORDS", "100000"))  # records of the memory row
FIRST = 0.1  # memory is compared from this part of the file on, when caches are warm
OWNER = "bench-owner"
STARTED = {"seconds": 0.0}
GROWTH: dict[str, Any] = {}


def command(*words: str) -> list[str]:
    """Return a command of this environment against the tests' configuration."""
    return [str(Path(sys.executable).with_name(words[0])), *words[1:]]


def configuration() -> str:
    """Return the configuration file that both sides use."""
    return os.environ.get("CKAN_INI") or str(ROOT / "config" / "test.ini")


def timed(words: list[str], expected: tuple[int, ...] = (0,)) -> float:
    """Return the seconds that a command takes; raises when it fails."""
    began = time.perf_counter()
    done = subprocess.run(words, capture_output=True, text=True, cwd=ROOT)
    taken = time.perf_counter() - began
    if done.returncode not in expected:
        raise RuntimeError(f"{' '.join(words)} failed:\n{done.stdout[-2000:]}\n{done.stderr[-3000:]}")
    return taken


@cache
def database() -> sa.Engine:
    """Return the test database; refuses any other."""
    engine = sa.create_engine(os.environ["CKAN_SQLALCHEMY_URL"])
    if "test" not in str(engine.url.database):
        raise RuntimeError(f"{engine.url.database} is not a test database; the bench empties what it uses")
    return engine


def emptied() -> None:
    """Empty the catalogue and its index, so that every run starts alike."""
    with database().begin() as connection:
        connection.execute(sa.text("TRUNCATE package, tag, activity, cqgov_import_run CASCADE"))
        connection.execute(sa.text("DELETE FROM member WHERE table_name = 'package'"))
    with database().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM ANALYZE"))
    timed(command("ckan", "-c", configuration(), "search-index", "clear"))


@contextmanager
def portal() -> Iterator[None]:
    """A migrated test database with one organisation, and the peer's sample file; emptied again at the end."""
    from tests.conftest import _migrate

    _migrate(os.environ["CKAN_SQLALCHEMY_URL"])
    emptied()
    owner = {"name": OWNER, "title": "测量用机构"}
    with database().connect() as connection:
        known = connection.execute(sa.text('SELECT 1 FROM "group" WHERE name = :name'), {"name": OWNER}).first()
    if not known:
        words = command("ckanapi", "action", "organization_create", "-c", configuration(), "-I", "/dev/stdin")
        subprocess.run(words, input=json.dumps(owner), text=True, check=True, capture_output=True, cwd=ROOT)
    with TemporaryDirectory() as folder:
        global PEER_FILE
        PEER_FILE = Path(folder) / "peer.jsonl"
        PEER_FILE.write_text("\n".join(json.dumps(each, ensure_ascii=False) for each in sample()) + "\n", "utf-8")
        STARTED["seconds"] = min(started() for _ in range(2))
        yield
    emptied()


def sample() -> Iterator[dict[str, Any]]:
    """Yield the first distinct records of the listing as ``package_create`` takes them, with everything we import."""
    import yaml

    from ckanext.cqgov.domain import exchange, mapping
    from ckanext.cqgov.domain.catalogue_vocabulary import Vocabulary
    from ckanext.cqgov.exchange.mappings import FILLABLE, FOLDER
    from ckanext.cqgov.rules import load, load_guide

    words = Vocabulary(load(), load_guide())
    found = mapping.parse(yaml.safe_load((FOLDER / "shanghai.yaml").read_text("utf-8")), FILLABLE)
    seen: set[str] = set()
    for number, row in enumerate(json.loads(gzip.decompress(LISTING.read_bytes())), 1):
        entry = mapping.apply(found, row, number, words.code)
        key = exchange.identity(entry.values, entry.provider).key
        if key not in seen and len(seen) < SAMPLE:
            seen.add(key)
            further = {"source_key": key, "owner_org": OWNER, "private": False, "provider_unit": entry.provider}
            yield {**entry.values, **further, "name": f"peer-{secrets.token_hex(8)}"}


def started() -> float:
    """Return how long ckanapi takes to start and load nothing."""
    return timed(command("ckanapi", "load", "datasets", "-c", configuration(), "-I", os.devnull, "-q"))


def ours() -> float:
    """Return our records per second over the whole listing, start-up included."""
    emptied()
    words = command("ckan", "-c", configuration(), "cqgov", "catalogue", "import", str(LISTING))
    taken = timed([*words, "--organization", OWNER, "--publish"])
    return counted() / taken


def ckanapi(processes: int) -> float:
    """Return ckanapi's records per second over the sample, start-up not included."""
    emptied()
    words = command("ckanapi", "load", "datasets", "-c", configuration(), "-I", str(PEER_FILE), "-q")
    taken = timed([*words, "-p", str(processes)]) - STARTED["seconds"]
    loaded = counted()
    if loaded != SAMPLE:
        raise RuntimeError(f"ckanapi loaded {loaded} of {SAMPLE} records")
    return loaded / taken


def counted() -> int:
    """Return how many datasets there are."""
    with database().connect() as connection:
        return connection.execute(sa.text("SELECT count(*) FROM package")).scalar_one()


def grown() -> float:
    """Import many made-up records; return the resident memory at the end in MB, and keep it at a tenth of the way."""
    emptied()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "many.json"
        many(path)
        words = command("ckan", "-c", configuration(), "cqgov", "catalogue", "import", str(path))
        began = time.perf_counter()
        process = psutil.Popen(
            [*words, "--organization", OWNER, "--mapping", "shanghai"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
        )
        early, late, peak = 0.0, 0.0, 0.0
        while process.poll() is None:
            rows, size = rows_read(), resident(process)
            peak = max(peak, size)
            if size and rows <= MANY * FIRST:
                early = max(early, size)
            elif size:
                late = size
            time.sleep(0.5)
        if process.returncode:
            raise RuntimeError(f"the import of {MANY} records ended with {process.returncode}")
        seconds = time.perf_counter() - began
    GROWTH.update(
        peer=early,
        records=MANY,
        peak_mb=round(peak, 1),
        growth_mb=round(late - early, 1),
        per_second=round(MANY / seconds),
    )
    return late


def resident(process: psutil.Process) -> float:
    """Return a process's resident memory in MB, 0 when it has just ended."""
    try:
        return process.memory_info().rss / 2**20
    except psutil.NoSuchProcess:
        return 0.0


def rows_read() -> int:
    """Return how far the import has come."""
    query = sa.text("SELECT coalesce(max((account->>'rows_read')::int), 0) FROM cqgov_import_run")
    with database().connect() as connection:
        return connection.execute(query).scalar_one()


def many(path: Path) -> None:
    """Write a listing of made-up records, each distinct, as long as the real ones."""
    rows = json.loads(gzip.decompress(LISTING.read_bytes()))
    with path.open("w", encoding="utf-8") as file:
        for number in range(MANY):
            row = {**rows[number % len(rows)]}
            row["数据集名称"] = f"{row['数据集名称']}（第{number}期）"
            file.write(("[" if number == 0 else ",\n") + json.dumps(row, ensure_ascii=False))
        file.write("]")


def growth() -> Mapping[str, Any]:
    """Return what else the memory row tells."""
    return {key: value for key, value in GROWTH.items() if key != "peer"}


PEER_FILE = Path()
ROWS = [
    Row(
        "import",
        "records/s",
        "higher",
        20,
        ours,
        {"ckanapi load -p 1": lambda: ckanapi(1), "ckanapi load -p 2": lambda: ckanapi(2)},
        rounds=int(os.environ.get("BENCH_ROUNDS", "3")),
        around=portal,
        said=lambda: {"sample": SAMPLE, "peer_start_up_s": round(STARTED["seconds"], 2)},
    ),
    Row(
        "import.memory",
        "MB",
        "lower",
        1.15,
        grown,
        {"ours at a tenth of the records": lambda: GROWTH["peer"]},
        rounds=1,
        around=portal,
        said=growth,
    ),
]
