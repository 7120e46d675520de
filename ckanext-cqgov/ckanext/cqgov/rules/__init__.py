"""The law as data: loads ``decree-320.yaml`` and ``compilation-guide.yaml``, or the files that the configuration names.

``current()`` and ``guide()`` are cheap enough to call anywhere: each process keeps what it read and looks at the file's
inode, time and size on every call, so all web and worker processes follow a changed file without talking to each other.
A file that stops holding while the portal runs is logged and the last good one stays in force; at start-up it stops the
start.
"""

from __future__ import annotations

import json
import logging
import os
from dataclasses import dataclass
from pathlib import Path

from ckanext.cqgov.domain.rulecheck import faults
from ckanext.cqgov.domain.rules import Codebook, Guide, Rules, build
from ckanext.cqgov.rules.document import Document, RulesError
from ckanext.cqgov.rules.shape import misshapen

__all__ = ["Guide", "Rules", "RulesError", "check", "current", "guide", "load", "marks"]

log = logging.getLogger(__name__)
FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Kind:
    """A kind of rules file: what it becomes, the schema of its shape, the shipped file and the configuration key."""

    book: type[Codebook]
    schema: str
    shipped: str
    key: str


RULES = Kind(Rules, "rules.schema.json", "decree-320.yaml", "ckanext.cqgov.rules.file")
GUIDE = Kind(Guide, "guide.schema.json", "compilation-guide.yaml", "ckanext.cqgov.rules.guide_file")
SHIPPED = {kind.key: FOLDER / kind.shipped for kind in (RULES, GUIDE)}  # a page asks a hundred times

_read: dict[Kind, tuple[tuple[str, int, int, int], Codebook]] = {}
_refused: dict[Kind, tuple[str, int, int, int]] = {}


def current() -> Rules:
    """Return the rules in force; raises ``RulesError`` when the process has never read a file that holds."""
    return _followed(RULES)


def guide() -> Guide:
    """Return the compilation guide's values in force; raises ``RulesError`` as ``current`` does."""
    return _followed(GUIDE)


def check() -> None:
    """Read both configured files anew; raises ``RulesError`` (every fault, with file and line). Called at start-up."""
    for kind in (RULES, GUIDE):
        path = _path(kind)
        _read[kind] = (_mark(path), _load(kind, path))


def marks() -> tuple[tuple[str, int, int, int], ...]:
    """Return what tells the present state of both configured files from any other; raises ``RulesError`` without them."""
    return tuple(_mark(_path(kind)) for kind in (RULES, GUIDE))


def load(path: str | Path | None = None) -> Rules:
    """Read the rules file at ``path`` (the shipped one by default) without any configuration or cache."""
    return _load(RULES, Path(path or FOLDER / RULES.shipped))


def load_guide(path: str | Path | None = None) -> Guide:
    """Read the guide file at ``path`` (the shipped one by default) without any configuration or cache."""
    return _load(GUIDE, Path(path or FOLDER / GUIDE.shipped))


def _load(kind: Kind, path: Path):
    document = Document.read(path)
    schema = json.loads((FOLDER / kind.schema).read_text("utf-8"))
    found = misshapen(document.tree, schema) or faults(kind.book, document.tree)
    if found:
        raise document.error(found)
    return build(kind.book, document.tree)


def _followed(kind: Kind):
    path = _path(kind)
    kept = _read.get(kind)
    try:
        mark = _mark(path)
        if kept and kept[0] == mark:
            return kept[1]
        if kept and _refused.get(kind) == mark:
            return kept[1]
        book = _load(kind, path)
    except RulesError as error:
        if not kept or kept[0][0] != str(path):  # nothing good was ever read from this file
            raise
        log.error("%s", error)
        try:
            _refused[kind] = _mark(path)
        except RulesError:
            _refused.pop(kind, None)
        return kept[1]
    _read[kind] = (mark, book)
    return book


def _path(kind: Kind) -> Path:
    """Return the configured path, else the shipped file's; CKAN is imported late: the rules load without it."""
    from ckan.common import config

    configured = config.get(kind.key)
    return Path(configured) if configured else SHIPPED[kind.key]


def _mark(path: Path) -> tuple[str, int, int, int]:
    """Return what tells one version of the file from another."""
    try:
        stat = os.stat(path)
    except OSError as error:
        raise Document.unreadable(path, error) from error
    return str(path), stat.st_ino, stat.st_mtime_ns, stat.st_size
