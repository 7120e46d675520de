"""``ckan cqgov duty``: assign, end and list duties; keep memberships in step with their days."""

from __future__ import annotations

import click

from ckanext.cqgov import upkeep
from ckanext.cqgov.cli import operator


@click.group("duty")
def group() -> None:
    """岗位 / duties."""


def _line(one: dict) -> str:
    state = "取消 cancelled" if one["cancelled"] else "在岗 current" if one["current"] else "-"
    acting = " 代理 acting" if one["acting"] else ""
    return (
        f"{one['id']}  {one['user_name']}  {one['organization_title']}  {one['duty']}{acting}  "
        f"{one['valid_from']} – {one['valid_to'] or ''}  {state}"
    )


@group.command("assign")
@click.argument("user")
@click.argument("organization")
@click.argument("duty")
@click.option("--from", "valid_from", help="第一天，默认今天 / first day, today by default (2026-01-31).")
@click.option("--to", "valid_to", help="最后一天 / last day.")
@click.option("--acting", is_flag=True, help="代理 / acting.")
@click.option("--reason", help="事由 / reason.")
def assign(user, organization, duty, valid_from, valid_to, acting, reason) -> None:
    """指定岗位 / give USER the DUTY at ORGANIZATION (names or ids)."""
    data = {"user_id": user, "organization_id": organization, "duty": duty, "valid_from": valid_from}
    click.echo(
        _line(operator.act("cqgov_duty_assign", {**data, "valid_to": valid_to, "acting": acting, "reason": reason}))
    )


@group.command("end")
@click.argument("id")
@click.option("--to", "valid_to", help="最后一天，默认昨天 / last day, yesterday by default.")
@click.option("--reason", help="事由 / reason.")
def end(id, valid_to, reason) -> None:
    """结束任职 / end a duty."""
    click.echo(_line(operator.act("cqgov_duty_end", {"id": id, "valid_to": valid_to, "reason": reason})))


@group.command("list")
@click.option("--user", help="人员 / person.")
@click.option("--organization", help="机构 / organisation.")
@click.option("--all", "everything", is_flag=True, help="含已结束的 / those that have ended too.")
def list_(user, organization, everything) -> None:
    """列出任职 / list duties."""
    data = {"user_id": user, "organization_id": organization, "current": not everything}
    for one in operator.act("cqgov_duty_list", data):
        click.echo(_line(one))


@group.command("refresh")
def refresh() -> None:
    """使成员资格与今天的任职一致 / make memberships what today's duties ask (the upkeep does it)."""
    click.echo(f"已调整 changed {upkeep.follow_duties()}")
