"""The supervisor (supervisord) that keeps the programs running after the terminal is gone."""

from __future__ import annotations

import http.client
import os
import shlex
import subprocess
import time
import xmlrpc.client
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from stack import orphans
from stack.places import Places, write_private
from stack.trouble import Trouble, cause, ran

DATA_PROGRAMS = ("postgres", "redis", "solr")
PORTAL_PROGRAMS = ("web", "worker", "upkeep")


@dataclass(frozen=True)
class Program:
    """A program to keep running.

    :param name: its name; its log is ``var/log/NAME.log``.
    :param command: program and arguments.
    :param folder: working directory.
    :param user: system user to become, when we are root.
    :param stop: signal that ends it in good order.
    :param env: further variables.
    """

    name: str
    command: list[str]
    folder: str
    user: str | None = None
    stop: str = "TERM"
    env: Mapping[str, str] = field(default_factory=dict)

    def section(self, places: Places) -> str:
        """Return the program's section of the supervisor's configuration."""
        variables = ",".join(f'{name}="{value}"' for name, value in self.env.items())
        values = {
            "command": shlex.join(self.command),
            "directory": self.folder,
            "environment": variables,
            "user": self.user or "",
            "stopsignal": self.stop,
            "stopwaitsecs": "30",
            "stopasgroup": "false",
            "killasgroup": "true",
            "autostart": "false",
            "autorestart": "true",
            "startsecs": "1",
            "startretries": "5",
            "redirect_stderr": "true",
            "stdout_logfile": str(places.log / f"{self.name}.log").replace("%", "%%"),  # expanded twice by supervisord
            "stdout_logfile_maxbytes": "20MB",
            "stdout_logfile_backups": "3",
        }
        lines = [f"{key} = {value.replace('%', '%%')}" for key, value in values.items() if value]
        return "\n".join([f"[program:{self.name}]", *lines]) + "\n"


def configuration(places: Places, port: int, password: str, programs: list[Program], *, root: bool) -> str:
    """Return the supervisor's configuration.

    :param places: the checkout.
    :param port: loopback port over which it is told what to do.
    :param password: password of that port.
    :param programs: the programs.
    :param root: whether it runs as root.
    """
    log, pid = (str(places.log / "supervisor.log"), str(places.var / "supervisor.pid"))
    head = f"""[supervisord]
logfile = {log.replace("%", "%%")}
logfile_maxbytes = 5MB
pidfile = {pid.replace("%", "%%")}
{"user = root" if root else ""}

[inet_http_server]
port = 127.0.0.1:{port}
username = stack
password = {password.replace("%", "%%")}

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
"""
    return "\n".join([head, *(program.section(places) for program in programs)])


class Supervisor:
    """Talks to the checkout's supervisor.

    :param places: the checkout.
    :param port: the supervisor's port.
    :param password: its password.
    """

    def __init__(self, places: Places, port: int, password: str):
        self.places, self.file = places, places.var / "supervisord.conf"
        self.proxy = xmlrpc.client.ServerProxy(f"http://stack:{password}@127.0.0.1:{port}/RPC2")
        self.rpc = self.proxy.supervisor

    def alive(self) -> bool:
        """Say whether our own supervisor answers (the password tells it from anybody else's)."""
        try:
            return self.rpc.getState()["statecode"] == 1
        except (OSError, xmlrpc.client.Error, http.client.HTTPException):
            return False

    def states(self) -> dict[str, str]:
        """Return each program's state, such as ``RUNNING``; nothing when the supervisor is down."""
        if not self.alive():
            return {}
        return {one["name"]: one["statename"] for one in self.rpc.getAllProcessInfo()}

    def apply(self, text: str) -> set[str]:
        """Start the supervisor, or make a running one follow a new configuration; programs are not started.

        :param text: the configuration.
        :returns: the programs that were stopped because their section changed.
        """
        old = self.file.read_text("utf-8") if self.file.exists() else ""
        if text != old:
            write_private(self.file, text)
        if not self.alive():
            # neither make's own variables nor addresses of somebody's shell reach the programs
            foreign = ("MAKE", "MFLAGS", "CKAN_")
            env = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
            env[orphans.VARIABLE] = str(self.places.root)
            ran(
                [self.places.tool("supervisord"), "-c", self.file],
                self.places.log / "setup.log",
                "supervisord 无法启动",
                "supervisord did not start",
                env=env,
                cwd=self.places.root,
                start_new_session=True,
            )
            wait(self.alive, 20, "supervisord", self.places)
            return set()
        added, changed, removed = self.rpc.reloadConfig()[0]
        for name in (*changed, *removed):
            self.rpc.stopProcessGroup(name)
            self.rpc.removeProcessGroup(name)
        for name in (*added, *changed):
            self.rpc.addProcessGroup(name)
        return {*changed, *removed}

    def start(self, name: str) -> None:
        """Start a program unless it runs.

        :raises Trouble: when it ends at once; the message holds the last line of its log.
        """
        if self.states().get(name) in ("RUNNING", "STARTING"):
            return
        try:
            self.rpc.startProcess(name)
        except xmlrpc.client.Fault as fault:
            log = self.places.log / f"{name}.log"
            raise Trouble(
                f"{name} 无法启动，见 {log}", f"{name} did not start, see {log}: {fault.faultString}"
            ) from fault

    def unless_dead(self, name: str, ready: Callable[[], bool]) -> Callable[[], bool]:
        """Return ``ready``, made to give up at once when the supervisor has given the program up.

        :raises Trouble: (the returned function) with the telling line of the program's log.
        """

        def check() -> bool:
            if self.states().get(name) in ("FATAL", "EXITED"):
                log = self.places.log / f"{name}.log"
                raise Trouble(f"{name} 启动后退出：{cause(log)}（见 {log}）", f"{name} ended: {cause(log)} (see {log})")
            return ready()

        return check

    def stop(self, name: str) -> None:
        """Stop a program if it runs."""
        if self.states().get(name) in ("RUNNING", "STARTING", "BACKOFF"):
            self.rpc.stopProcess(name)

    def shutdown(self) -> bool:
        """Stop every program and the supervisor; return whether there was anything to stop."""
        if not self.alive():
            return orphans.end(self.places)
        pid = self.rpc.getPID()
        self.rpc.shutdown()
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline and running(pid):
            time.sleep(0.2)
        return True


def running(pid: int) -> bool:
    """Say whether a process lives (one that ended and waits for its parent does not)."""
    done = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True)
    return bool(done.stdout.strip()) and not done.stdout.strip().startswith("Z")


def wait(ready, seconds: float, name: str, places: Places) -> None:
    """Wait until a program answers.

    :param ready: function that says whether it does.
    :param seconds: how long to wait at most.
    :param name: the program's name, for the message.
    :param places: the checkout, for the log's place.
    :raises Trouble: when it does not answer in time.
    """
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            log = places.log / f"{name}.log"
            raise Trouble(
                f"{name} 在 {seconds:.0f} 秒内没有响应，原因见 {log}；修复后再次 make run。",
                f"{name} did not answer within {seconds:.0f} s, see {log}; mend it and run make run again.",
            )
        time.sleep(0.2)
