"""``ckan cqgov search``: the words that the search knows."""

from __future__ import annotations

import click


@click.group("search")
def group() -> None:
    """检索 / search."""


@group.group("terms")
def terms() -> None:
    """同义词与名称 / synonyms and names."""
