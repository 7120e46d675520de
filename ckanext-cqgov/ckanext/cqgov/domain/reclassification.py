"""What happens to the copies of an entry's data when its classification changes, in which order; who acts next (Arts. 16, 22, 34).

The stricter state is stored first and stands by itself; what is here only follows it. So every step may be repeated, none
depends on being in time, and whatever fails leaves the entry withheld.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from ckanext.cqgov.domain.access import Audience, Dataset, labels_of
from ckanext.cqgov.domain.text import Text
from ckanext.cqgov.domain.vault import hidden


class Course(StrEnum):
    """Where an entry goes: out of the open, into it, or out of the catalogue altogether."""

    WITHDRAW = "withdraw"
    PUBLISH = "publish"
    PURGE = "purge"


class State(StrEnum):
    """How far a reclassification is. ``STUCK`` is still tried again, but somebody has to look."""

    WAITING = "waiting"
    RUNNING = "running"
    STUCK = "stuck"
    DONE = "done"


@dataclass(frozen=True)
class Step:
    """One step: its code, what it does in words, and the codes of those without which it would destroy what they need."""

    code: str
    text: Text
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """The steps of a course in order. ``halting``: a step that fails keeps the later ones waiting; else they go on without it."""

    steps: tuple[Step, ...]
    halting: bool
    text: Text

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the steps, in order."""
        return tuple(step.code for step in self.steps)


TABLES = Step("tables", Text("删除数据表", "remove the tables"))
VIEWS = Step("views", Text("删除预览", "remove the previews"))
TRACES = Step("traces", Text("清除任务状态和访问统计", "remove task states and visit counts"))
ACTIVITIES = Step(
    "activities",
    Text("清除动态中的地址，收紧可见范围", "clean the activities and narrow who sees them"),
    (TRACES.code,),
)
"""Earlier addresses stand in the activities alone: first whatever quotes them elsewhere is removed."""
FILES = Step("files", Text("文件移入保管库，删除公开副本", "move the files into the vault and remove the public ones"))
QUEUE = Step("queue", Text("撤销排队的后台任务", "take back queued background jobs"))
INDEX = Step("index", Text("更新检索索引", "bring the search index up to date"))
PAGES = Step("pages", Text("作废缓存页面", "forget the kept pages"))
PROOF = Step("proof", Text("逐处核验无残留", "prove that nothing is left anywhere"))

PLANS: Mapping[Course, Plan] = {
    Course.WITHDRAW: Plan(
        (TABLES, VIEWS, TRACES, ACTIVITIES, FILES, QUEUE, INDEX, PAGES, PROOF),
        False,
        Text("停止向所有人开放", "taking it out of the open"),
    ),
    Course.PURGE: Plan(
        (TABLES, VIEWS, TRACES, ACTIVITIES, FILES, QUEUE, INDEX, PAGES, PROOF),
        False,
        Text("彻底清除", "removing it for good"),
    ),
    Course.PUBLISH: Plan(
        (
            Step("files", Text("文件和地址移出保管库", "move files and addresses out of the vault")),
            Step("tables", Text("载入数据表", "load the tables")),
            Step("views", Text("建立预览", "make the previews")),
            INDEX,
            PAGES,
        ),
        True,
        Text("转为无条件开放", "opening it without conditions"),
    ),
}
"""What each course does. The proof is the last of all: it counts only when everything before it is done."""

TRIES: tuple[timedelta, ...] = (
    timedelta(minutes=1),
    timedelta(minutes=2),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
)
"""How long to wait after each try that failed; after the last of them it goes on at that pace, and is ``STUCK``."""

LEASE = timedelta(seconds=90)
"""How long a worker may be silent before another takes its work up; it tells of itself three times in that."""

TRIED_AGAIN = frozenset({State.WAITING, State.STUCK})
"""States in which the portal tries by itself when the time has come."""

NEXT: Mapping[State, Text | None] = {
    State.WAITING: Text("平台自动继续，无需操作", "the portal goes on by itself; nothing to do"),
    State.RUNNING: Text("平台正在处理，无需操作", "the portal is at work; nothing to do"),
    State.STUCK: Text(
        "系统管理员查看日志、排除故障后执行 ckan cqgov reclassify resume；在此之前条目保持不开放",
        "the operator reads the log, removes the cause and runs ckan cqgov reclassify resume; until then the entry stays withheld",
    ),
    State.DONE: None,
}
"""Who acts next, and what they do."""

STATES: Mapping[State, Text] = {
    State.WAITING: Text("等待处理", "waiting"),
    State.RUNNING: Text("处理中", "at work"),
    State.STUCK: Text("多次失败", "failed several times"),
    State.DONE: Text("已完成", "done"),
}

PLACES: Mapping[str, Text] = {
    "resources": Text("资源地址", "addresses of resources"),
    "files": Text("公开文件", "public files"),
    "tables": Text("数据表", "tables"),
    "views": Text("预览", "previews"),
    "activities": Text("动态", "activities"),
    "traces": Text("任务状态和访问统计", "task states and visit counts"),
    "queue": Text("排队的后台任务", "queued background jobs"),
    "index": Text("检索索引", "search index"),
}
"""Where the proof looks."""


def course(before: Dataset | None, after: Dataset) -> Course | None:
    """Return what has to follow when an entry that stood as ``before`` now stands as ``after``; None when nothing has to.

    A new entry (``before`` None) has no copies. An entry that stays withheld is withdrawn once more when somebody who saw
    it no longer does: moved to another provider, closed, taken back from the departments.
    """
    if before is None:
        return None
    was, now = not hidden(before), not hidden(after)
    if now:
        return None if was else Course.PUBLISH
    if was:
        return Course.WITHDRAW
    left = set(labels_of(after))
    lost = set() if Audience.PUBLIC.value in left else set(labels_of(before)) - left
    return Course.WITHDRAW if lost else None


def state(*, finished: bool, leased: bool, attempts: int) -> State:
    """Return how far a reclassification is; ``leased``: a worker has told of itself lately."""
    if finished:
        return State.DONE
    if leased:
        return State.RUNNING
    return State.STUCK if attempts >= len(TRIES) else State.WAITING


def pause(attempts: int) -> timedelta:
    """Return how long to wait after this many tries (at least one) that failed."""
    return TRIES[min(max(attempts, 1), len(TRIES)) - 1]


def narrowed(labels: Iterable[str] | None, now: Collection[str]) -> list[str]:
    """Return the labels of an older activity, so that whoever sees it saw it then and sees the entry now.

    ``labels`` are those it was written with, ``now`` the entry's present ones. Nobody but the sysadmin is left when nobody
    has both.
    """
    public, held = Audience.PUBLIC.value, list(labels or ())
    if public in held:
        return list(now)
    if public in now:
        return held or [Audience.SYSADMIN.value]
    return [label for label in held if label in set(now)] or [Audience.SYSADMIN.value]
