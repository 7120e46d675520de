"""A second core beside the portal's: an index is built in it, unseen, and then takes the first one's place at once.

Solr's core administration does it where it may be used. The second core gets the configuration files as they lie there
*now*, so that a changed schema comes into force together with the index that was made for it.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import requests
from ckan.lib.search.common import SearchIndexError
from requests.auth import HTTPBasicAuth

CONFIGSET = "ckanext.cqgov.search.configset"
SUFFIX = "_rebuilding"
MARGIN = timedelta(seconds=2)  # Solr's clock is read to the millisecond, documents are stamped a moment later


class NoSecondCore(Exception):
    """There can be no second core; the message says why."""


@dataclass(frozen=True)
class Cores:
    """Core administration of the portal's Solr."""

    admin: str
    live: str

    @classmethod
    def of_portal(cls) -> Cores:
        """Return the administration of the configured Solr."""
        base, _, core = tk.config["solr_url"].rstrip("/").rpartition("/")
        return cls(f"{base}/admin/cores", core)

    @property
    def second(self) -> str:
        """The name of the core that is built into."""
        return f"{self.live}{SUFFIX}"

    def status(self, core: str) -> dict[str, Any] | None:
        """Return what Solr says of a core, ``None`` where there is none.

        Raises ``NoSecondCore`` where the administration may not be used.
        """
        return self._ask("STATUS", core=core)["status"].get(core) or None

    def now(self) -> datetime:
        """Return the time by Solr's clock, a little early: for asking which documents came later."""
        told = self.status(self.live)
        if told is None:
            raise NoSecondCore(f"Solr 中没有核心 {self.live} / Solr has no core {self.live}")
        started = datetime.fromisoformat(told["startTime"].replace("Z", "+00:00"))
        return (started + timedelta(milliseconds=told["uptime"]) - MARGIN).astimezone(UTC)

    def create(self) -> str:
        """Make the second core, empty, from the configuration of the live one; returns the folder it lies in.

        Raises ``NoSecondCore`` where that can't be.
        """
        self.drop()
        told = self.status(self.live)
        if told is None:
            raise NoSecondCore(f"Solr 中没有核心 {self.live} / Solr has no core {self.live}")
        configset = tk.config.get(CONFIGSET)
        folder = _free_folder(Path(told["instanceDir"]), self.live)
        if configset:
            self._ask("CREATE", name=self.second, configSet=configset, instanceDir=str(folder))
        else:
            _copy_configuration(Path(told["instanceDir"]), folder)
            try:
                self._ask("CREATE", name=self.second, instanceDir=str(folder))
            except NoSecondCore:
                shutil.rmtree(folder, ignore_errors=True)
                raise
        made = self.status(self.second)
        if made is None or _same(made["dataDir"], told["dataDir"]):
            self.drop()
            raise NoSecondCore("两个核心将共用一个数据目录 / both cores would share one data directory")
        return str(made["instanceDir"])

    def swap(self) -> None:
        """Let the second core answer under the live one's name, and the other way round."""
        self._ask("SWAP", core=self.live, other=self.second)

    def drop(self) -> None:
        """Remove the second core with its files, if it is there."""
        if self.status(self.second) is not None:
            self._ask("UNLOAD", core=self.second, deleteInstanceDir="true")

    def reload(self) -> None:
        """Let the live core read its configuration files again."""
        self._ask("RELOAD", core=self.live)

    def _ask(self, action: str, **parameters: str) -> dict[str, Any]:
        """Send one order to the core administration."""
        user, password = tk.config.get("solr_user"), tk.config.get("solr_password")
        try:
            answer = requests.get(
                self.admin,
                params={"action": action, "wt": "json", **parameters},
                auth=HTTPBasicAuth(user, password) if user and password else None,
                timeout=max(float(tk.config.get("solr_timeout") or 0), 60),
            )
            told = answer.json()
        except (requests.RequestException, ValueError) as error:
            raise NoSecondCore(f"核心管理 / core administration: {action}: {str(error)[:300]}") from error
        if answer.status_code != requests.codes.ok or told.get("error"):
            reason = (told.get("error") or {}).get("msg", answer.status_code)
            raise NoSecondCore(f"核心管理 / core administration: {action}: {str(reason)[:300]}")
        return told


def swapped(cores: Cores, folder: str) -> bool:
    """Say whether the live core is the one that was made in ``folder``."""
    told = cores.status(cores.live)
    return told is not None and _same(told["instanceDir"], folder)


def require_swapped(cores: Cores, folder: str) -> None:
    """Raise ``SearchIndexError`` unless the core made in ``folder`` is the live one."""
    if not swapped(cores, folder):
        raise SearchIndexError("Solr 没有交换两个核心 / Solr did not swap the cores")


def _free_folder(used: Path, core: str) -> Path:
    """Return the folder for the second core: two names take turns beside each other."""
    first, other = used.parent / core, used.parent / f"{core}_second"
    return other if _same(str(used), str(first)) else first


def _copy_configuration(used: Path, folder: Path) -> None:
    """Copy the configuration of the live core into the folder of the second, where this machine has both."""
    if not (used / "conf" / "solrconfig.xml").is_file():
        raise NoSecondCore(
            f"核心的配置不在本机，可用 {CONFIGSET} 指定 Solr 的配置集"
            f" / the configuration of the core is not on this machine; {CONFIGSET} can name a configuration set of Solr"
        )
    try:
        if folder.exists() and {each.name for each in folder.iterdir()} - {"conf"}:
            raise NoSecondCore(f"文件夹已被占用，其中不只有配置 / the folder holds more than a configuration: {folder}")
        shutil.copytree(used / "conf", folder / "conf", dirs_exist_ok=True)
    except OSError as error:
        raise NoSecondCore(f"无法写入 / cannot be written: {folder}: {error}") from error


def _same(one: str, other: str) -> bool:
    return one.rstrip("/") == other.rstrip("/")
