"""``ckan cqgov data``: the tables that holders of grants query."""

from __future__ import annotations

import csv
import io

import ckan.model as model
import click

from ckanext.cqgov.catalogue import granted_tables
from ckanext.cqgov.cli import operator
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


@group.command("search")
@click.argument("resource")
@click.option("--user", required=True, help="以该用户的身份查询 / query as this user.")
@click.option("--q", help="查找的文字 / text to find.")
@click.option("--sort", help="如 “泊位数 desc” / such as “number desc”.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 32_000))
@click.option("--offset", default=0, show_default=True, type=click.IntRange(0, 10**9))
def search(resource: str, user: str, q: str | None, sort: str | None, limit: int, offset: int) -> None:
    """查询授权的数据，输出 CSV / print what USER may see of the table of RESOURCE (its id), as CSV; recorded like any query."""
    if model.User.get(user) is None:
        raise click.ClickException(f"没有这个用户 / no such user: {user}")
    asked = {"resource_id": resource, "q": q, "sort": sort, "limit": limit, "offset": offset, "records_format": "csv"}
    found = operator.act("cqgov_data_search", asked, {"user": user, "ignore_auth": False})
    header = io.StringIO()
    csv.writer(header, lineterminator="\n").writerow(each["id"] for each in found["fields"])
    click.echo(header.getvalue() + found["records"], nl=False)
