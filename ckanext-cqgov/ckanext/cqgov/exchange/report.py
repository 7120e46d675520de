"""What an import tells: the account of every row, what it found, and the rejects file."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from typing import IO, Any

from ckanext.cqgov.domain.exchange import OUTCOME_LABELS, Account, Outcome

HEADINGS = ("处理", "行号", "列", "内容", "问题", "problem", "如何改正", "how to mend it")
KINDS = {"rejected": "退回", "differing": "同一标识、内容不同", "note": "提示"}
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_dict(account: Account, findings: Mapping[str, Any], **about: Any) -> dict[str, Any]:
    """Return the report of a run as plain data: ``rows`` and ``records`` by outcome, findings, and ``about`` the run."""
    return {**about, **account.as_dict(), "balanced": account.balanced(), "findings": dict(findings)}


def lines(account: Account, findings: Mapping[str, Any]) -> list[str]:
    """Return the report as lines of text in both languages, for the command line."""
    told = [f"读入 {account.rows_read} 行 / rows read: {account.rows_read}"]
    for outcome in Outcome:
        label = OUTCOME_LABELS[outcome]
        rows, records = account.rows[outcome.value], account.records[outcome.value]
        told.append(f"  {label.zh} {rows} 行、{records} 条 / {label.en}: {rows} rows, {records} records")
    if account.published or account.kept_private:
        told.append(f"公开 {account.published} 条 / made public: {account.published}")
    if account.kept_private:
        told.append(f"未公开（见报告）{account.kept_private} 条 / kept private, see the report: {account.kept_private}")
    unread = findings.get("unread") or []
    if unread:
        told.append(f"未读取的列 / columns not read: {'、'.join(unread)}")
    for name, count in (findings.get("unknown") or {}).items():
        told.append(f"未知机构 / unknown department: {name or '（空 / empty）'} ({count})")
    if findings.get("unindexed"):
        told.append(f"未能建立索引 / stored but not indexed: {', '.join(findings['unindexed'])}")
    if not account.balanced():
        told.append("!! 各项之和与读入行数不符 / the rows do not add up")
    return told


def write_rejects(file: IO[str], rejects: Iterable[Mapping[str, Any]]) -> int:
    """Write the rejects as CSV; open ``file`` as ``utf-8-sig`` so that Excel reads the Chinese. Returns how many lines."""
    writer, count = csv.writer(file), 0
    writer.writerow(HEADINGS)
    for each in rejects:
        told = (each["column"], each["value"], each["wrong_zh"], each["wrong_en"], each["fix_zh"], each["fix_en"])
        writer.writerow([KINDS[each["kind"]], each["row"], *map(_inert, told)])
        count += 1
    return count


def _inert(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell
