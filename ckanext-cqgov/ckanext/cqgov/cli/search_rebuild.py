"""``ckan cqgov search rebuild`` and ``status``; CKAN's ``ckan search-index rebuild`` goes the same way."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import ckan.model as model
import click
from ckan.cli.search_index import search_index as core_group
from ckan.lib.search.common import SearchIndexError

from ckanext.cqgov.model import search_rebuild
from ckanext.cqgov.reindexing import run

WAYS = {
    search_rebuild.SECOND_CORE: "在第二个核心中重建 / into a second core",
    search_rebuild.IN_PLACE: "就地重建 / in place",
}
STATES = {
    search_rebuild.RUNNING: "未完成 not finished",
    search_rebuild.DONE: "完成 done",
    search_rebuild.GIVEN_UP: "已放弃 given up",
}
EVERY = 10  # seconds between lines where nobody watches


class Teller:
    """Says how far the rebuild has come: on one line of a terminal, or a line now and then into a log."""

    def __init__(self, quiet: bool) -> None:
        self.quiet, self.watched = quiet, sys.stderr.isatty()
        self.began, self.first, self.told = time.monotonic(), None, 0.0

    def __call__(self, progress: run.Progress) -> None:
        """Say it."""
        if self.quiet:
            return
        if self.first is None:  # what an earlier process did is not this one's speed
            self.first = 0 if progress.done < 2 * run.BATCH else progress.done
            click.echo(WAYS[progress.way] + (f"（{progress.why}）" if progress.why else ""), err=True)
        now = time.monotonic()
        if not self.watched and now - self.told < EVERY and progress.done < progress.total:
            return
        self.told = now
        rate = (progress.done - self.first) / max(now - self.began, 0.001)
        left = timedelta(seconds=round((progress.total - progress.done) / rate)) if rate else "?"
        line = f"{progress.done}/{progress.total}  {rate:.0f}/s  剩余 left {left}"
        refused = f"  未收录 refused {progress.refused}" if progress.refused else ""
        click.echo(f"\r{line}{refused}   " if self.watched else line + refused, err=True, nl=not self.watched)


def rebuilt(resume: bool, in_place: bool, quiet: bool) -> None:
    """Rebuild the index and say what came of it; ends the program with 1 when a dataset could not be indexed."""
    teller = Teller(quiet)
    try:
        done = run.rebuild(resume=resume, in_place=in_place, report=teller)
    except run.AlreadyRunning as error:
        raise click.ClickException("另一个进程正在重建索引 / another process is rebuilding the index") from error
    except SearchIndexError as error:
        again = "ckan cqgov search rebuild --resume"
        raise click.ClickException(f"{error}\n续作 / to go on: {again}") from error
    if teller.watched and not quiet:
        click.echo(err=True)
    if not quiet:
        click.echo(f"已重建 rebuilt {done.done}  已清除 removed {done.removed}  未收录 refused {len(done.refused)}")
    _name(done.refused)
    if done.refused:
        raise SystemExit(1)


def _name(refused: dict[str, str]) -> None:
    """Say which datasets could not be indexed, and why."""
    for id_, reason in refused.items():
        found = model.Package.get(id_)
        click.echo(f"未收录 / refused: {found.name if found else id_}: {reason}", err=True)


@click.command("rebuild")
@click.option("--resume", is_flag=True, help="接着上次未完成的重建 / go on with a rebuild that was ended early.")
@click.option("--in-place", is_flag=True, help="不用第二个核心 / without a second core.")
@click.option("--quiet", "-q", is_flag=True, help="不显示进度 / no progress.")
def rebuild(resume: bool, in_place: bool, quiet: bool) -> None:
    """重建检索索引，期间检索照常 / rebuild the search index; searches go on.

    Exit code 0: done; 1: not done, or a dataset could not be indexed.
    """
    rebuilt(resume, in_place, quiet)


@click.command("status")
def status() -> None:
    """上次重建的情况 / how the last rebuild went."""
    row = search_rebuild.latest()
    if row is None:
        click.echo("尚未重建过 / never rebuilt")
        return
    for line in _lines(row):
        click.echo(line)
    _name(row["refused"])


def _lines(row: dict[str, Any]) -> list[str]:
    """Return what is to be said of a rebuild."""
    until = row["finished_at"] or row["touched_at"]
    seconds = max((until - row["started_at"]).total_seconds(), 0.001)
    state = STATES[row["state"]]
    if row["state"] == search_rebuild.RUNNING and run.running():
        state = "进行中 running"
    quiet = timedelta(seconds=round((datetime.now(UTC) - row["touched_at"]).total_seconds()))
    return [
        f"{state}  {WAYS[row['way']]}" + (f"（{row['why']}）" if row["why"] else ""),
        f"{row['done']}/{row['total']}  {row['done'] / seconds:.0f}/s  {row['started_at']:%Y-%m-%d %H:%M:%S%z}",
        f"最近一次进展 last progress: {quiet} 前 ago  未收录 refused {len(row['refused'])}",
    ]


class SearchIndexGroup(click.Group):
    """CKAN's ``search-index`` group with one command of ours in it; all others are CKAN's."""


search_index = SearchIndexGroup(core_group.name, commands=dict(core_group.commands), help=core_group.help)
search_index.short_help = core_group.short_help
_core_rebuild = core_group.commands["rebuild"]


def _whole_index(ctx: click.Context, **options: Any) -> Any:
    """Rebuild the whole index our way; whatever asks for something else goes CKAN's."""
    plain = not (options["package_id"] or options["only_missing"] or options["commit_each"] or options["keep_orphans"])
    if plain:
        return rebuilt(resume=False, in_place=False, quiet=options["quiet"] and not options["verbose"])
    assert _core_rebuild.callback
    return _core_rebuild.callback(**options)


search_index.add_command(
    click.Command(
        "rebuild",
        params=_core_rebuild.params,
        callback=click.pass_context(_whole_index),
        help=_core_rebuild.help,
        short_help=_core_rebuild.short_help,
    )
)
