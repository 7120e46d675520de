"""The portal as it runs in production (gunicorn, ``stack.wsgi``), on a free port, with the databases of the tests.

What the tests' configuration turns off for speed is on here: form tokens, kept pages, and files on disk instead of in memory.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 180
"""Seconds to wait for the first answer: starting CKAN takes about ten on an idle machine."""

CONFIGURATION = """\
[app:main]
use = config:{base}
WTF_CSRF_ENABLED = true
ckanext.cqgov.page_cache.enabled = true
ckan.site_url = {address}
ckan.files.storage.test.type = ckan:fs
ckan.files.storage.test.path = {files}
ckan.files.storage.test.initialize = true

[loggers]
keys = root
[handlers]
keys = console
[formatters]
keys = generic
[logger_root]
level = WARNING
handlers = console
[handler_console]
class = StreamHandler
args = (sys.stderr,)
formatter = generic
[formatter_generic]
format = %(levelname)s [%(name)s] %(message)s
"""


def free_port() -> int:
    """Return a port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """Run the portal while the block lasts; give its address. ``folder`` takes its files, configuration and log."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    ini, log = folder / "e2e.ini", folder / "server.log"
    base = os.environ.get("CKAN_INI", str(ROOT / "config" / "test.ini"))
    ini.write_text(CONFIGURATION.format(base=base, address=address, files=folder / "files"), encoding="utf-8")
    command = [sys.executable, "-m", "gunicorn", "stack.wsgi:application", f"--bind=127.0.0.1:{port}"]
    command += [
        "--workers=1",
        "--worker-class=gthread",
        "--threads=4",
        f"--timeout={PATIENCE}",
        "--limit-request-line=131072",
    ]
    env = {**os.environ, "CKAN_INI": str(ini), "PYTHONPATH": str(ROOT / "config"), "CKAN_SITE_URL": address}
    with log.open("w", encoding="utf-8") as out:
        server = subprocess.Popen(command, cwd=ROOT, env=env, stdout=out, stderr=subprocess.STDOUT)
    try:
        answered(server, address, log)
        yield address
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def answered(server: subprocess.Popen, address: str, log: Path) -> None:
    """Return when the portal has answered once; raise ``RuntimeError`` with its log when it ends or stays silent."""
    port = int(address.rpartition(":")[2])
    waited = 0.0
    while server.poll() is None and waited < PATIENCE:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break  # gunicorn listens before CKAN is loaded; the request below waits for its answer
        try:
            server.wait(0.2)
        except subprocess.TimeoutExpired:
            waited += 0.2
    try:
        with urllib.request.urlopen(f"{address}/api/3/action/status_show", timeout=PATIENCE) as answer:
            if answer.status == 200:
                return
    except OSError as problem:
        raise RuntimeError(f"the portal did not answer: {problem}\n{log.read_text('utf-8')[-4000:]}") from problem
