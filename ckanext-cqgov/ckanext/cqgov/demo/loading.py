"""Loads the demo city, step by step; a run that was cut short is taken up again, a second run changes nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.cqgov.demo import accounts, city, datasets, organizations, sample

Say = Callable[[str], None]


@dataclass
class Loading:
    """One run: where it tells its progress, where the accounts go, how many rows of the sample catalogue it takes."""

    say: Say
    accounts: Path
    limit: int | None = None
    made: dict[str, int] = field(default_factory=dict)

    def run(self) -> dict[str, int]:
        """Do all steps in their order and return how many things each step made; all zero when nothing was missing."""
        people = city.accounts()
        steps: list[tuple[str, str, Callable[[], int]]] = [
            (
                "organizations",
                "机构 / organisations",
                lambda: organizations.load(city.organizations(), self.context, self.say),
            ),
            ("words", "检索词 / words of the search", self.words),
            ("accounts", "账号 / accounts", lambda: accounts.load(people, self.accounts, self.context, self.say)),
            ("duties", "岗位 / duties", lambda: organizations.assign(people, self.context)),
            ("sample", "样例目录 / sample catalogue", lambda: sample.load(self.limit, self.say)),
            ("entries", "虚构条目 / invented entries", lambda: datasets.load(city.entries(), self.context, self.say)),
            ("datasets", "数据集和文件 / datasets", lambda: datasets.load(city.datasets(), self.context, self.say)),
        ]
        for number, (key, title, step) in enumerate(steps, start=1):
            started = time.monotonic()
            self.say(f"[{number}/{len(steps)}] {title} …")
            self.made[key] = step()
            took = time.monotonic() - started
            outcome = f"新增 / made {self.made[key]}" if self.made[key] else "无变化 / nothing to do"
            self.say(f"[{number}/{len(steps)}] {title}: {outcome} ({took:.1f} s)")
        return self.made

    def words(self) -> int:
        """Bring in the synonyms and names that ship with the portal; return how many groups came or changed."""
        done = tk.get_action("cqgov_search_term_import")(self.context(), {"shipped": True})
        return done["created"] + done["updated"]

    def context(self) -> dict[str, Any]:
        """Return a fresh action context of CKAN's own site user, who is a sysadmin."""
        name = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
        return {"user": name}
