"""``ckan cqgov catalogue``."""

from __future__ import annotations

import click


@click.group("catalogue")
def group() -> None:
    """Catalogue."""
