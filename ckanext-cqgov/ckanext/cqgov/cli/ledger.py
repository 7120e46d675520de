"""``ckan cqgov ledger``."""

from __future__ import annotations

import click


@click.group("ledger")
def group() -> None:
    """Ledger."""
