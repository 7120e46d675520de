"""What makes services into the portal: migrations, the demo city, web server and worker."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Callable
from importlib.metadata import version

from stack.places import Places
from stack.progress import Stamps, fingerprint
from stack.services import Services
from stack.supervision import Program
from stack.trouble import ran

LONGEST_ADDRESS = 128 * 1024
"""Bytes of a request's first line: 10 kB of Chinese to search for take three times that in an address. Gunicorn refuses more."""

PLUGINS = ("activity", "cqgov", "sharing", "review")


def environment(places: Places) -> dict[str, str]:
    """Return the variables under which CKAN runs: none of ``CKAN_…`` but the configuration file.

    The addresses are in the file already, and a variable left over in somebody's shell must not win over it.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CKAN_")}
    return {**kept, "CKAN_INI": str(places.ini), "PYTHONPATH": str(places.root / "config")}


def ckan(places: Places, log: str, zh: str, en: str, *words: str) -> None:
    """Run a ``ckan`` command with the portal's configuration; its output goes to ``var/log``.

    :param log: name of the log file.
    :param zh: what failed, for the message, in Chinese.
    :param en: the same in English.
    :param words: the command's words.
    """
    ran(
        [places.tool("ckan"), "-c", places.ini, *words],
        places.log / log,
        zh,
        en,
        env=environment(places),
        cwd=places.root,
    )


def schema_mark(places: Places, services: Services, identity: str) -> str:
    """Return the fingerprint of the database's wanted form: CKAN's version, every migration, which database."""
    folders = [f"ckanext-{plugin}/ckanext/{plugin}/migration" for plugin in PLUGINS]
    files = [path for folder in folders for path in sorted((places.root / folder).rglob("*.py"))]
    return fingerprint([version("ckan"), services.database, identity, *files])


def migrate(places: Places, services: Services, identity: str, open_ledger: Callable[[], None]) -> bool:
    """Bring the database to the present migrations of CKAN and of every plugin; return whether there was any to do.

    :param open_ledger: what lets the migrations at the ledger's tables.
    """
    stamps = Stamps(places.var / "stamps")

    def upgrade() -> None:
        open_ledger()
        ckan(places, "migrate.log", "数据库迁移失败", "the migrations failed", "db", "upgrade")

    def translate() -> None:
        ckan(places, "migrate.log", "界面脚本翻译失败", "translating the scripts failed", "translation", "js")

    migrated = stamps.once("schema", schema_mark(places, services, identity), upgrade)
    texts = sorted(places.root.glob("ckanext-*/ckanext/*/i18n/**/*.po"))
    stamps.once("scripts", fingerprint([version("ckan"), *texts]), translate)
    return migrated


def bring_words(places: Places, services: Services, identity: str) -> bool:
    """Bring in the synonyms and names that ship with the release, once per database and list of them.

    What somebody entered, changed or deleted stays as it is.
    """

    def work() -> None:
        words = ("cqgov", "search", "terms", "import", "--shipped")
        ckan(places, "migrate.log", "检索词导入失败", "bringing in the words of the search failed", *words)

    data = places.root / "ckanext-cqgov/ckanext/cqgov/data"
    mark = fingerprint([services.database, identity, data / "search-terms.yaml", data / "divisions"])
    return Stamps(places.var / "stamps").once("search-terms", mark, work)


def withhold(places: Places, services: Services, identity: str) -> bool:
    """Take out of the catalogue what an earlier release left there of entries that are not open, before anybody is answered.

    Once per form of the database; what cannot be moved keeps the portal from starting.
    """

    def work() -> None:
        words = ("cqgov", "vault", "settle")
        ckan(
            places,
            "migrate.log",
            "未开放数据的地址未能移入保管库",
            "addresses of what is not open could not be moved",
            *words,
        )

    return Stamps(places.var / "stamps").once("vault", schema_mark(places, services, identity), work)


def load_demo(places: Places, services: Services, identity: str) -> bool:
    """Load the demo city once per database; a load that was cut short is done again (the loader repeats nothing)."""

    def work() -> None:
        ckan(places, "demo.log", "示范数据载入失败", "loading the demo city failed", "cqgov", "demo", "load")

    mark = fingerprint([services.database, identity])
    return Stamps(places.var / "stamps").once("demo", mark, work)


def reindex(places: Places) -> None:
    """Fill the search index anew, after Solr's schema changed."""
    ckan(places, "migrate.log", "重建索引失败", "rebuilding the index failed", "search-index", "rebuild")


def workers(cores: int) -> int:
    """Return how many web processes to run: one a core, at least two, at most eight."""
    return min(max(cores, 2), 8)


def code_mark(places: Places) -> str:
    """Return the fingerprint of what a running portal has read: configuration, plugins, installed packages."""
    plugins = sorted(p for p in places.root.glob("ckanext-*/ckanext/**/*") if p.is_file() and p.suffix != ".pyc")
    return fingerprint([places.ini, places.root / "requirements.txt", places.root / "pyproject.toml", *plugins])


def programs(places: Places, host: str, port: int) -> list[Program]:
    """Return the web server, the worker of background jobs and the upkeep (seals the ledger, follows the duties' days)."""
    env = {"CKAN_INI": str(places.ini), "PYTHONPATH": str(places.root / "config"), "LANG": "C.UTF-8"}
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    web = [
        places.tool("gunicorn"),
        "stack.wsgi:application",
        f"--bind={bind}",
        f"--workers={workers(os.cpu_count() or 2)}",
        "--worker-class=gthread",
        "--threads=4",
        f"--limit-request-line={LONGEST_ADDRESS}",
        "--timeout=120",
        "--graceful-timeout=20",
        "--max-requests=5000",
        "--max-requests-jitter=500",
    ]
    worker = [places.tool("ckan"), "-c", str(places.ini), "jobs", "worker"]
    upkeep = [places.tool("ckan"), "-c", str(places.ini), "cqgov", "upkeep"]
    root = str(places.root)
    return [
        Program(name, command, root, env=env)
        for name, command in (("web", web), ("worker", worker), ("upkeep", upkeep))
    ]


def web_answers(port: int, host: str) -> bool:
    """Say whether the portal's status action answers."""
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    try:
        with urllib.request.urlopen(f"http://{name}:{port}/api/3/action/status_show", timeout=30) as answer:
            return json.load(answer)["success"]
    except (OSError, ValueError, KeyError, urllib.error.HTTPError):
        return False


def accounts(places: Places) -> list[dict]:
    """Return the demo accounts that the loader wrote; none when it wrote none."""
    try:
        return json.loads(places.accounts.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return []


def greeting(places: Places, address: str, *, demo: bool) -> str:
    """Return what is printed when the portal answers: its address and, with the demo city, the demo accounts."""
    lines = ["", f"✓ 门户已就绪 The portal answers: {address}", ""]
    rows = [
        (one["name"], one["password"], one.get("organization") or "—", "、".join(one.get("duties") or ()) or "—")
        for one in (accounts(places) if demo else ())
    ]
    if rows:
        lines += ["  示范账号 Demo accounts（含 API 令牌 with API tokens: var/accounts.json）"]
        lines += [f"    {name}  {password}  {organization}  {duties}" for name, password, organization, duties in rows]
    lines += ["", "  make logs 看日志 follow the logs · make stop 停止 stop · make help"]
    return "\n".join(lines)
