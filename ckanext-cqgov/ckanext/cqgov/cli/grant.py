"""``ckan cqgov grant``: list, give and revoke grants."""

from __future__ import annotations

from typing import Any

import click

from ckanext.cqgov.cli import operator


@click.group("grant")
def group() -> None:
    """数据使用授权 / grants: who may use data that are not open to everybody."""


def _line(one: dict[str, Any]) -> str:
    scope = "部分 part" if one["columns"] or one["rows"] else "全部 all" if not one["resources"] else "资源 resources"
    storage = "可下载 storage" if one["storage"] else "仅查询 query only"
    return (
        f"{one['id']}  {one['dataset_name'] or one['dataset_id']}  {one['holder_title']}  {scope}  {storage}  "
        f"{one['valid_from']} – {one['valid_until'] or ''}  {one['state']}  {one['next']}"
    )


@group.command("list")
@click.option("--dataset", help="条目 / dataset, name or id.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 1000))
def list_(dataset: str | None, limit: int) -> None:
    """列出授权，新的在前 / list grants, the newest first."""
    for one in operator.act("cqgov_grant_list", {"dataset_id": dataset, "limit": limit}):
        click.echo(_line(one))


@group.command("create")
@click.argument("dataset")
@click.option("--user", help="使用人 / holder, a person.")
@click.option("--organization", help="使用机构 / holder, an organisation.")
@click.option("--staff", multiple=True, help="该机构可使用的人员 / staff whom it covers.")
@click.option("--resource", multiple=True, help="资源，默认全部 / resource id, all by default.")
@click.option("--column", multiple=True, help="列，默认全部 / column, all by default.")
@click.option("--row", multiple=True, help="行条件，如 “区县 = 渝中区” / condition on rows, such as “region in a, b”.")
@click.option("--purpose", required=True, help="使用目的 / what the data may be used for.")
@click.option("--terms", required=True, help="使用条件的版本 / version of the terms.")
@click.option("--from", "valid_from", help="第一天，默认今天 / first day, today by default (2026-01-31).")
@click.option("--until", "valid_until", help="最后一天 / last day.")
@click.option(
    "--storage", is_flag=True, help="提供部门同意存储（可下载）/ the provider consents to storing (Art. 34(5))."
)
def create(
    dataset: str,
    user: str | None,
    organization: str | None,
    staff: tuple[str, ...],
    resource: tuple[str, ...],
    column: tuple[str, ...],
    row: tuple[str, ...],
    purpose: str,
    terms: str,
    valid_from: str | None,
    valid_until: str | None,
    storage: bool,
) -> None:
    """授予数据使用权 / grant data of DATASET (name or id)."""
    data = {
        "dataset_id": dataset,
        "holder_user": user,
        "holder_organization": organization,
        "staff": list(staff),
        "resources": list(resource),
        "columns": list(column),
        "rows": list(row),
        "purpose": purpose,
        "terms_version": terms,
        "valid_from": valid_from,
        "valid_until": valid_until,
        "storage": storage,
    }
    click.echo(_line(operator.act("cqgov_grant_create", data)))


@group.command("revoke")
@click.argument("id")
@click.option("--reason", required=True, help="理由 / reason.")
def revoke(id: str, reason: str) -> None:
    """撤销授权，立即生效 / revoke a grant, at once."""
    click.echo(_line(operator.act("cqgov_grant_revoke", {"id": id, "reason": reason})))
