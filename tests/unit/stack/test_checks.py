"""``make test``: nothing may be left out unseen."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from stack import checks
from stack.places import Places, here

REPORT = '<testsuites><testsuite tests="{}" failures="{}" errors="{}" skipped="{}"/></testsuites>'
TESTS = checks.Part("unit", ("pytest",), report=True)


def reported(tmp_path, *numbers):
    file = tmp_path / "unit.xml"
    file.write_text(REPORT.format(*numbers))
    return file


@pytest.mark.parametrize(
    ("code", "numbers", "problem"),
    [
        (0, (9, 0, 0, 0), ""),
        (0, (9, 0, 0, 1), "1 skipped"),
        (0, (0, 0, 0, 0), "no tests ran"),
        (1, (9, 1, 0, 0), "exit code 1"),
    ],
)
def test_a_run_passes_when_it_ran_tests_and_skipped_none(tmp_path, code, numbers, problem):
    assert checks.verdict(TESTS, code, reported(tmp_path, *numbers)) == problem


def test_a_run_without_a_report_does_not_pass(tmp_path):
    assert checks.verdict(TESTS, 0, tmp_path / "missing.xml") == "no tests ran"


def test_the_last_line_sums_all_runs():
    numbers = [
        {"tests": 9, "failures": 0, "errors": 0, "skipped": 0},
        {},
        {"tests": 3, "failures": 1, "errors": 1, "skipped": 0},
    ]
    assert checks.summary(numbers[:2], 2) == "===== 9 passed in 2s ====="
    assert checks.summary(numbers, 61) == "===== 1 failed, 10 passed, 1 errors in 61s ====="


def test_every_kind_of_check_has_a_part():
    names = [part.name for part in checks.parts(here())]
    assert names == [
        "ruff check",
        "ruff format",
        "import laws",
        "generated pages",
        "translations",
        "docs",
        "integration",
        "unit",
        "integration-second",
        "e2e",
        "packaging",
    ]


def test_every_integration_test_runs_in_one_lane_and_in_one_only():
    by_name = {part.name: part for part in checks.parts(here())}
    first, second = by_name["integration"], by_name["integration-second"]
    left_out = {word.removeprefix("--ignore=") for word in first.command if word.startswith("--ignore=")}
    assert "tests/integration" in first.command
    assert left_out == {word for word in second.command if word.startswith("tests/")}
    assert all((here().root / folder).is_dir() for folder in left_out)
    assert first.lane and second.lane and first.lane != second.lane


def part(name, lane=0):
    return checks.Part(name, ("pytest",), lane=lane)


def test_lanes_run_side_by_side_and_all_else_alone_and_in_order():
    todo = [part("lint"), part("a", 1), part("b", 2), part("c", 2), part("e2e"), part("end")]
    names = [[[one.name for one in lane] for lane in lanes] for lanes in checks.rounds(todo, (1, 2))]
    assert names == [[["lint"]], [["a"], ["b", "c"]], [["e2e"]], [["end"]]]


def test_with_one_set_of_services_nothing_runs_side_by_side():
    todo = [part("lint"), part("a", 1), part("b", 2), part("end")]
    found = list(checks.rounds(todo, (1,)))
    assert [[[(one.name, one.lane) for one in lane] for lane in lanes] for lanes in found] == [
        [[("lint", 0)]],
        [[("a", 0)]],
        [[("b", 0)]],
        [[("end", 0)]],
    ]


def test_lanes_that_run_beside_each_other_have_folders_for_temporary_files_of_their_own(tmp_path):
    services = SimpleNamespace(environment=dict)
    machine = SimpleNamespace(services=lambda lane: services)
    first, second = (checks.environment(Places(tmp_path), machine, lane).get("TMPDIR") for lane in (1, 2))
    assert second and second != first
    assert Path(second).is_dir()
