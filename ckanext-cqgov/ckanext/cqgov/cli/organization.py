"""``ckan cqgov organization``: import and list the organisations."""

from __future__ import annotations

import csv
from pathlib import Path

import ckan.plugins.toolkit as tk
import click

from ckanext.cqgov import roster_file
from ckanext.cqgov.cli import operator


@click.group("organization")
def group() -> None:
    """机构 / organisations."""


@group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="只显示会怎样 / only say what would happen.")
@click.option(
    "--rejects",
    type=click.Path(dir_okay=False, path_type=Path),
    help="把未导入的行写成 CSV / write what was not taken as CSV.",
)
def import_(file: Path, dry_run: bool, rejects: Path | None) -> None:
    """导入机构清单（YAML 或 CSV），可重复执行 / import organisations (YAML or CSV); running it again changes nothing."""
    try:
        rows = roster_file.read(file)
    except roster_file.UnreadableRoster as error:
        raise click.ClickException(f"{file}: {error.text}") from error
    report = tk.get_action("cqgov_organization_import")(operator.context(), {"organizations": rows, "dry_run": dry_run})
    for one in report["rejected"]:
        where = f"{file}:{one['row']} {one['column']} “{one['value']}”"
        click.echo(f"{where}\n    {one['problem']}\n    → {one['remedy']}", err=True)
    for column in report["unknown_columns"]:
        click.echo(f"{file}: 不认识的列，未读 / unknown column, not read: {column}", err=True)
    if rejects is not None:
        _write_rejects(rejects, report["rejected"])
    click.echo(
        f"{'试运行，未写入 / dry run, nothing written. ' if dry_run else ''}"
        f"新建 created {report['created']}  更新 updated {report['updated']}  "
        f"未变 unchanged {report['unchanged']}  未导入 rejected {len(report['rejected'])}"
    )
    if report["rejected"]:
        raise click.exceptions.Exit(1)


def _write_rejects(path: Path, rejected: list[dict[str, object]]) -> None:
    """Write one line per reject; with a BOM, so that spreadsheets read the Chinese."""
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.DictWriter(out, ["row", "column", "value", "problem", "remedy"])
        writer.writeheader()
        writer.writerows(rejected)


@group.command("list")
@click.option("--query", "-q", default="", help="名称、简称或代码的一部分 / part of a name or code.")
def list_(query: str) -> None:
    """列出机构树 / list the tree."""

    def show(nodes: list[dict[str, object]], depth: int) -> None:
        for node in nodes:
            ended = f"  至 until {node['valid_to']}" if node["ended"] else ""
            heir = f" → {node['successor']['title']}" if node["successor"] else ""
            click.echo(
                f"{'  ' * depth}{node['title']}  [{node['name']}]  {node['uscc'] or '-'}  "
                f"{node['kind'] or '-'}  {node['total_dataset_count']}{ended}{heir}"
            )
            show(node["children"], depth + 1)

    show(tk.get_action("cqgov_organization_tree")(operator.context(), {"q": query}), 0)
