"""``ckan cqgov demo``."""

from __future__ import annotations

import click


@click.group("demo")
def group() -> None:
    """Demo."""
