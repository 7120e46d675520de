"""Steps of a set-up: shown with their time, remembered by a fingerprint of what they were made from."""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

TOTAL = 9


def fingerprint(parts: Iterable) -> str:
    """Return a fingerprint of texts and files.

    :param parts: strings, and paths whose contents count (a missing file counts as empty; a folder as all files in it).
    """
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, Path):
            files = sorted(p for p in part.rglob("*") if p.is_file()) if part.is_dir() else [part]
            for file in files:
                digest.update(file.name.encode() + b"\0" + (file.read_bytes() if file.exists() else b"") + b"\0")
        else:
            digest.update(str(part).encode() + b"\0")
    return digest.hexdigest()


class Stamps:
    """Remembers which steps are done, one small file each.

    A step's stamp is removed before the step runs and written after it, so a run that was cut short repeats the step.

    :param folder: where the files lie.
    """

    def __init__(self, folder: Path):
        self.folder = folder

    def done(self, name: str, mark: str) -> bool:
        """Say whether the step was finished from just these inputs."""
        path = self.folder / name
        return path.exists() and path.read_text() == mark

    def once(self, name: str, mark: str, work: Callable[[], None]) -> bool:
        """Do the step unless it was finished from just these inputs; return whether it was done now."""
        if self.done(name, mark):
            return False
        path = self.folder / name
        path.unlink(missing_ok=True)
        work()
        self.folder.mkdir(parents=True, exist_ok=True)
        path.write_text(mark)
        return True


class step:
    """Context that prints ``[3/9] what … 4 s``.

    :param number: the step's number.
    :param what: what it does, in both languages.
    """

    def __init__(self, number: int, what: str):
        self.head = f"[{number}/{TOTAL}] {what} … "

    def __enter__(self):
        self.started = time.monotonic()
        print(self.head, end="", flush=True)

    def __exit__(self, kind, error, trace):
        print(f"{time.monotonic() - self.started:.0f} s" if kind is None else "✗", flush=True)
        sys.stdout.flush()
