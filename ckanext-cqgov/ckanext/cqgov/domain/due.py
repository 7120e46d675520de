"""By when something is due: under a clock of the rules file, with its extension, or after plain working days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from ckanext.cqgov.domain.calendar import CalendarError, Due, Step, WorkCalendar, yearly
from ckanext.cqgov.domain.rules import DECREE, Clock, Rules
from ckanext.cqgov.domain.text import Text


@dataclass(frozen=True)
class Answer:
    """A due date under ``clock`` (None: plain days). ``counted`` is None for a yearly date.

    An extension is counted from the original due date, so the two periods never overlap.
    """

    clock: Clock | None
    received: date
    due_on: date
    counted: Due | None
    extended: Due | None

    @property
    def provisional(self) -> bool:
        """Whether the due date itself may still move when a notice is published."""
        return bool(self.counted and self.counted.provisional)


def answer(
    rules: Rules, calendar: WorkCalendar, received: date, rule: str | None = None, days: int | None = None
) -> Answer:
    """Return when something received on ``received`` is due: under the clock ``rule``, or after ``days`` working days.

    Raises ``CalendarError`` (field ``rule``, ``days`` or ``received``) when not exactly one of the two is given, the rule
    is unknown, or the calendar can't tell.
    """
    if (rule is None) == (days is None):
        raise CalendarError(
            "rule",
            Text("rule（规则）与 days（工作日数）须且只能给一个", "give either rule or days, and only one of them"),
        )
    if rule is None:
        most = rules.caps["due_date_days"].value
        if not 1 <= days <= most:
            raise CalendarError(
                "days",
                Text("工作日数须为 1 至 {most} 的整数", "working days must be a whole number from 1 to {most}").filled(
                    most=most
                ),
            )
        due = calendar.due(received, days)
        return Answer(None, received, due.due_on, due, None)
    clock = rules.clocks.get(rule)
    if clock is None:
        raise CalendarError(
            "rule",
            Text("没有规则“{rule}”；可用：{codes}", "there is no rule “{rule}”; known: {codes}").filled(
                rule=rule, codes=", ".join(rules.clocks)
            ),
        )
    if clock.days is None:
        calendar.due(received, 1)  # the same bounds on the date as everywhere
        return Answer(clock, received, yearly(received, clock.month, clock.day), None, None)
    due = calendar.due(received, clock.days)
    extended = calendar.due(due.due_on, clock.extension_days) if clock.extensible else None
    return Answer(clock, received, due.due_on, due, extended)


def received_on(written: str) -> date:
    """Return the date written as ``YYYY-MM-DD``; ``CalendarError`` (field ``received``) for anything else."""
    try:
        return date.fromisoformat(written.strip())
    except ValueError:
        raise CalendarError(
            "received",
            Text(
                "须为存在的日期，写作 年-月-日，如 2026-02-12",
                "write an existing date as YYYY-MM-DD, e.g. 2026-02-12",
            ),
        ) from None


def whole_days(written: str) -> int:
    """Return the number written; ``CalendarError`` (field ``days``) when it is not a whole number."""
    try:
        if len(written) > 9:
            raise ValueError
        return int(written)
    except ValueError:
        raise CalendarError("days", Text("工作日数须为整数", "working days must be a whole number")) from None


def summary(found: Answer) -> Text:
    """Say the result in one sentence."""
    if found.counted is None:
        return Text("每年的固定日期；下一个是 {due}。", "A fixed date each year; the next one is {due}.").filled(
            due=found.due_on.isoformat()
        )
    skipped = sum(not step.counted for step in found.counted.trace)
    made_up = sum(step.kind == "make-up" for step in found.counted.trace)
    return Text(
        "{received} 收到（当日不计），自次日起数 {days} 个工作日（其中调休上班 {made_up} 天），跳过休息日 {skipped} 天，"
        "于 {due} 到期。",
        "Received on {received} (day 0); counting {days} working days from the next day ({made_up} of them make-up "
        "workdays) and skipping {skipped} rest days, it is due on {due}.",
    ).filled(
        received=found.received.isoformat(),
        days=found.counted.days,
        skipped=skipped,
        made_up=made_up,
        due=found.due_on.isoformat(),
    )


def as_dict(found: Answer, rules: Rules) -> dict[str, Any]:
    """Return the answer as JSON values; texts in both languages."""
    clock = found.clock
    return {
        "rule": _rule(clock, rules) if clock else None,
        "received": found.received.isoformat(),
        "days": found.counted.days if found.counted else None,
        "due_on": found.due_on.isoformat(),
        "provisional": found.provisional,
        "calendar_version": found.counted.version if found.counted else None,
        "explanation": vars(summary(found)),
        "trace": [_step(step) for step in found.counted.trace] if found.counted else [],
        "extension": {
            "days": found.extended.days,
            "times": clock.extension_times,
            "approved_by": {"code": clock.extension_by, **vars(rules.duties[clock.extension_by].text)},
            "due_on": found.extended.due_on.isoformat(),
            "provisional": found.extended.provisional,
            "calendar_version": found.extended.version,
            "trace": [_step(step) for step in found.extended.trace],
        }
        if found.extended
        else None,
    }


def _rule(clock: Clock, rules: Rules) -> dict[str, Any]:
    return {
        "code": clock.code,
        "zh": clock.zh,
        "en": clock.en,
        "basis": clock.basis,
        "article": clock.article,
        "source": vars(rules.cite(clock) if clock.basis == DECREE else rules.source(clock)),
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "date": step.date.isoformat(),
        "counted": step.counted,
        "number": step.number or None,
        "kind": step.kind,
        "reason": vars(step.reason),
        "paper": step.paper,
        "provisional": step.provisional,
    }
