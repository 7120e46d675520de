"""Every check of the project, on databases, Solr core and Redis number of its own. Nothing may be left out.

The slow parts run side by side in lanes, each with services of its own, and tell what they found when they end.
"""

from __future__ import annotations

import os
import subprocess
import time
import xml.etree.ElementTree as xml
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from stack import settings
from stack.lock import locked
from stack.machine import Machine
from stack.places import Places
from stack.progress import step

LINTERS = ("ruff check", "ruff format", "import laws", "generated pages", "translations")
WITHOUT_CKAN = ("-p", "no:ckan", "-p", "no:ckan_fixtures")
SECOND_LANE = ("tests/integration/cqgov/dataset", "tests/integration/fuzz", "tests/integration/stack")
"""What the second lane runs of the integration tests; the first runs all others. About half of the time each."""


@dataclass(frozen=True)
class Part:
    """A part of the checks.

    :param name: what is printed.
    :param command: program of the Python environment, and arguments.
    :param report: whether it is a pytest run that leaves a JUnit report.
    :param lane: parts of different lanes run side by side; 0: nothing runs beside it.
    """

    name: str
    command: tuple[str, ...]
    report: bool = False
    lane: int = 0


def parts(places: Places, chosen: list[str] | None = None) -> list[Part]:
    """Return the parts in the order in which they run: the quick ones first.

    :param chosen: files of tests; then they are the only part.
    """

    def tests(name: str, *words: str, lane: int = 0) -> Part:
        report = f"--junit-xml={places.var / 'test' / name}.xml"
        return Part(name, ("pytest", "-q", "--no-skips", report, *words), report=True, lane=lane)

    if chosen:
        bare = WITHOUT_CKAN if chosen[0].startswith("tests/unit") else ()
        return [tests("chosen", *bare, *chosen)]
    single = sorted(str(path.relative_to(places.root)) for path in (places.root / "tests").glob("test_*.py"))
    return [
        Part("ruff check", ("ruff", "check", ".")),
        Part("ruff format", ("ruff", "format", "--check", ".")),
        Part("import laws", ("lint-imports", "--no-logo")),
        Part("generated pages", ("python", "scripts/reference.py", "--check")),
        Part("translations", ("python", "scripts/translations.py", "check")),
        Part("docs", ("mkdocs", "build", "-q", "--strict")),
        tests("integration", "tests/integration", *(f"--ignore={folder}" for folder in SECOND_LANE), lane=1),
        tests("unit", *WITHOUT_CKAN, "tests/unit", lane=2),
        tests("integration-second", *SECOND_LANE, lane=2),
        tests("e2e", "tests/e2e"),
        tests("packaging", *WITHOUT_CKAN, *single),
    ]


def counts(report: Path) -> dict[str, int]:
    """Return the numbers of a JUnit report: tests, failures, errors, skipped; nothing when there is no report."""
    try:
        suites = list(xml.parse(report).getroot().iter("testsuite"))
    except (FileNotFoundError, xml.ParseError):
        return {}
    return {key: sum(int(suite.get(key, 0)) for suite in suites) for key in ("tests", "failures", "errors", "skipped")}


def verdict(part: Part, code: int, report: Path) -> str:
    """Return what is wrong with a part, or an empty text.

    A run of tests passes when pytest says so, ran at least one test and skipped none.
    """
    if code:
        return f"exit code {code}"
    if not part.report:
        return ""
    found = counts(report)
    if not found.get("tests"):
        return "no tests ran"
    return f"{found['skipped']} skipped" if found["skipped"] else ""


def summary(found: list[dict[str, int]], seconds: float) -> str:
    """Return one line with the numbers of all test runs, in pytest's form."""
    total = {key: sum(one.get(key, 0) for one in found) for key in ("tests", "failures", "errors", "skipped")}
    bad = total["failures"] + total["errors"]
    words = [f"{total['failures']} failed"] if total["failures"] else []
    words += [f"{total['tests'] - bad - total['skipped']} passed"]
    words += [f"{total[key]} {key}" for key in ("skipped", "errors") if total[key]]
    return f"===== {', '.join(words)} in {seconds:.0f}s ====="


def services_up(places: Places) -> tuple[Machine, bool]:
    """Bring the services up for the tests; return the machine and whether nothing of it ran before."""
    with locked(places):
        machine = Machine(places, os.environ)
        fresh = not machine.states
        with step(3, "检查 Checks"):
            machine.require_java()
        with step(4, "Solr 程序 Solr from Maven"):
            machine.fetch_solr()
        with step(5, "数据目录与配置 Data folders and configuration"):
            machine.prepare()
            if not places.ini.exists():
                settings.write(places, machine.services(), machine.keys, machine.address)
        with step(6, "PostgreSQL, Redis, Solr"):
            machine.start_services(test=True)
    return machine, fresh


def environment(places: Places, machine: Machine, lane: int = 1) -> dict[str, str]:
    """Return the variables under which tests and measurements run: configuration, and a lane's own services."""
    env = {**os.environ, **machine.services(lane=lane).environment()}
    env["CKAN_INI"] = str(places.root / "config" / "test.ini")
    env["PATH"] = f"{places.venv / 'bin'}:{env['PATH']}"
    env.pop("PYTHONPATH", None)
    if (
        lane > 1
    ):  # CKAN keeps the styles that it puts together in a folder for temporary files, and two that write there trip
        folder = places.var / "test" / f"tmp{lane}"
        folder.mkdir(parents=True, exist_ok=True)
        env["TMPDIR"] = str(folder)
    return env


@contextmanager
def services_for_tests(places: Places) -> Iterator[Machine]:
    """Give the tests their services; stop afterwards what did not run before, unless a portal was started meanwhile."""
    machine, fresh = services_up(places)
    try:
        yield machine
    finally:
        if fresh and machine.supervisor.states().get("web") not in ("RUNNING", "STARTING"):
            machine.supervisor.shutdown()


def carried_out(places: Places, part: Part, env: Mapping[str, str] | None = None) -> str:
    """Run a part with its output shown, at its end where others run beside it; return what is wrong, or an empty text."""
    report, log = (places.var / "test" / f"{part.name}.{kind}" for kind in ("xml", "log"))
    report.unlink(missing_ok=True)
    command = [places.tool(part.command[0]), *part.command[1:]]
    asked = {
        "cwd": places.root,
        "env": {**(env or os.environ), "NO_MKDOCS_2_WARNING": "1"},
        "stdin": subprocess.DEVNULL,
    }
    if not part.lane:
        print(f"\n──── {part.name}", flush=True)
        return verdict(part, subprocess.run(command, **asked).returncode, report)
    print(f"\n──── {part.name} … {log}", flush=True)
    with open(log, "wb") as out:
        code = subprocess.run(command, **asked, stdout=out, stderr=subprocess.STDOUT).returncode
    print(f"\n──── {part.name}\n{log.read_text(errors='replace')}", flush=True)
    return verdict(part, code, report)


def rounds(todo: Iterable[Part], lanes: Iterable[int]) -> Iterator[list[list[Part]]]:
    """Yield what runs after another: lists of lanes' parts, which run side by side.

    :param lanes: the lanes that there are; a part of another one runs alone.
    """
    known = set(lanes)
    alone = len(known) < 2
    placed = [replace(part, lane=0) if alone or part.lane not in known else part for part in todo]
    for beside, group in groupby(placed, key=lambda part: bool(part.lane)):
        found = list(group)
        if beside:
            yield [[part for part in found if part.lane == lane] for lane in sorted({part.lane for part in found})]
        else:
            yield from ([[part]] for part in found)


def all_carried_out(places: Places, todo: Iterable[Part], machine: Machine) -> dict[str, str]:
    """Run the parts, lanes side by side; return what is wrong, by the names of the parts."""

    def along(lane: list[Part]) -> dict[str, str]:
        return {part.name: carried_out(places, part, environment(places, machine, part.lane or 1)) for part in lane}

    found: dict[str, str] = {}
    for lanes in rounds(todo, machine.lanes()):
        with ThreadPoolExecutor(len(lanes)) as threads:
            for result in threads.map(along, lanes):
                found |= result
    return {name: problem for name, problem in found.items() if problem}


def told(failed: dict[str, str]) -> int:
    """Print what failed; return the exit code."""
    print()
    for name, problem in failed.items():
        print(f"✗ {name}: {problem}")
    return 1 if failed else 0


def run(places: Places) -> int:
    """Run every part, print what failed and a line with the numbers; return the exit code."""
    started = time.monotonic()
    (places.var / "test").mkdir(parents=True, exist_ok=True)
    with services_for_tests(places) as machine:
        todo = parts(places, os.environ.get("TESTS", "").split())
        failed = all_carried_out(places, todo, machine)
    code = told(failed)
    found = [counts(places.var / "test" / f"{part.name}.xml") for part in todo if part.report]
    print(summary(found, time.monotonic() - started))
    return code


def lint(places: Places) -> int:
    """Run the linters, the import laws and the checks of generated files; return the exit code."""
    chosen = [part for part in parts(places) if part.name in LINTERS]
    return told({part.name: problem for part in chosen if (problem := carried_out(places, part))})


def docs(places: Places) -> int:
    """Build the documentation into ``site``; return the exit code."""
    code = told(
        {part.name: wrong for part in parts(places) if part.name == "docs" and (wrong := carried_out(places, part))}
    )
    print(places.root / "site" / "index.html")
    return code


def i18n(places: Places) -> int:
    """Refresh the translation catalogues from the code; return the exit code."""
    return subprocess.run([places.tool("python"), "scripts/translations.py", "update"], cwd=places.root).returncode


def bench(places: Places) -> int:
    """Measure on the tests' own services, into ``var/bench.json``; ``ROWS`` chooses a part; return the exit code."""
    with services_for_tests(places) as machine:
        command = [places.tool("python"), "-m", "tests.bench"]
        return subprocess.run(command, cwd=places.root, env=environment(places, machine)).returncode
