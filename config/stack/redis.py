"""Redis of the checkout's own: its configuration file and a sign of life."""

from __future__ import annotations

import shutil
from collections.abc import Mapping

from stack.places import Places, write_private
from stack.trouble import Trouble


def command(places: Places, port: int, keys: Mapping[str, str]) -> list[str]:
    """Write the configuration and return the command line that runs Redis on the loopback interface.

    The append-only file keeps queued jobs and sessions across a restart. The process keeps its title, for a new one would
    overwrite the environment by which we know our programs.

    :raises Trouble: when Redis is not installed.
    """
    program = shutil.which("redis-server")
    if not program:
        raise Trouble(
            "缺少 Redis：请运行 sudo apt-get install redis-server。",
            "Redis is missing: run sudo apt-get install redis-server.",
        )
    folder = places.var / "redis"
    folder.mkdir(parents=True, exist_ok=True)
    lines = [
        f"port {port}",
        "bind 127.0.0.1",
        f'dir "{folder}"',
        f"requirepass {keys['redis']}",
        "appendonly yes",
        "daemonize no",
        "set-proc-title no",
    ]
    write_private(places.var / "redis.conf", "\n".join(lines) + "\n")
    return [program, str(places.var / "redis.conf")]


def answers(url: str) -> bool:
    """Say whether Redis answers.

    :param url: its address.
    """
    from redis import Redis, RedisError

    try:
        return bool(Redis.from_url(url, socket_connect_timeout=5).ping())
    except RedisError:
        return False
