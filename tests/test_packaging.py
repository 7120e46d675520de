"""The distribution installs elsewhere and lacks nothing: wheel and sdist are built, and the wheel is tried on its own.

The fresh environment sees the packages of this one (through links, so that CKAN's namespace hook runs as it does in a
real installation), but not this tree: what imports there comes from the wheel.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PLUGINS = ("cqgov", "sharing", "review")
SOURCES = ["setup.py", "pyproject.toml", "README.md", "LICENSE"]
OURS = "cqgov_suite"
PROBE = """
import importlib, importlib.metadata, json, sys
names = ["ckanext.%s%s" % (plugin, part) for plugin in ("cqgov", "sharing", "review") for part in ("", ".plugin")]
names += ["ckanext.datastore.plugin", "ckanext.activity.plugin", "ckanext.cqgov.cli", "ckanext.cqgov.logic.action"]
entries = {entry.name: entry.load().__name__ for entry in importlib.metadata.entry_points(group="ckan.plugins")
           if entry.dist.name == "cqgov-suite"}
print(json.dumps({"files": {name: importlib.import_module(name).__file__ for name in names}, "entries": entries}))
"""


def run(*command: str | Path, cwd: Path) -> str:
    """Run ``command``, fail with what it printed, return its standard output."""
    done = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done.stdout


def package_files() -> set[str]:
    """Every file of the three packages as its path inside the wheel."""
    found = set()
    for plugin in PLUGINS:
        top = ROOT / f"ckanext-{plugin}"
        for path in (top / "ckanext").rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc":
                found.add(path.relative_to(top).as_posix())
    return found


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """Build from a copy of the tree: the sdist, then the wheel out of that sdist."""
    folder = tmp_path_factory.mktemp("distribution")
    tree = folder / "tree"
    tree.mkdir()
    for name in SOURCES:
        shutil.copy(ROOT / name, tree / name)
    for plugin in PLUGINS:
        name = f"ckanext-{plugin}"
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder / "dist", tree, cwd=folder)
    return folder / "dist"


@pytest.fixture(scope="module")
def wheel(built) -> Path:
    return next(built.glob("*.whl"))


@pytest.fixture(scope="module")
def wheel_files(wheel) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if not name.endswith("/")}


def test_no_namespace_package_has_an_init_file():
    """With one, ``PYTHONPATH`` would find our folder alone and hide CKAN's own extensions."""
    assert not list(ROOT.glob("ckanext-*/ckanext/__init__.py"))


def test_the_wheel_holds_every_file_of_the_three_packages(wheel_files):
    assert sorted(package_files() - wheel_files) == []


def test_the_wheel_holds_nothing_but_the_three_packages(wheel_files):
    extra = {name for name in wheel_files - package_files() if not name.startswith(f"{OURS}-")}
    assert sorted(extra) == []


@pytest.mark.parametrize(
    "pattern",
    [
        r"ckanext/cqgov/config_declaration\.yaml",
        *(rf"ckanext/{plugin}/i18n/zh_Hans_CN/LC_MESSAGES/ckanext-{plugin}\.(mo|po)" for plugin in PLUGINS),
        *(rf"ckanext/{plugin}/i18n/ckanext-{plugin}\.pot" for plugin in PLUGINS),
        r"ckanext/cqgov/migration/cqgov/alembic\.ini",
        r"ckanext/cqgov/migration/cqgov/versions/\d+_\w+\.py",
        r"ckanext/cqgov/rules/decree-320\.yaml",
        r"ckanext/cqgov/data/.+",
        r"ckanext/cqgov/templates/.+\.html",
        r"ckanext/cqgov/assets/.+\.css",
        r"ckanext/cqgov/public/.+",
    ],
)
def test_each_kind_of_data_file_is_there(wheel_files, pattern):
    """Guards the test above: a folder that is renamed or emptied must not make it pass."""
    assert any(re.fullmatch(pattern, name) for name in wheel_files)


def test_the_wheel_holds_no_tests(wheel_files):
    assert [name for name in wheel_files if "tests" in Path(name).parts or Path(name).name.startswith("test_")] == []


def test_the_sdist_holds_the_licence_and_the_readme(built):
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        names = {name.split("/", 1)[1] for name in archive.getnames() if "/" in name}
    assert {"LICENSE", "README.md", "pyproject.toml", "setup.py"} <= names


def test_the_metadata_names_the_licence(wheel):
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        assert "AGPL-3.0-or-later" in archive.read(name).decode()


@pytest.fixture(scope="module")
def elsewhere(wheel, tmp_path_factory) -> Path:
    """Install the wheel in a fresh virtual environment; return its Python."""
    folder = tmp_path_factory.mktemp("elsewhere")
    run(sys.executable, "-m", "venv", "--without-pip", folder / "venv", cwd=folder)
    python = folder / "venv" / "bin" / "python"
    target = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip())
    link_packages(Path(sysconfig.get_path("purelib")), target)
    run(sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-deps", "--no-index", wheel, cwd=folder)
    return python


def link_packages(here: Path, there: Path) -> None:
    """Show the packages installed in ``here`` to the environment of ``there``, all but our own."""
    own = ("__editable__", OURS)
    (there / "ckanext").mkdir()
    for path in here.iterdir():
        if path.name != "ckanext" and not path.name.startswith(own) and not (there / path.name).exists():
            (there / path.name).symlink_to(path)
    for path in (here / "ckanext").iterdir():
        if path.name not in (*PLUGINS, "__pycache__"):
            (there / "ckanext" / path.name).symlink_to(path)


def test_the_installed_wheel_imports_beside_ckans_own_extensions(elsewhere, tmp_path):
    seen = json.loads(run(elsewhere, "-c", PROBE, cwd=tmp_path).splitlines()[-1])
    environment = str(elsewhere.parents[1])
    assert seen["entries"] == {name: f"{name.capitalize()}Plugin" for name in PLUGINS}
    assert [path for path in seen["files"].values() if not path.startswith(environment)] == []
