"""``ckan cqgov data``: the tables that holders of grants query."""

from __future__ import annotations

import ckan.model as model
import click

from ckanext.cqgov.catalogue import granted_tables
from ckanext.cqgov.model import granted_table


@click.group("data")
def group() -> None:
    """授权数据表 / tables that holders of grants query."""


@group.command("load")
@click.argument("dataset", required=False)
@click.option(
    "--again", is_flag=True, help="重新载入全部，包括已载入和曾失败的 / load all anew, also what failed before."
)
def load(dataset: str | None, again: bool) -> None:
    """载入尚缺的数据表，删除不应存在的 / load the tables that DATASET, or any, lacks; drop those that may not be there.

    Whatever was interrupted is found and done; running it twice does no harm.
    """
    package = model.Package.get(dataset) if dataset else None
    if dataset and package is None:
        raise click.ClickException(f"没有找到 / not found: {dataset}")
    key = package.id if package is not None else None
    changed = granted_tables.settle(key)
    if again:
        changed += sum(granted_tables.load(each) for each in granted_table.due(key, again=True))
    click.echo(f"已调整 changed {changed}")
    left = granted_table.due(key)
    for each in left:
        click.echo(f"未载入 not loaded: {each.resource_id} {each.name}", err=True)
    for resource_id, fault in granted_table.faults(key):
        click.echo(f"不是数据表 no table: {resource_id} {fault}", err=True)
    if left:
        raise click.ClickException("见日志 / see the log")
