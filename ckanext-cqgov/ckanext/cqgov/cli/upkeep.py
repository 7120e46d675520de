"""``ckan cqgov upkeep``: the program that runs beside the web server and the worker."""

from __future__ import annotations

import contextvars
import signal
import threading
import time

import click

from ckanext.cqgov import upkeep
from ckanext.cqgov.catalogue import index_later

WHOLE = 3600
"""Seconds after which the ledger is sealed as a whole, with what a very long transaction left behind the newest."""


@click.command("upkeep")
@click.option(
    "--every", default=60, show_default=True, type=click.IntRange(1, 86_400), help="岗位，秒 / duties, seconds."
)
@click.option(
    "--seal-every", default=5, show_default=True, type=click.IntRange(1, 3600), help="封印台账，秒 / sealing, seconds."
)
@click.option("--once", is_flag=True, help="只做一次（用于 cron）/ do it once (for cron).")
def command(every: int, seal_every: int, once: bool) -> None:
    """定时封印、签署和核验台账，按日期调整成员资格 / seal, sign and verify the ledger and follow the duties' days."""
    if once:
        if not upkeep.once(
            (
                upkeep.follow_duties,
                upkeep.seal_ledger,
                upkeep.verify_ledger,
                index_later.catch_up,
                upkeep.load_granted_tables,
                upkeep.finish_reclassifications,
                upkeep.sweep_vault,
            )
        ):
            raise click.ClickException("未全部完成，见日志 / not all was done, see the log")
        return
    stopped, due, whole = threading.Event(), 0.0, 0.0
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    verifying = loading = threading.Thread()
    while not stopped.is_set():
        now = time.monotonic()
        upkeep.once((upkeep.seal_ledger if now >= whole else upkeep.seal_newest, index_later.catch_up))
        whole = now + WHOLE if now >= whole else whole
        if now >= due:
            due = now + every
            upkeep.once((upkeep.follow_duties,))
            if not verifying.is_alive():  # beside the sealing, which goes on while a large ledger is walked
                verifying = threading.Thread(
                    target=contextvars.copy_context().run, args=(upkeep.once, (upkeep.verify_ledger,)), daemon=True
                )
                verifying.start()
            if not loading.is_alive():  # so is a large table or file
                loading = threading.Thread(
                    target=contextvars.copy_context().run,
                    args=(
                        upkeep.once,
                        (upkeep.load_granted_tables, upkeep.finish_reclassifications, upkeep.sweep_vault),
                    ),
                    daemon=True,
                )
                loading.start()
        stopped.wait(seal_every)
