"""A year's calendar as a file: read, checked and compared (the form of NateScarlet/holiday-cn, one file a year)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from ckanext.cqgov.domain.calendar import LAST_YEAR, SpecialDay, Year, festival
from ckanext.cqgov.domain.text import Text

FIRST_YEAR = 2007  # the first year whose notice is published in this form
MOST_SPECIAL_DAYS = 120


class NoticeError(ValueError):
    """A calendar file does not hold; ``problems`` are all of its faults."""

    def __init__(self, problems: list[Text]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True)
class Change:
    """How one day differs between two versions of a year; ``None`` = an ordinary day."""

    date: date
    before: SpecialDay | None
    after: SpecialDay | None

    @property
    def text(self) -> Text:
        """The change as a sentence."""
        return Text("{day}：{before} → {after}", "{day}: {before} → {after}").filled(
            day=self.date.isoformat(), before=said(self.before), after=said(self.after)
        )


def read(raw: Any) -> Year:
    """Return the year of a parsed calendar file; raises ``NoticeError`` with everything that is wrong with it.

    Addresses of notices must be http(s): they become links on a public page.
    """
    problems: list[Text] = []
    if not isinstance(raw, Mapping):
        raise NoticeError([Text("文件内容须为 JSON 对象", "the file must hold a JSON object")])
    year, papers, entries = raw.get("year"), raw.get("papers"), raw.get("days")
    if isinstance(year, bool) or not isinstance(year, int) or not FIRST_YEAR <= year <= LAST_YEAR:
        problems.append(
            Text("year 须为 {first} 至 {last} 的整数", "year must be a whole number from {first} to {last}").filled(
                first=FIRST_YEAR, last=LAST_YEAR
            )
        )
        year = None
    if not isinstance(papers, list) or not all(isinstance(paper, str) and web(paper) for paper in papers):
        problems.append(
            Text(
                "papers 须为通知网址（http/https）的列表，没有通知时写 []",
                "papers must list the notices' addresses (http/https); write [] when there is none",
            )
        )
        papers = []
    if not isinstance(entries, list) or len(entries) > MOST_SPECIAL_DAYS:
        problems.append(
            Text("days 须为列表，最多 {most} 天", "days must be a list of at most {most} days").filled(
                most=MOST_SPECIAL_DAYS
            )
        )
        entries = []
    days: dict[date, SpecialDay] = {}
    for position, entry in enumerate(entries, 1):
        try:
            day, special = _day(entry)
        except (TypeError, KeyError, ValueError):
            problems.append(
                Text(
                    "days 第 {position} 项须为 {{name: 节日名称, date: 年-月-日, isOffDay: true/false}}",
                    "entry {position} of days must be {{name: festival, date: YYYY-MM-DD, isOffDay: true/false}}",
                ).filled(position=position)
            )
            continue
        if day in days:
            problems.append(Text("{day} 出现两次", "{day} occurs twice").filled(day=day))
        elif year and day.year != year and (day.year, day.month) != (year - 1, 12):
            problems.append(
                Text(
                    "{day} 不属于 {year} 年（也不属于上年 12 月）",
                    "{day} lies neither in {year} nor in the December before",
                ).filled(day=day, year=year)
            )
        days[day] = special
    if papers and not any(special.off for special in days.values()):
        problems.append(Text("有通知的年份必须至少有一个放假日", "a year with a notice must have at least one day off"))
    if problems:
        raise NoticeError(problems)
    return Year(year, tuple(papers), days)


def changes(before: Year | None, after: Year) -> list[Change]:
    """Return the days that differ, in order; every special day when there was no such year before."""
    old = before.days if before else {}
    return [
        Change(day, old.get(day), after.days.get(day))
        for day in sorted({*old, *after.days})
        if old.get(day) != after.days.get(day)
    ]


def said(special: SpecialDay | None) -> Text:
    """Name a special day's treatment."""
    if special is None:
        return Text("按平日", "ordinary")
    if special.off:
        return Text("放假（{name}）", "off ({name})").filled(name=festival(special.name))
    return Text("上班（{name}）", "worked ({name})").filled(name=festival(special.name))


def web(address: str) -> bool:
    """Whether the text is an address that may become a link."""
    return address.startswith(("http://", "https://")) and len(address) <= 500 and not any(map(str.isspace, address))


def _day(entry: Mapping[str, Any]) -> tuple[date, SpecialDay]:
    name, off = entry["name"], entry["isOffDay"]
    if not isinstance(name, str) or not name.strip() or len(name) > 50 or not isinstance(off, bool):
        raise ValueError
    return date.fromisoformat(entry["date"]), SpecialDay(name.strip(), off)
