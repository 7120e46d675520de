"""``ckan cqgov calendar``."""

from __future__ import annotations

import click


@click.group("calendar")
def group() -> None:
    """Calendar."""
