"""Every check of the project, on databases, Solr core and Redis number of its own. Nothing may be left out."""

from __future__ import annotations

import os
import subprocess
import time
import xml.etree.ElementTree as xml
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from stack import settings
from stack.lock import locked
from stack.machine import Machine
from stack.places import Places
from stack.progress import step

LINTERS = ("ruff check", "ruff format", "import laws", "generated pages", "translations")
WITHOUT_CKAN = ("-p", "no:ckan", "-p", "no:ckan_fixtures")


@dataclass(frozen=True)
class Part:
    """A part of the checks.

    :param name: what is printed.
    :param command: program of the Python environment, and arguments.
    :param report: whether it is a pytest run that leaves a JUnit report.
    """

    name: str
    command: tuple[str, ...]
    report: bool = False


def parts(places: Places, chosen: list[str] | None = None) -> list[Part]:
    """Return the parts in the order in which they run: the quick ones first.

    :param chosen: files of tests; then they are the only part.
    """

    def tests(name: str, *words: str) -> Part:
        report = f"--junit-xml={places.var / 'test' / name}.xml"
        return Part(name, ("pytest", "-q", "--no-skips", report, *words), report=True)

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
        tests("unit", *WITHOUT_CKAN, "tests/unit"),
        tests("integration", "tests/integration"),
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


def environment(places: Places, machine: Machine) -> dict[str, str]:
    """Return the variables under which tests and measurements run: the tests' own services and configuration."""
    env = {**os.environ, **machine.services(test=True).environment()}
    env["CKAN_INI"] = str(places.root / "config" / "test.ini")
    env["PATH"] = f"{places.venv / 'bin'}:{env['PATH']}"
    env.pop("PYTHONPATH", None)
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


def carried_out(places: Places, part: Part, env: dict[str, str] | None = None) -> str:
    """Run a part with its output shown; return what is wrong, or an empty text."""
    print(f"\n──── {part.name}", flush=True)
    report = places.var / "test" / f"{part.name}.xml"
    report.unlink(missing_ok=True)
    command = [places.tool(part.command[0]), *part.command[1:]]
    env = {**(env or os.environ), "NO_MKDOCS_2_WARNING": "1"}
    code = subprocess.run(command, cwd=places.root, env=env, stdin=subprocess.DEVNULL).returncode
    return verdict(part, code, report)


def told(failed: dict[str, str]) -> int:
    """Print what failed; return the exit code."""
    print()
    for name, problem in failed.items():
        print(f"✗ {name}: {problem}")
    return 1 if failed else 0


def run(places: Places) -> int:
    """Run every part, print what failed and a line with the numbers; return the exit code."""
    started, failed = time.monotonic(), {}
    (places.var / "test").mkdir(parents=True, exist_ok=True)
    with services_for_tests(places) as machine:
        env = environment(places, machine)
        todo = parts(places, os.environ.get("TESTS", "").split())
        for part in todo:
            if problem := carried_out(places, part, env):
                failed[part.name] = problem
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
