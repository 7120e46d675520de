"""``ckan cqgov vault``: the addresses and files of what is not open."""

from __future__ import annotations

from datetime import UTC, datetime

import ckan.model as model
import click

from ckanext.cqgov.catalogue import vault, vault_storage
from ckanext.cqgov.model import vault as rows


@click.group("vault")
def group() -> None:
    """保管库：未开放条目的真实地址和文件 / the vault: real addresses and files of what is not open."""


@group.command("check")
def check() -> None:
    """是否都在该在的地方；有不妥则退出码为 1 / is everything where it belongs? The exit code is 1 when it is not."""
    loose, waiting = vault.unvaulted(), rows.unsettled()
    lost = [key for key in sorted(rows.keys()) if not vault_storage.exists(key)]
    for found, text in (
        (loose, "未开放而地址仍在目录中的条目 / entries that are not open, with addresses still in the catalogue"),
        (waiting, "文件或地址待移动的条目 / entries whose files or addresses have yet to be moved"),
        (lost, "保管库中缺失的文件 / files that the vault has lost"),
    ):
        click.echo(f"{text}: {len(found)}")
        for each in found[:20]:
            click.echo(f"  {each}")
    if loose or waiting or lost:
        raise click.ClickException("见上 / see above; ckan cqgov vault settle")


@group.command("settle")
def settle() -> None:
    """把地址和文件移到该在的地方，可重复执行 / move addresses and files to where they belong; may be repeated."""
    moved = sum(vault.settle(each) for each in vault.unvaulted()) + vault.settle_all()
    model.Session.rollback()
    left = {*vault.unvaulted(), *rows.unsettled()}
    click.echo(f"已移动 moved: {moved}; 未完成 left: {len(left)}")
    if left:
        raise click.ClickException("有条目未完成，见日志 / some could not be moved, see the log")


@group.command("sweep")
def sweep() -> None:
    """删除一天以前上传而无记录的文件 / remove files older than a day that no row names."""
    click.echo(f"已删除 removed: {vault_storage.sweep(datetime.now(UTC))}")
