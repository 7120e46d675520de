"""One import from file to report, for the command line, the action and the background job alike."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
from ckan.lib.search.common import SearchIndexError
from sqlalchemy.exc import SQLAlchemyError

from ckanext.cqgov.domain.text import Text
from ckanext.cqgov.exchange import mappings, runs
from ckanext.cqgov.exchange.importing import Import
from ckanext.cqgov.exchange.judging import Actor
from ckanext.cqgov.exchange.merging import Wishes
from ckanext.cqgov.exchange.runs import Run
from ckanext.cqgov.exchange.source import TEMPLATE, Source, entries_of
from ckanext.cqgov.exchange.unreadable import Unreadable
from ckanext.cqgov.model import ledger, organization

RETRY = Text("重新运行同一命令即从中断处继续", "run the same import again; it goes on from where it stopped")


@dataclass(frozen=True)
class Order:
    """What is to be imported and how; ``kept`` says whether a dry run is kept in the database with its report."""

    path: Path
    actor: Actor
    wishes: Wishes
    mapping: str | None = None
    dry: bool = False
    kept: bool = True
    file_name: str = ""
    batch: int = 500

    def decides(self) -> dict[str, Any]:
        """Return everything besides the file that decides what a run does; two runs that agree in it are the same run."""
        layout = self.mapping
        if layout and layout not in mappings.shipped() and layout != TEMPLATE:
            layout = hashlib.sha256(Path(layout).read_bytes()).hexdigest() if Path(layout).is_file() else layout
        wishes = self.wishes
        return {
            "layout": layout,
            "organization": wishes.organization_id,
            "publish": wishes.publish,
            "draft": wishes.draft,
            "dry": self.dry,
            "actor": self.actor.id,
        }


def actor_named(name: str | None) -> Actor:
    """Return who imports: the named user, or the site's own user. Raises ``Unreadable`` for an unknown name."""
    if not name:
        name = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    user = model.User.get(name)
    if user is None or user.state != "active":
        raise Unreadable(
            Text(f"没有名为“{name}”的用户", f"there is no user '{name}'"),
            Text("用 ckan user list 查看用户", "see ckan user list"),
        )
    return Actor(user.id, user.name, bool(user.sysadmin))


def organization_named(name: str | None) -> str | None:
    """Return the id of the organisation with this id, name, title, code or alias. Raises ``Unreadable`` when unknown."""
    if not name:
        return None
    found = organization.resolve(name)
    if found is None:
        raise Unreadable(
            Text(f"没有机构“{name}”", f"there is no organisation '{name}'"),
            Text(
                "用 ckan cqgov organization import 登记，或核对名称",
                "register it (ckan cqgov organization import), or check the name",
            ),
        )
    return found


def described(order: Order, layout: str) -> dict[str, Any]:
    """Return what a stored run says of the order."""
    return {
        "dry_run": order.dry,
        "actor_id": order.actor.id,
        "organization_id": order.wishes.organization_id,
        "file_name": order.file_name or order.path.name,
        "layout": layout,
        "options": order.decides(),
    }


@contextmanager
def prepared(order: Order) -> Iterator[tuple[Run, Source, bool]]:
    """Open the file and the run: yields run, source, and whether an earlier run is resumed. Raises ``Unreadable``."""
    if order.dry and not order.kept:
        with entries_of(order.path, order.mapping) as source:
            yield Run(), source, False
        return
    mark = runs.fingerprint(order.path, order.decides())
    with runs.alone(mark), entries_of(order.path, order.mapping) as source:
        run, resumed = runs.begin(mark, described(order, source.layout))
        yield run, source, resumed


def carry_out(order: Order, run: Run, source: Source, progress: Callable[[int], None] = lambda rows: None) -> None:
    """Import what the run has not done yet and end it. Raises ``Unreadable`` with the reason when it can't be finished."""
    work = Import(source, run, order.actor, order.wishes, dry=order.dry, batch=order.batch)
    try:
        work.carry_out(progress)
        if not order.dry:
            detail = {"file": order.file_name or order.path.name, "layout": source.layout, **run.account.as_dict()}
            ledger.record(model.Session, order.actor.id, "catalogue.import", "import", run.id, detail)
        run.finish()
    except (Unreadable, SearchIndexError, SQLAlchemyError) as error:
        model.Session.rollback()
        wrong = (
            error.wrong if isinstance(error, Unreadable) else Text(f"导入中断：{error}", f"the import stopped: {error}")
        )
        fix = error.fix if isinstance(error, Unreadable) else RETRY
        run.finish(Text(wrong.zh, wrong.en))
        raise Unreadable(wrong, fix) from error
