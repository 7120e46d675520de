"""The divisions that ship with the package, read once: the file changes only with a release."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from ckanext.cqgov.domain.divisions import Divisions, parse


@lru_cache(maxsize=1)
def current() -> Divisions:
    """Return the divisions of Chongqing with their history."""
    text = files("ckanext.cqgov").joinpath("data", "divisions", "chongqing.csv").read_text(encoding="utf-8")
    return parse(text.splitlines())
