"""``python -m stack COMMAND``: the commands behind the Makefile."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

from stack import checks, portal, settings, supervision
from stack.lock import locked
from stack.machine import Machine
from stack.places import Places, here
from stack.progress import Stamps, step
from stack.supervision import Supervisor, wait
from stack.trouble import Trouble, code_of


def run(places: Places) -> None:
    """Bring the portal up, leave it running in the background and print its address and accounts."""
    with locked(places):
        machine = Machine(places, os.environ)
        with step(3, "检查 Checks"):
            machine.require_port()
            machine.require_java()
        with step(4, "Solr 程序 Solr from Maven"):
            machine.fetch_solr()
        with step(5, "数据目录与配置 Data folders and configuration"):
            machine.prepare()
            services = machine.services()
            settings.write(places, services, machine.keys, machine.address)
        with step(6, "PostgreSQL, Redis, Solr"):
            if machine.moved:
                machine.supervisor.stop("web")
            machine.start_services()
        with step(7, "数据库迁移 Migrations"):
            try:
                migrated = portal.migrate(places, services, machine.identity(), machine.open_ledger)
            finally:
                machine.guard_ledger()
            portal.bring_words(places, services, machine.identity())
            portal.withhold(places, services, machine.identity())
        with step(8, "示范城市 Demo city"):
            wanted = os.environ.get("DEMO", "yes") not in ("no", "0")
            loaded = wanted and portal.load_demo(places, services, machine.identity())
            if machine.cores_changed and not loaded:
                portal.reindex(places)
        with step(9, "门户与后台任务 Web and worker"):
            start_portal(machine, afresh=migrated)
    print(portal.greeting(places, machine.address, demo=wanted))


def start_portal(machine: Machine, *, afresh: bool) -> None:
    """Start web and worker and wait until the portal answers.

    :param machine: the machine, its services running.
    :param afresh: restart them, for the database changed under them.
    """
    places = machine.places
    changed = Stamps(places.var / "stamps").once("portal", portal.code_mark(places), lambda: None)
    for name in supervision.PORTAL_PROGRAMS:
        if afresh or changed:
            machine.supervisor.stop(name)
        machine.supervisor.start(name)
    answers = machine.supervisor.unless_dead("web", lambda: portal.web_answers(machine.port, machine.host))
    wait(answers, 300, "web", places)
    (places.var / "web.json").write_text(json.dumps({"host": machine.host, "port": machine.port}) + "\n")


def supervisor(places: Places) -> Supervisor:
    """Return the checkout's supervisor, running or not."""
    port = json.loads((places.var / "ports.json").read_text())["supervisor"]
    return Supervisor(places, port, settings.keys(places.var / "secrets.json")["supervisor"])


def stop(places: Places) -> None:
    """Stop what this checkout started, and nothing else."""
    known = (places.var / "ports.json").exists() and (places.var / "secrets.json").exists()
    if known and supervisor(places).shutdown():
        print("✓ 已停止 Stopped")
    else:
        print("没有在运行 Nothing was running")


def logs(places: Places) -> None:
    """Follow the logs of all programs until interrupted."""
    files = sorted(str(path) for path in places.log.glob("*.log"))
    if not files:
        raise Trouble("还没有日志：请先运行 make run。", "There are no logs yet: run make run first.")
    try:
        subprocess.run(["tail", "-n", "20", "-F", *files])
    except KeyboardInterrupt:
        return


def clean(places: Places) -> None:
    """Ask, then stop everything and delete the checkout's data."""
    folders = [folder for folder in (places.var, places.away) if folder.exists()]
    if not folders:
        print("没有数据可删 Nothing to delete")
        return
    names = " ".join(map(str, folders))
    try:
        answer = input(f"删除全部数据 {names}？ Delete all data? [y/N] ")
    except EOFError:
        answer = ""
    if answer.strip().lower() not in ("y", "yes", "是"):
        print("\n未删除 Nothing deleted")
        return
    stop(places)
    for folder in folders:
        shutil.rmtree(folder)
    print(f"✓ 已删除 Deleted: {names}")


COMMANDS = {
    "run": run,
    "test": checks.run,
    "lint": checks.lint,
    "docs": checks.docs,
    "i18n": checks.i18n,
    "bench": checks.bench,
    "stop": stop,
    "logs": logs,
    "clean": clean,
}


def main(words: list[str]) -> int:
    """Carry out a command and return the exit code."""
    try:
        return code_of(lambda: COMMANDS[words[0]](here()))
    except KeyboardInterrupt:
        print("\n中断；再次运行会从断处继续 Interrupted; the next run goes on from here", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
