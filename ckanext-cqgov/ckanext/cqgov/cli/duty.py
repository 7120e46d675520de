"""``ckan cqgov duty``."""

from __future__ import annotations

import click


@click.group("duty")
def group() -> None:
    """Duty."""
