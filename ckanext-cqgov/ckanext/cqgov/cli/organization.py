"""``ckan cqgov organization``."""

from __future__ import annotations

import click


@click.group("organization")
def group() -> None:
    """Organization."""
