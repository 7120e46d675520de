"""The bash part: what a newcomer reads when the disk is full or a package cannot be installed."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

BOOTSTRAP = Path(__file__).resolve().parents[3] / "config" / "stack" / "bootstrap"
ENOUGH = "echo 'Filesystem 1K Used Available Use% Mounted'; echo '/dev/x 9 9 90000000 1% /'"


@pytest.fixture
def checkout(tmp_path):
    """An otherwise empty checkout and a ``bin`` folder of fake programs that wins over the system's."""
    stack = tmp_path / "config" / "stack"
    stack.mkdir(parents=True)
    for name in ("bootstrap", "packages.txt"):
        (stack / name).write_bytes((BOOTSTRAP.parent / name).read_bytes())
    (tmp_path / "bin").mkdir()
    fake(tmp_path, "df", ENOUGH)
    return tmp_path


def fake(checkout, name, script):
    program = checkout / "bin" / name
    program.write_text(f"#!/bin/bash\n{script}\n")
    program.chmod(0o755)


def run(checkout):
    env = {"PATH": f"{checkout / 'bin'}:{os.environ['PATH']}", "HOME": str(checkout)}
    command = ["bash", str(checkout / "config" / "stack" / "bootstrap"), "run"]
    return subprocess.run(command, env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL)


def test_a_full_disk_is_said_with_the_room_it_needs(checkout):
    fake(checkout, "df", "echo head; echo '/dev/x 9 9 50000 99% /'")
    done = run(checkout)
    assert done.returncode == 1
    assert "磁盘空间不足" in done.stderr
    assert "48 MB left" in done.stderr and "2000 MB needed" in done.stderr


def test_missing_packages_without_sudo_give_the_line_for_root(checkout):
    fake(checkout, "dpkg-query", "exit 1")
    fake(checkout, "id", "echo 1000")
    fake(checkout, "sudo", "exit 1")
    done = run(checkout)
    assert done.returncode == 1
    assert "Ask root to run: apt-get update && apt-get install -y --no-install-recommends" in done.stderr
    assert "libpq-dev" in done.stderr and "chromium" not in done.stderr


def test_without_network_the_failing_packages_are_said(checkout):
    fake(checkout, "dpkg-query", "exit 1")
    fake(checkout, "id", "echo 0")
    fake(checkout, "apt-get", "echo 'E: Unable to fetch some archives' >&2; exit 100")
    done = run(checkout)
    assert done.returncode == 1
    assert "软件包安装失败" in done.stderr and "Unable to fetch" in done.stderr
    assert "Check network and apt sources" in done.stderr


def test_a_python_that_is_too_old_is_said(checkout):
    fake(checkout, "dpkg-query", "echo -n installed")
    fake(checkout, "python3", '[ "$1" = -V ] && echo Python 3.9.2; exit 1')
    done = run(checkout)
    assert done.returncode == 1
    assert "Python 3.9.2 is too old" in done.stderr
