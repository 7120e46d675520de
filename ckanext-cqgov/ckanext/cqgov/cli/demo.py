"""``ckan cqgov demo``: the demo city of the portal."""

from __future__ import annotations

from pathlib import Path

import ckan.plugins.toolkit as tk
import click


@click.group("demo")
def group() -> None:
    """演示城市 / the demo city."""


@group.command("load")
@click.option(
    "--accounts",
    type=click.Path(dir_okay=False, path_type=Path),
    help="账号文件的位置，默认与配置文件同一文件夹 / where the accounts are written; default: beside the configuration",
)
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    help="只载入样例目录的前若干条 / only so many records of the sample catalogue",
)
def load(accounts: Path | None, limit: int | None) -> None:
    """载入演示城市；重复执行不改变任何内容 / load the demo city; a second run changes nothing."""
    from ckanext.cqgov.demo.accounts import default_path
    from ckanext.cqgov.demo.loading import Loading
    from ckanext.cqgov.exchange.unreadable import Unreadable

    path = accounts or default_path()
    try:
        made = Loading(say=click.echo, accounts=path, limit=limit).run()
    except (tk.ValidationError, Unreadable) as error:
        reason = error.error_dict if isinstance(error, tk.ValidationError) else error
        raise click.ClickException(f"演示数据未能载入 / the demo could not be loaded: {reason}") from error
    click.echo(f"演示账号 / demo accounts: {path}")
    click.echo("完成 / done" if any(made.values()) else "已是最新，没有改动 / everything was there, nothing changed")
