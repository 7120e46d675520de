"""The documentation names everything that other programs and people rely on, and builds without a broken link."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"


@cache
def reference():
    spec = importlib.util.spec_from_file_location("reference", ROOT / "scripts" / "reference.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def text() -> str:
    return "\n".join(path.read_text("utf-8") for path in sorted(DOCS.rglob("*.md")))


def test_every_action_is_documented():
    names = reference().actions()
    assert names
    assert [name for name in names if f"`{name}`" not in text()] == []


def test_every_action_has_an_auth_function_of_its_name():
    assert set(reference().actions()) - set(reference().auth_functions()) == set()


def test_every_configuration_key_is_documented():
    keys = [option["key"] for option in reference().config_options()]
    assert keys
    assert [key for key in keys if f"`{key}`" not in text()] == []


def test_every_command_is_documented():
    names = reference().commands()
    assert names
    assert [name for name in names if f"`{name}`" not in text()] == []


def test_every_command_that_the_pages_name_exists():
    """A command or an option that was renamed must not live on in the documentation."""
    spoken = re.findall(
        r"\bckan(?: -c \S+)? (cqgov(?:[ =]+[\w./<>-]+)*)", text() + (ROOT / "README.md").read_text("utf-8")
    )
    assert spoken
    assert sorted({line for line in spoken if reference().unknown_in(line)}) == []


@pytest.mark.parametrize(
    ("line", "unknown"),
    [
        ("cqgov search terms", ""),
        ("cqgov search terms import FILE --dry-run", ""),
        ("cqgov search words import FILE", "words"),
        ("cqgov search terms import FILE --try-out", "--try-out"),
    ],
)
def test_a_command_that_does_not_exist_is_noticed(line, unknown):
    assert reference().unknown_in(line) == unknown


def test_the_generated_parts_are_in_step_with_the_code():
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "reference.py"), "--check"], capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode == 0, f"run scripts/reference.py\n{done.stdout}{done.stderr}"


def test_every_field_of_an_entry_is_in_the_glossary_or_the_catalogue_page():
    from ckanext.cqgov.domain.catalogue_fields import FIELDS

    page = (DOCS / "catalogue.md").read_text("utf-8")
    assert [key for key in FIELDS if f"`{key}`" not in page] == []


@pytest.mark.parametrize("section", ["sharing_types", "opening_types", "duties", "clocks", "base_kinds", "violations"])
def test_every_value_of_the_rules_is_on_a_page(section):
    from ckanext.cqgov import rules

    book = rules.load()
    assert [code for code, entry in book.section(section).items() if f"| `{code}` | {entry.zh} |" not in text()] == []


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_every_file_that_a_page_of_the_repository_links_to_exists(page):
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", (ROOT / page).read_text("utf-8"))
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_site_builds_strictly_and_fetches_nothing(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    fetched = re.compile(r"""<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)=["'](?:https?:)?//[^"']+""")
    pages = list((tmp_path / "site").rglob("*.html"))
    assert pages
    assert [(page.name, found) for page in pages for found in fetched.findall(page.read_text("utf-8"))] == []
