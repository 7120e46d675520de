"""``ckan cqgov …``: one group per noun."""

from __future__ import annotations

import click

from ckanext.cqgov.cli import calendar, catalogue, demo, duty, ledger, organization, page_cache, search, upkeep


@click.group()
def cqgov() -> None:
    """目录、日历、机构与岗位 / catalogue, calendar, organisations and duties."""


for module in (calendar, catalogue, demo, duty, ledger, organization, page_cache, search):
    cqgov.add_command(module.group)
cqgov.add_command(upkeep.command)

__all__ = ["cqgov"]
