"""``ckan cqgov upkeep``: the program that runs beside the web server and the worker."""

from __future__ import annotations

import signal
import threading

import click

from ckanext.cqgov import upkeep


@click.command("upkeep")
@click.option("--every", default=60, show_default=True, type=click.IntRange(1, 86_400), help="秒 / seconds.")
@click.option("--once", is_flag=True, help="只做一次（用于 cron）/ do it once (for cron).")
def command(every: int, once: bool) -> None:
    """定时封印台账、按日期调整成员资格 / seal the ledger and follow the duties' days, again and again."""
    if once:
        if not upkeep.once():
            raise click.ClickException("未全部完成，见日志 / not all was done, see the log")
        return
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    while not stopped.is_set():
        upkeep.once()
        stopped.wait(every)
