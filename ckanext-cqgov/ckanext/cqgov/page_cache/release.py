"""What the process itself puts into a page: code, templates, texts and configuration."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ckan
import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.logic.schema import update_configuration_schema

SUFFIXES = frozenset({".css", ".html", ".js", ".json", ".mo", ".po", ".py", ".svg", ".txt", ".yaml", ".yml"})
PLAIN = (str, int, float, bool, type(None))


def fingerprint() -> str:
    """Return a digest of CKAN's version, the files of the running plugins, and the configuration.

    Settings that the admin page changes while the portal runs are in the database, and count there.
    """
    digest = hashlib.sha256(repr((ckan.__version__, sorted(_settings()))).encode())
    for path in sorted(set(_files())):
        digest.update(repr(path.name).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _settings() -> Iterator[tuple[str, str]]:
    editable = update_configuration_schema()
    for name, value in tk.config.items():
        if name not in editable and "secret" not in name.lower() and _is_plain(value):
            yield name, repr(value)


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(isinstance(one, PLAIN) for one in value)
    return isinstance(value, PLAIN)


def _files() -> Iterator[Path]:
    folders = [Path(inspect.getfile(type(p.get_plugin(name)))).parent for name in tk.config["ckan.plugins"]]
    extra = [tk.config.get(name) or "" for name in ("extra_template_paths", "extra_public_paths")]
    folders += [Path(folder.strip()) for paths in extra for folder in paths.split(",") if folder.strip()]
    for folder in folders:
        yield from (path for path in folder.rglob("*") if path.suffix in SUFFIXES and path.is_file())
