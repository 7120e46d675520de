"""PostgreSQL of the checkout's own: data folder, roles and databases. Never the system's clusters, never as root."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Mapping
from pathlib import Path

import psycopg2
from psycopg2 import sql

from stack.places import Places
from stack.services import ending
from stack.trouble import Trouble, ran

MARK = "cqgov-cluster"  # written last into a complete data folder
SYSTEM_USER = "postgres"


def binaries() -> Path:
    """Return the folder of the newest PostgreSQL on this machine.

    :raises Trouble: when there is none.
    """
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if found:
        return found[-1].parent
    if program := shutil.which("initdb"):
        return Path(program).resolve().parent
    raise Trouble(
        "缺少 PostgreSQL 服务器程序：请运行 sudo apt-get install postgresql。",
        "PostgreSQL's server programs are missing: run sudo apt-get install postgresql.",
    )


def as_owner(command: list) -> list[str]:
    """Return a command that runs as the cluster's owner: ourselves, or ``postgres`` when we are root."""
    words = [str(word) for word in command]
    return ["runuser", "-u", SYSTEM_USER, "--", *words] if os.geteuid() == 0 else words


def data_folder(places: Places) -> Path:
    """Return PostgreSQL's data folder: ``var/postgres``, or outside when root's checkout is closed to ``postgres``.

    As root, the outside place is used when it was used before or when ``postgres`` cannot walk into ``var``; the file
    ``var/postgres.elsewhere`` then tells where the data is.
    """
    inside = places.var / "postgres"
    if os.geteuid() != 0 or (inside / MARK).exists():
        return inside
    inside.mkdir(parents=True, exist_ok=True)
    shutil.chown(inside, SYSTEM_USER, SYSTEM_USER)
    if not subprocess.run(as_owner(["test", "-w", inside]), capture_output=True, cwd="/").returncode:
        return inside
    inside.rmdir()
    outside = places.away / "postgres"
    for folder in (places.away.parent, places.away):
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)
    (places.var / "postgres.elsewhere").write_text(f"{outside}\n")
    return outside


def create(places: Places, keys: Mapping[str, str]) -> Path:
    """Make the cluster unless it is complete; return its data folder.

    :param places: the checkout.
    :param keys: passwords; the superuser's is ``postgres``.
    """
    folder = data_folder(places)
    if (folder / MARK).exists():
        return folder
    shutil.rmtree(folder, ignore_errors=True)  # what an initdb that was cut short left
    folder.mkdir(mode=0o700, parents=True)
    with tempfile.NamedTemporaryFile("w", prefix="cqgov-") as password:
        password.write(keys["postgres"])
        password.flush()
        if os.geteuid() == 0:
            shutil.chown(folder, SYSTEM_USER, SYSTEM_USER)
            shutil.chown(password.name, SYSTEM_USER)
        options = [
            "-U",
            "postgres",
            "-A",
            "scram-sha-256",
            f"--pwfile={password.name}",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
        ]
        ran(
            as_owner([binaries() / "initdb", "-D", folder, *options]),
            places.log / "setup.log",
            "PostgreSQL 初始化失败",
            "initdb failed",
            cwd="/",
        )
    (folder / MARK).write_text(uuid.uuid4().hex)
    return folder


def identity(places: Places) -> str:
    """Return what tells this cluster from one made anew."""
    mark = data_folder(places) / MARK
    return mark.read_text() if mark.exists() else ""


def command(places: Places, port: int) -> list[str]:
    """Return the command line that runs the server on a port of the loopback interface."""
    settings = {
        "port": port,
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "max_connections": 200,
        "timezone": "Asia/Shanghai",
    }
    return [
        str(binaries() / "postgres"),
        "-D",
        str(data_folder(places)),
        *(word for name, value in settings.items() for word in ("-c", f"{name}={value}")),
    ]


def connect(port: int, keys: Mapping[str, str], database: str = "postgres"):
    """Return a connection of the superuser, outside any transaction."""
    connection = psycopg2.connect(
        host="127.0.0.1", port=port, user="postgres", password=keys["postgres"], dbname=database, connect_timeout=5
    )
    connection.autocommit = True
    return connection


def answers(url: str) -> bool:
    """Say whether a database can be connected to.

    :param url: the database's address, in SQLAlchemy's form.
    """
    try:
        psycopg2.connect(re.sub(r"^postgres(ql)?\+\w+:", "postgresql:", url), connect_timeout=5).close()
    except psycopg2.OperationalError:
        return False
    return True


def create_databases(port: int, keys: Mapping[str, str], *, lane: int = 0) -> None:
    """Make the roles and the two databases of the portal, or of a lane of the tests, unless they are there.

    :param port: the cluster's port.
    :param keys: the passwords of the roles.
    :param lane: the tests' lane, whose databases give up durability for speed; 0 for the portal's.
    """
    end = ending(lane)
    main, store = f"cqgov{end}", f"cqgov_datastore{end}"
    connection = connect(port, keys)
    with connection.cursor() as cursor:
        for role in ("cqgov", "cqgov_reader"):
            cursor.execute("select 1 from pg_roles where rolname = %s", [role])
            verb = "alter" if cursor.fetchone() else "create"
            cursor.execute(
                sql.SQL(verb + " role {} login password {}").format(sql.Identifier(role), sql.Literal(keys[role]))
            )
        for name in (main, store):
            cursor.execute("select 1 from pg_database where datname = %s", [name])
            if not cursor.fetchone():
                cursor.execute(
                    sql.SQL("create database {} owner cqgov encoding 'UTF8' template template0").format(
                        sql.Identifier(name)
                    )
                )
            if lane:
                cursor.execute(sql.SQL("alter database {} set synchronous_commit = off").format(sql.Identifier(name)))
    connection.close()
    allow_reading(port, keys, main, store)


def guard_ledger(port: int, keys: Mapping[str, str], database: str = "cqgov") -> bool:
    """Give the ledger's tables to a role of their own, unless they have it; return whether there was anything to do.

    The portal's role can then add to the ledger and read it, and neither change it nor switch its protection off.
    """
    from ckanext.cqgov.model import ledger_owner

    owners = ledger_owners(port, keys, database)
    if not owners or owners == {ledger_owner.OWNER}:
        return False
    _administer(port, keys, database, ledger_owner.guarding("cqgov"))
    return True


def open_ledger(port: int, keys: Mapping[str, str], database: str = "cqgov") -> None:
    """Give the ledger's tables back to the portal's role, so that migrations can change them; ``guard_ledger`` ends it."""
    from ckanext.cqgov.model import ledger_owner

    if ledger_owner.OWNER in ledger_owners(port, keys, database):
        _administer(port, keys, database, ledger_owner.opening("cqgov"))


def ledger_owners(port: int, keys: Mapping[str, str], database: str = "cqgov") -> set[str]:
    """Return the roles that own the ledger's tables; none while one of the tables is not there yet."""
    from ckanext.cqgov.model import ledger_owner

    connection = connect(port, keys, database)
    with connection.cursor() as cursor:
        tables = list(ledger_owner.COLUMNS)
        query = (
            "select pg_get_userbyid(relowner) from pg_class where oid = any(array(select to_regclass(unnest(%s))::oid))"
        )
        cursor.execute(query, [tables])
        owners = [name for (name,) in cursor.fetchall()]
    connection.close()
    return set(owners) if len(owners) == len(tables) else set()


def _administer(port: int, keys: Mapping[str, str], database: str, script: str) -> None:
    """Run SQL as the superuser in one transaction, so that it is done whole or not at all."""
    connection = connect(port, keys, database)
    connection.autocommit = False
    with connection, connection.cursor() as cursor:
        cursor.execute(script)
    connection.close()


def allow_reading(port: int, keys: Mapping[str, str], main: str, store: str) -> None:
    """Give the DataStore's roles the rights that ``ckan datastore set-permissions`` prescribes."""
    from ckanext.datastore.cli import permissions_sql

    script = permissions_sql(main, store, "cqgov", "cqgov", "cqgov_reader")
    lines = [line for line in script.splitlines() if not line.startswith("\\connect")]
    connection = connect(port, keys, store)
    with connection.cursor() as cursor:
        cursor.execute("\n".join(lines))
    connection.close()
