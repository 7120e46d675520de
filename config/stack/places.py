"""Where everything lies in a checkout."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Places:
    """The folders and files of one checkout.

    :param root: the checkout.
    """

    root: Path

    @property
    def var(self) -> Path:
        """All that running leaves behind."""
        return self.root / "var"

    @property
    def log(self) -> Path:
        """Logs: one file per program, and ``setup.log``."""
        return self.var / "log"

    @property
    def venv(self) -> Path:
        """The Python environment."""
        return self.root / ".venv"

    @property
    def ini(self) -> Path:
        """The portal's configuration."""
        return self.var / "ckan.ini"

    @property
    def accounts(self) -> Path:
        """The demo accounts, written by the demo loader."""
        return self.var / "accounts.json"

    @property
    def solr(self) -> Path:
        """Solr's program (``program/``) and data (``data/``)."""
        return self.var / "solr"

    @property
    def key(self) -> str:
        """Eight characters that tell this checkout from others on the machine."""
        return hashlib.sha256(str(self.root).encode()).hexdigest()[:8]

    @property
    def away(self) -> Path:
        """Where PostgreSQL's data goes when root's checkout is closed to the user ``postgres``."""
        return Path("/var/lib/cqgov") / self.key

    def tool(self, name: str) -> str:
        """Return the path of a program of the Python environment."""
        return str(self.venv / "bin" / name)


def here() -> Places:
    """Return the places of the checkout that this file belongs to."""
    return Places(Path(__file__).resolve().parents[2])


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".part")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
    os.replace(draft, path)


def read_json(path: Path) -> dict:
    """Return a JSON file's object, or an empty one when the file is missing or was cut short."""
    try:
        return json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
