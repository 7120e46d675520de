"""``ckan cqgov search``: the words that the search knows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import click
from werkzeug.datastructures import FileStorage

from ckanext.cqgov import term_file
from ckanext.cqgov.cli import operator
from ckanext.cqgov.domain.search_terms import KINDS
from ckanext.cqgov.domain.term_groups import Group

AT_A_TIME = 1_000
FIELDS = ("id", "kind", "words", "present", "note", "related")


@click.group("search")
def group() -> None:
    """检索 / search."""


@group.group("terms")
def terms() -> None:
    """同义词与名称 / synonyms and names."""


def _act(action: str, data: dict[str, Any]) -> Any:
    """Call an action as the site user and say line by line what is wrong with the input."""
    try:
        return tk.get_action(action)(operator.context(), data)
    except tk.ValidationError as error:
        lines = [message for messages in error.error_dict.values() for message in messages]
        raise click.ClickException("\n".join(lines)) from error


def _groups(query: str, kind: str | None) -> Iterator[Group]:
    """Yield the groups that hold ``query``, of one kind or of all."""
    offset = 0
    while True:
        asked = {"q": query, "kind": kind or "", "limit": AT_A_TIME, "offset": offset}
        found = _act("cqgov_search_term_list", asked)["results"]
        yield from (Group(**{key: one[key] for key in FIELDS}) for one in found)
        offset += len(found)
        if len(found) < AT_A_TIME:
            return


@terms.command("list")
@click.option("--query", "-q", default="", help="词语的一部分 / part of a word.")
@click.option("--kind", type=click.Choice(list(KINDS)), help="类型 / kind.")
def list_(query: str, kind: str | None) -> None:
    """列出词语组 / list the groups."""
    for one in _groups(query, kind):
        click.echo(f"{one.id}  {KINDS[one.kind].zh}  {one.shown()}{f'  # {one.note}' if one.note else ''}")


@terms.command("import")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--shipped", is_flag=True, help="导入随软件附带的词语 / bring in what ships with the portal.")
@click.option("--dry-run", is_flag=True, help="只显示会怎样 / only say what would happen.")
def import_(file: Path | None, shipped: bool, dry_run: bool) -> None:
    """导入词语组（CSV）：全部导入或全不导入，可重复执行 / import groups (CSV): all or none; running it again changes nothing.

    With --shipped, what somebody entered, changed or deleted stays as it is.
    """
    if (file is None) != shipped:
        raise click.UsageError("请给出 CSV 文件，或 --shipped / give a CSV file, or --shipped")
    if file is None:
        done = _act("cqgov_search_term_import", {"shipped": True, "dry_run": dry_run})
    else:
        with file.open("rb") as stream:
            upload = FileStorage(stream, filename=file.name)
            done = _act("cqgov_search_term_import", {"upload": upload, "dry_run": dry_run})
    click.echo(
        f"{'试运行，未写入 / dry run, nothing written. ' if dry_run else ''}"
        f"新增 created {done['created']}  更新 updated {done['updated']}  "
        f"未变 unchanged {done['unchanged']}  保留不动 left alone {done['kept']}"
    )


@terms.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(file: Path) -> None:
    """导出为 CSV，可再导入 / export as CSV that can be imported again."""
    groups = list(_groups("", None))
    try:
        file.write_bytes(term_file.as_csv(groups))
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from error
    click.echo(f"已导出 exported {len(groups)}")


@terms.command("check")
@click.argument("query")
def check(query: str) -> None:
    """查看检索式如何被理解 / show how a QUERY is read: cut into pieces, each with what is searched as well."""
    for unit in _act("cqgov_search_term_check", {"q": query})["units"]:
        known = "✓" if unit["known"] else "·"
        others = "  = " + "、".join(unit["others"]) if unit["others"] else ""
        related = "  ~ " + "、".join(unit["related"]) if unit["related"] else ""
        click.echo(f"{known} {unit['text']}{others}{related}")
