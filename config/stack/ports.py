"""Free ports of our own: chosen once, kept in ``var/ports.json``, chosen again when somebody else took one."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path

from stack.places import read_json
from stack.trouble import Trouble

SERVICES = ("postgres", "redis", "solr", "supervisor")
FIRST, LAST = 20000, 29999  # below the range from which Linux takes ports for outgoing connections
DEFAULT_WEB = 5000


def free(port: int, host: str = "127.0.0.1") -> bool:
    """Say whether nothing listens on a port of this machine."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def choose(kept: dict[str, int], seed: int, is_free: Callable[[int], bool] = free) -> dict[str, int]:
    """Return a port for each service: the kept one where it is still free, else the next free one.

    :param kept: ports of an earlier run.
    :param seed: any number that differs between checkouts, so that two of them seldom meet.
    :param is_free: says whether a port can be had.
    :raises Trouble: when no port is free.
    """
    span, ports = LAST - FIRST + 1, {}
    candidates = iter([FIRST + (seed + offset) % span for offset in range(span)])
    for service in SERVICES:
        port = kept.get(service)
        if not port or port in ports.values() or not is_free(port):
            taken = {*ports.values(), *kept.values()}
            port = next((one for one in candidates if one not in taken and is_free(one)), None)
        if port is None:
            raise Trouble(f"{FIRST}–{LAST} 之间没有空闲端口。", f"No free port between {FIRST} and {LAST}.")
        ports[service] = port
    return ports


def kept(path: Path) -> dict[str, int]:
    """Return the ports of an earlier run."""
    return {name: port for name, port in read_json(path).items() if isinstance(port, int)}


def keep(path: Path, ports: dict[str, int]) -> None:
    """Remember the ports."""
    path.write_text(json.dumps(ports, indent=1) + "\n")


def web_port(given: str | None, running: int | None) -> int:
    """Return the portal's port: ``PORT`` if given, else the one it runs on, else 5000.

    :param given: the value of ``PORT``.
    :param running: the port on which our own portal runs now.
    :raises Trouble: when ``PORT`` is no port number.
    """
    if not given:
        return running or DEFAULT_WEB
    if not given.isdigit() or not 0 < int(given) < 65536:
        raise Trouble(f"PORT={given} 不是端口号（1–65535）。", f"PORT={given} is not a port number (1-65535).")
    return int(given)


def require_free(port: int, host: str, is_free: Callable[[int, str], bool] = free) -> None:
    """Refuse to go on when the portal's port belongs to somebody else.

    :raises Trouble: says how to choose another port.
    """
    if not is_free(port, host):
        raise Trouble(
            f"端口 {port} 已被其他程序占用。请换一个端口，例如：PORT={port + 1} make run",
            f"Port {port} is taken by another program. Choose another one, for example: PORT={port + 1} make run",
        )
