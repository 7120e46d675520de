"""``ckan cqgov ledger``: seal, verify and read the ledger."""

from __future__ import annotations

import json

import ckan.model as model
import ckan.plugins.toolkit as tk
import click

from ckanext.cqgov import upkeep
from ckanext.cqgov.cli import operator
from ckanext.cqgov.model import ledger


@click.group("ledger")
def group() -> None:
    """台账 / the ledger."""


@group.command("seal")
def seal() -> None:
    """封印新记录 / link the new entries (the upkeep does it every minute)."""
    click.echo(f"已封印 sealed {upkeep.seal_ledger()}")


@group.command("verify")
def verify() -> None:
    """封印并核对整条链，指出第一处断裂 / seal, walk the whole chain and tell the first broken entry."""
    new = upkeep.seal_ledger()
    verdict = ledger.verify(model.Session)
    if verdict.broken is not None:
        broken = verdict.broken
        raise click.ClickException(
            f"台账已断裂 / the ledger is broken: 封印 seal {broken.position}, 记录 entry {broken.entry_id}: {broken.text}"
        )
    click.echo(f"完整 intact: {verdict.sealed} (新封印 new {new}), 未封印 unsealed {verdict.unsealed}, {verdict.head}")


@group.command("list")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
@click.option("--verb", help="动作 / verb.")
@click.option("--actor", help="人员 / person.")
@click.option("--subject-type", help="对象类型 / type of the subject.")
@click.option("--subject-id", help="对象编号 / id of the subject.")
def list_(limit, verb, actor, subject_type, subject_id) -> None:
    """列出最近的记录 / list the latest entries."""
    given = {"limit": limit, "verb": verb, "actor": actor, "subject_type": subject_type, "subject_id": subject_id}
    data = {key: value for key, value in given.items() if value is not None}
    for one in tk.get_action("cqgov_ledger_list")(operator.context(), data)["results"]:
        click.echo(
            f"{one['id']}  {one['at']}  {one['actor_name'] or one['actor']}  {one['verb']}  "
            f"{one['subject_type']}/{one['subject_id']}  {json.dumps(one['detail'], ensure_ascii=False)}"
        )
