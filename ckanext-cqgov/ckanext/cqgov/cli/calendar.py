"""``ckan cqgov calendar``."""

from __future__ import annotations

from pathlib import Path

import ckan.plugins.toolkit as tk
import click

from ckanext.cqgov.cli import operator


@click.group("calendar")
def group() -> None:
    """工作日历 / working-day calendars."""


@group.command("list")
def list_() -> None:
    """列出已有年份 / list the years in force."""
    for year in tk.get_action("cqgov_calendar_show")({"ignore_auth": True}, {}):
        off = sum(day["isOffDay"] for day in year["days"])
        made_up = len(year["days"]) - off
        click.echo(
            f"{year['year']}  {'官方 official' if year['official'] else '暂定 provisional'}  "
            f"放假 off {off}  调休上班 make-up {made_up}  "
            f"{year['source']}  {year['version']}  {' '.join(year['papers'])}"
        )


@group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="只显示变化 / only show what would change.")
@click.option(
    "--force", is_flag=True, help="用没有通知的日历替换官方日历 / replace an official year by one without notice."
)
def import_(file: Path, dry_run: bool, force: bool) -> None:
    """导入一年的日历（holiday-cn JSON）/ import one year (a holiday-cn JSON file)."""
    try:
        text = file.read_text("utf-8-sig")
        done = tk.get_action("cqgov_calendar_import")(
            operator.context(), {"calendar": text, "dry_run": dry_run, "force": force}
        )
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{file}: 须为 UTF-8 / must be UTF-8") from error
    except tk.ValidationError as error:
        lines = [message for messages in error.error_dict.values() for message in messages]
        raise click.ClickException(f"{file}:\n" + "\n".join(f"  {line}" for line in lines)) from error
    for change in done["changes"]:
        click.echo(f"  {change['zh']} / {change['en']}")
    if not done["changed"]:
        click.echo(f"{done['year']}: 没有变化 / nothing changed")
    elif dry_run:
        click.echo(f"{done['year']}: 以上变化未写入 / the changes above were not written")
    else:
        kind = "官方 official" if done["official"] else "暂定 provisional"
        click.echo(f"{done['year']}: 已导入 / imported ({kind}, {done['version']})")
