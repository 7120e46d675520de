"""``ckan cqgov …``: one group per noun."""

from __future__ import annotations

import click

from ckanext.cqgov.cli import (
    calendar,
    catalogue,
    data,
    demo,
    duty,
    grant,
    ledger,
    organization,
    page_cache,
    reclassify,
    search,
    search_rebuild,
    search_suggest,
    upkeep,
    vault,
)


@click.group()
def cqgov() -> None:
    """目录、日历、机构与岗位 / catalogue, calendar, organisations and duties."""


for module in (
    calendar,
    catalogue,
    data,
    demo,
    duty,
    grant,
    ledger,
    organization,
    page_cache,
    reclassify,
    search,
    vault,
):
    cqgov.add_command(module.group)
cqgov.add_command(upkeep.command)
for command in (search_rebuild.rebuild, search_rebuild.status, search_suggest.suggest):
    search.group.add_command(command)
search_index = search_rebuild.search_index  # takes the place of CKAN's group of that name

__all__ = ["cqgov", "search_index"]
