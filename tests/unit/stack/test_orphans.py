"""Programs that outlived their supervisor are found by their mark, and nothing else is touched."""

from __future__ import annotations

import os
import subprocess
import sys

from stack import orphans
from stack.places import Places

WAITING = [sys.executable, "-c", "import signal; print('up', flush=True); signal.pause()"]


def started(command, **env):
    process = subprocess.Popen(command, env={**os.environ, **env}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    process.stdout.readline()
    return process


def test_a_checkout_ends_its_own_programs_and_no_others(tmp_path):
    places = Places(tmp_path / "a")
    ours = started(WAITING, **{orphans.VARIABLE: str(places.root)})
    neighbour = started(WAITING, **{orphans.VARIABLE: str(tmp_path / "ab")})
    try:
        assert list(orphans.found(places)) == [ours.pid]
        assert orphans.end(places)
        assert ours.wait(10) != 0
        assert neighbour.poll() is None
        assert not orphans.end(places)
    finally:
        neighbour.kill()
        neighbour.wait()
