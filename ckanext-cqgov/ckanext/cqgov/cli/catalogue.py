"""``ckan cqgov catalogue``: import, export, template, runs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from ckanext.cqgov.domain.exchange import Outcome

REJECTED_ROWS = 3  # exit code: finished, but rows were rejected
NOT_FINISHED = 1
STEPS = 1000  # of the progress bar: how far the file has been read, for nobody knows how many rows it holds


def _writable(_context, _parameter, path: Path | None) -> Path | None:
    """Refuse a rejects file that can't be written before anything is imported."""
    if path and (path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK)):
        raise click.BadParameter(f"无法写入 / cannot be written: {path}")
    return path


@click.group("catalogue")
def group() -> None:
    """目录的导入、导出与模板 / import, export and template of the catalogue."""


@group.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--mapping", help="对照文件的名称或路径；不给则自动识别 / name or path of a mapping; recognised when left out"
)
@click.option("--organization", help="全部归入该机构 / put everything under this organisation")
@click.option("--dry-run", is_flag=True, help="只检查，不写入 / check only, write nothing")
@click.option(
    "--publish/--draft", default=None, help="可公开的即公开；或作为草稿 / make public what may be; or as drafts"
)
@click.option(
    "--rejects",
    type=click.Path(path_type=Path),
    callback=_writable,
    help="把退回的行写入该 CSV / write rejected rows to this CSV",
)
@click.option("--user", help="以该用户的身份导入 / import as this user")
@click.option("--batch", default=500, show_default=True, type=click.IntRange(1, 5000), hidden=True)
def import_(file, mapping, organization, dry_run, publish, rejects, user, batch) -> None:
    """导入目录文件（.xlsx、.csv、.json，可用 .gz）/ import a catalogue file.

    Interrupted imports go on where they stopped when the same command is run again. Exit code 0: done; 3: done, but
    rows were rejected; 1: not done.
    """
    from ckanext.cqgov.exchange import operation, report
    from ckanext.cqgov.exchange.unreadable import Unreadable

    try:
        order = operation.Order(
            file,
            operation.actor_named(user),
            operation.Wishes(operation.organization_named(organization), publish is True, publish is False),
            mapping,
            dry=dry_run,
            kept=not dry_run,
            batch=batch,
        )
        with operation.prepared(order) as (run, source, resumed):
            click.echo(f"{source.title}（{source.layout}） {source.encoding}")
            if resumed:
                rows = run.account.rows_read
                click.echo(f"从第 {rows} 行之后继续 / going on after row {rows}")
            with click.progressbar(length=STEPS, label="导入 / importing", file=sys.stderr) as bar:

                def progress(_rows: int) -> None:
                    bar.update(int(source.done() * STEPS) - bar.pos)

                operation.carry_out(order, run, source, progress)
                bar.update(STEPS - bar.pos)
            findings = run.findings.as_dict()
            for line in report.lines(run.account, findings):
                click.echo(line)
            if rejects:
                with rejects.open("w", encoding="utf-8-sig", newline="") as out:
                    count = report.write_rejects(out, run.rejects())
                click.echo(f"{rejects}：{count} 行 / lines: {count}")
            if run.id:
                click.echo(f"run: {run.id}")
            rejected = run.account.rows[Outcome.REJECTED.value]
    except Unreadable as error:
        _stop(error)
    if rejected:
        raise SystemExit(REJECTED_ROWS)


@group.command("export")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--organization", help="只导出该机构 / this organisation only")
@click.option("--user", help="以该用户的身份导出 / export what this user may see")
def export(file, organization, user) -> None:
    """以国家目录模板导出（.xlsx）/ export in the national template."""
    from ckanext.cqgov.exchange import exporting, operation
    from ckanext.cqgov.exchange.unreadable import Unreadable

    try:
        owner = operation.organization_named(organization)
        actor = operation.actor_named(user)
        count = exporting.export(file, owner, actor)
    except Unreadable as error:
        _stop(error)
    click.echo(f"{file}：{count} 条 / records: {count}")


@group.command("template")
@click.argument("file", type=click.Path(path_type=Path))
def template(file) -> None:
    """写出空白的国家目录模板（.xlsx）/ write the empty national template."""
    from ckanext.cqgov.exchange import workbook
    from ckanext.cqgov.exchange.unreadable import Unreadable

    try:
        with workbook.saved_elsewhere(file) as part:
            workbook.write_template(part)
    except Unreadable as error:
        _stop(error)
    click.echo(str(file))


@group.command("runs")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
def runs(limit) -> None:
    """列出最近的导入 / list the latest imports."""
    from ckanext.cqgov.exchange import runs

    for run in runs.latest(limit):
        account = run.account.get("rows") or {}
        told = " ".join(f"{key}={account.get(key, 0)}" for key in (outcome.value for outcome in Outcome))
        dry = " dry-run" if run.dry_run else ""
        click.echo(f"{run.started_at:%Y-%m-%d %H:%M} {run.id} {run.state}{dry} {run.file_name} {told}")


def _let(action: str, name: str, user: str | None) -> None:
    """Release or retract an entry and say how it stands."""
    from ckanext.cqgov.cli import operator

    done = operator.act(action, {"id": name}, {"user": user, "ignore_auth": False} if user else None)
    click.echo(f"{done['name']} {done['state'] or '-'} {done['released_at'] or '-'}")


@group.command("release")
@click.argument("name")
@click.option("--user", help="以该用户的身份办理 / act as this user")
def release(name, user) -> None:
    """将不予开放的条目纳入部门共享 / let a closed entry into the sharing catalogue for departments (Art. 16)."""
    _let("cqgov_dataset_release", name, user)


@group.command("retract")
@click.argument("name")
@click.option("--user", help="以该用户的身份办理 / act as this user")
def retract(name, user) -> None:
    """将条目移出部门共享 / take an entry back out of the sharing catalogue."""
    _let("cqgov_dataset_retract", name, user)


def _stop(error) -> None:
    click.echo(f"{error.wrong}", err=True)
    click.echo(f"{error.fix}", err=True)
    raise SystemExit(NOT_FINISHED)
