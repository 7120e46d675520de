"""The Python environment ``.venv``, made with pip from the lock. Runs before anything is installed."""

from __future__ import annotations

import os
import sys
import venv

from stack.lock import locked
from stack.places import Places, here
from stack.progress import Stamps, fingerprint, step
from stack.trouble import code_of, ran

DEVELOPMENT = ("test", "lint", "docs", "i18n", "bench", "lock")


def lock_file(places: Places, command: str) -> str:
    """Return the name of the lock that a command needs: with the tools of development, or without."""
    return "requirements-dev.txt" if command in DEVELOPMENT else "requirements.txt"


def mark(places: Places, lock: str) -> str:
    """Return the fingerprint of what the environment is made from."""
    inputs = (lock, "pyproject.toml", "setup.py")
    return fingerprint([sys.version, str(places.root), *(places.root / name for name in inputs)])


def build(places: Places, lock: str) -> None:
    """Make ``.venv``, or complete one that an earlier run left half made.

    :raises Trouble: when pip fails.
    """
    log, pip = places.log / "setup.log", [places.tool("python"), "-m", "pip"]
    if not os.access(places.tool("pip"), os.X_OK):
        venv.create(places.venv, clear=True, with_pip=True)
    zh = "Python 依赖安装失败：请检查网络与 pip 设置（pip.conf）后重试"
    en = "pip could not install the requirements: check the network and pip's settings (pip.conf), then run it again"
    ran([*pip, "install", "-q", "--disable-pip-version-check", "-r", places.root / lock], log, zh, en)
    ran([*pip, "install", "-q", "--disable-pip-version-check", "--no-deps", "-e", places.root], log, zh, en)


def make(places: Places, command: str) -> None:
    """Make the environment for a command where what it is made from has changed."""
    with locked(places), step(2, "Python 环境 Python environment"):
        stamps, lock = Stamps(places.var / "stamps"), lock_file(places, command)
        if lock == "requirements.txt" and stamps.done("environment-dev", mark(places, "requirements-dev.txt")):
            return  # the development environment holds everything that running needs
        stamps.once(
            "environment" if lock == "requirements.txt" else "environment-dev",
            mark(places, lock),
            lambda: build(places, lock),
        )


def main(command: str) -> int:
    """Make the environment for a command and return the exit code."""
    return code_of(lambda: make(here(), command))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
