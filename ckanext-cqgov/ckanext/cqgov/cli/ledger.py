"""``ckan cqgov ledger``: seal, verify, read and export the ledger, make its keys, print its permissions."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import click
import sqlalchemy as sa

from ckanext.cqgov import circumstances, keyring, upkeep
from ckanext.cqgov.cli import operator
from ckanext.cqgov.domain import ledger as domain
from ckanext.cqgov.domain import ledger_checkpoint
from ckanext.cqgov.ledger import export as files
from ckanext.cqgov.ledger import verification
from ckanext.cqgov.logic import ledger_filters
from ckanext.cqgov.model import ledger, ledger_owner

BROKEN, UNPROVEN = 1, 3
"""Exit codes of ``verify``: something was found; nothing was found, but not everything could be checked."""

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


FILTERS = (
    click.option("--verb", help="操作 / verb."),
    click.option("--actor", help="人员 / person."),
    click.option("--subject-type", help="对象类型 / type of the subject."),
    click.option("--subject-id", help="对象编号 / id of the subject."),
    click.option("--outcome", type=click.Choice(list(domain.OUTCOMES)), help="结果 / outcome."),
    click.option("--request-id", help="请求编号 / id of the request."),
)
"""Options that say which entries are meant."""


def _filtered(command: Callable[..., None]) -> Callable[..., None]:
    """Return the command with ``FILTERS``."""
    return reduce(lambda made, option: option(made), reversed(FILTERS), command)


@click.group("ledger")
def group() -> None:
    """台账 / the ledger."""


@group.command("seal")
def seal() -> None:
    """封印新记录并签署检查点 / link the new entries and sign a checkpoint (the upkeep does it every few seconds)."""
    click.echo(f"已封印 sealed {upkeep.seal_ledger(checkpoint=True)}")


@group.command("verify")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON.")
@click.option("--seal/--no-seal", "sealing", default=True, help="先封印新记录 / first link the new entries.")
@click.option("--public-keys", type=FILE, help="另处保存的公钥 / public keys kept elsewhere.")
@click.option("--checkpoints", type=FILE, help="另处保存的检查点 / checkpoints kept elsewhere.")
@click.option(
    "--export", "exported", type=FILE, help="核对导出的 JSONL 而非数据库 / verify an export instead of the database."
)
def verify(
    as_json: bool, sealing: bool, public_keys: Path | None, checkpoints: Path | None, exported: Path | None
) -> None:
    """核对整条链和检查点，指出断裂之处 / walk chain and checkpoints, and tell where they break.

    退出码 exit code: 0 完整 whole, 1 断裂 broken, 3 未能全部核对 not all of it could be checked.
    """
    new = upkeep.seal_ledger() if sealing and exported is None else 0
    key = circumstances.key_file("key")
    public = public_keys or (keyring.public_file(key) if key else None)
    file = checkpoints or circumstances.key_file("checkpoints")
    try:
        if exported is not None:
            report = verification.verify_export(exported, public, file)
        else:
            report = verification.verify(model.Session, public, file)
    except (keyring.KeyFault, ValueError) as error:
        click.echo(str(error), err=True)
        sys.exit(UNPROVEN)
    if as_json:
        click.echo(json.dumps({**verification.told(report), "new": new}, ensure_ascii=False, indent=1))
    else:
        _say(report, new)
    sys.exit(BROKEN if not report.is_whole else UNPROVEN if report.gaps else 0)


def _say(report: verification.Report, new: int) -> None:
    """Print what a verification found."""
    for text in report.remarks:
        click.echo(f"注意 note: {text}", err=True)
    for text in report.gaps:
        click.echo(f"未能核对 not checked: {text}", err=True)
    if report.is_whole:
        click.echo(f"完整 intact: {report.sealed} (新封印 new {new}), {report.head}")
    since = f" ({report.since.isoformat(timespec='seconds')} 起 since then)" if report.since else ""
    click.echo(f"未封印 unsealed: {report.unsealed}{since}")
    if report.checkpoint:
        one = report.checkpoint
        click.echo(f"最近检查点 last checkpoint: {one.position}, {one.at.isoformat(timespec='seconds')}, {one.key}")
    if report.broken is not None:
        one = report.broken
        click.echo(
            f"台账已断裂 the ledger is broken: 封印 seal {one.position}, 记录 entry {one.entry_id}: {one.text}",
            err=True,
        )
    for fault in report.faults:
        source = ledger_checkpoint.SOURCES[fault.source]
        click.echo(
            f"台账已断裂 the ledger is broken: 封印 seals {fault.after + 1}–{fault.position}: {fault.text} ({source})",
            err=True,
        )


@group.command("list")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
@_filtered
@click.option("--addresses", is_flag=True, help="解密网络地址（记入台账）/ decrypt addresses (recorded in the ledger).")
def list_(limit: int, addresses: bool, **filters: str | None) -> None:
    """列出最近的记录 / list the latest entries."""
    data = {key: value for key, value in filters.items() if value is not None}
    found = tk.get_action("cqgov_ledger_list")(operator.context(), {"limit": limit, **data})["results"]
    shown = _addresses(data) if addresses else None
    for one in found:
        row = ledger.show(model.Session, one["id"]) if shown else None
        address = f"  {shown(row['address'])}" if shown and row and row["address"] else ""
        outcome = "" if one["outcome"] == domain.DONE else f"  [{one['outcome']}]"
        click.echo(
            f"{one['id']}  {one['at']}  {one['actor_name'] or one['actor']}  {one['verb']}{outcome}  "
            f"{one['subject_type']}/{one['subject_id']}  {json.dumps(one['detail'], ensure_ascii=False)}{address}"
        )


@group.command("export")
@click.option("--format", "form", default="jsonl", show_default=True, type=click.Choice(files.FORMATS))
@click.option("--output", "-o", default="-", type=click.File("w", encoding="utf-8", atomic=True), help="文件 / file.")
@_filtered
@click.option("--since", help="起始时间（含）/ from this time on.")
@click.option("--until", help="截止时间（不含）/ before this time.")
@click.option("--addresses", is_flag=True, help="解密网络地址（记入台账）/ decrypt addresses (recorded in the ledger).")
def export(form: str, output: Any, addresses: bool, **filters: str | None) -> None:
    """导出台账及其封印 / write the ledger with its seals, in the order of the chain."""
    data = {key: value for key, value in filters.items() if value is not None}
    try:
        wanted = ledger_filters.exported(operator.context(), data, form)
    except tk.ValidationError as error:
        raise click.ClickException(
            "；".join(f"{key}: {'；'.join(said)}" for key, said in error.error_dict.items())
        ) from error
    shown = _addresses(data) if addresses else None
    with model.meta.engine.connect() as connection:
        for line in files.lines(connection, wanted, form, shown):
            output.write(line)


def _addresses(filters: dict[str, Any]) -> Callable[[str], str | None]:
    """Return what decrypts an address, and record that somebody looks at them."""
    path = circumstances.key_file("address_key")
    if path is None:
        raise click.ClickException("未配置 ckanext.cqgov.ledger.address_key / no key for addresses is configured")
    actor = model.User.get(operator.context()["user"])
    ledger.record(model.Session, actor.id, "ledger.addresses", "ledger", "", filters)
    model.repo.commit()
    try:
        keyring.encrypted(path, "")
    except keyring.KeyFault as fault:
        raise click.ClickException(str(fault)) from fault
    return lambda token: keyring.decrypted(path, token)


@group.command("keys")
@click.option(
    "--renew", type=click.Choice(["signing", "address"]), help="更换密钥，旧公钥保留 / a new key; old ones stay known."
)
def keys(renew: str | None) -> None:
    """生成缺少的密钥 / make the keys that are missing."""
    paths = {name: circumstances.key_file(name) for name in ("key", "address_key")}
    if not all(paths.values()):
        raise click.ClickException(
            "请配置 ckanext.cqgov.ledger.key 和 ckanext.cqgov.ledger.address_key / configure both files of keys"
        )
    signing = keyring.make_signing_key(paths["key"], another=renew == "signing")
    address = keyring.make_address_key(paths["address_key"], another=renew == "address")
    for path, made in ((paths["key"], signing), (paths["address_key"], address)):
        click.echo(f"{'已生成 made' if made else '已存在 kept'}: {path}")
    for path in paths.values():
        if not keyring.is_private(path):
            click.echo(f"注意 note: {path} 他人可读，请执行 chmod 600 / others may read it: chmod 600", err=True)


@group.command("permissions")
@click.option("--open", "opened", is_flag=True, help="迁移前归还 / give it back before a migration of its tables.")
def permissions(opened: bool) -> None:
    """输出由数据库管理员执行的语句，使门户无权改动台账 / print the SQL that takes the ledger out of the portal's hands."""
    role = model.Session.execute(sa.text("SELECT current_user")).scalar_one()
    schema = model.Session.execute(sa.text("SELECT current_schema()")).scalar_one()
    write = ledger_owner.opening if opened else ledger_owner.guarding
    click.echo(write(role, schema=schema), nl=False)
