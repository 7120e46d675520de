"""Verifying the ledger: the chain in the database, an exported chain in a file, and the checkpoints against both."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from ckanext.cqgov import keyring
from ckanext.cqgov.domain import ledger as chain
from ckanext.cqgov.domain.ledger_checkpoint import FILE, TABLE, Checkpoint, Comparison, Fault, Genuine, Watch
from ckanext.cqgov.domain.text import Text
from ckanext.cqgov.ledger import checkpoints
from ckanext.cqgov.model import ledger, ledger_checkpoint, ledger_owner

NO_KEYS = Text(
    "未配置密钥（ckanext.cqgov.ledger.key），检查点的签名未核对",
    "no key is configured (ckanext.cqgov.ledger.key): signatures of checkpoints were not checked",
)
NO_FILE = Text(
    "未配置检查点文件（ckanext.cqgov.ledger.checkpoints），末尾被截去时无从发现",
    "no file of checkpoints is configured (ckanext.cqgov.ledger.checkpoints): an end that was cut off is not found",
)
FILE_GONE = Text("检查点文件 {path} 不存在", "the file of checkpoints {path} is not there")
OWNED = Text(
    "台账的表属于门户自己的数据库角色，它可以停用触发器：请由数据库管理员执行 ckan cqgov ledger permissions 给出的语句",
    "the portal's own database role owns the ledger and could disable its triggers: have the database's administrator run "
    "what ckan cqgov ledger permissions prints",
)
SUPERUSER = Text(
    "门户以数据库超级用户身份连接，数据库无法保护台账：请改用普通角色",
    "the portal connects as a superuser, from whom no database protects the ledger: give it an ordinary role",
)
UNGUARDED = Text(
    "表 {tables} 的只增触发器已停用或不存在", "the trigger that lets {tables} only grow is disabled or gone"
)


@dataclass(frozen=True)
class Report:
    """What a verification found.

    ``remarks`` weaken the protection but not the answer; ``gaps`` are what could not be checked or no longer protects.
    """

    sealed: int
    unsealed: int
    since: datetime | None
    head: str
    broken: chain.Break | None
    faults: tuple[Fault, ...] = ()
    checkpoint: Checkpoint | None = None
    gaps: tuple[Text, ...] = ()
    remarks: tuple[Text, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether nothing was found."""
        return self.broken is None and not self.faults


def told(report: Report) -> dict[str, Any]:
    """Return a report as JSON has it: ``whole``, ``sealed``, ``unsealed``, ``since``, ``head``, ``checkpoint``, ``broken``,
    ``faults`` (each with the last position that holds), ``gaps`` and ``remarks``; sentences in both languages.
    """
    broken, last = report.broken, report.checkpoint
    return {
        "whole": report.is_whole,
        "sealed": report.sealed,
        "unsealed": report.unsealed,
        "since": report.since.isoformat() if report.since else None,
        "head": report.head,
        "checkpoint": {"position": last.position, "at": last.at.isoformat(), "key": last.key} if last else None,
        "broken": None
        if broken is None
        else {
            "position": broken.position,
            "entry_id": broken.entry_id,
            "code": broken.code,
            "text": str(broken.text),
        },
        "faults": [
            {
                "source": one.source,
                "code": one.code,
                "after": one.after,
                "position": one.position,
                "text": str(one.text),
            }
            for one in report.faults
        ],
        "gaps": [str(text) for text in report.gaps],
        "remarks": [str(text) for text in report.remarks],
    }


def verify(session: Any, public_keys: Path | None = None, file: Path | None = None) -> Report:
    """Walk chain and checkpoints in constant memory; ``public_keys`` and ``file`` lie outside the database.

    What is read first can't be ahead of what is read later: the file, then the table of checkpoints, then the chain, so
    that a sealer at work changes nothing in the answer. Raises ``KeyFault`` when ``public_keys`` can't be read.
    """
    gaps: list[Text] = []
    remarks: list[Text] = []
    outside = _outside(file, gaps if ledger_checkpoint.last(session) else remarks, remarks)
    genuine = _genuine(public_keys, remarks)
    file_watch = Watch(FILE, outside, genuine) if outside is not None else None
    comparison = Comparison(Watch(TABLE, ledger_checkpoint.behind(session, 0), genuine), file_watch)
    verdict = ledger.verify(session, lambda seal: comparison.passing(seal.position, seal.hash))
    faults = comparison.end()
    standing = ledger_owner.standing(session)
    if standing.unguarded:
        gaps.append(UNGUARDED.filled(tables="、".join(standing.unguarded)))
    remarks += [SUPERUSER] if standing.superuser else [OWNED] if standing.owned else []
    return Report(
        verdict.sealed,
        verdict.unsealed,
        verdict.since,
        verdict.head,
        verdict.broken,
        faults,
        comparison.last,
        tuple(gaps),
        tuple(remarks),
    )


def verify_export(path: Path, public_keys: Path | None = None, file: Path | None = None) -> Report:
    """Verify a whole export (JSON lines) without the database it came from. Raises ``KeyFault``, ``ValueError``."""
    gaps: list[Text] = []
    remarks: list[Text] = []
    unsealed: list[datetime] = []
    outside = _outside(file, gaps, remarks)
    watch = Watch(FILE, outside or (), _genuine(public_keys, remarks))
    passed = [0, chain.GENESIS]

    def passing(seal: chain.Seal) -> None:
        watch.at(seal.position, seal.hash)
        passed[:] = [seal.position, seal.hash]

    broken = chain.first_break(_exported(path, unsealed), passing)
    watch.end(int(passed[0]))
    faults = (watch.fault,) if watch.fault else ()
    since = min(unsealed, default=None)
    return Report(
        int(passed[0]), len(unsealed), since, str(passed[1]), broken, faults, watch.last, tuple(gaps), tuple(remarks)
    )


def _exported(path: Path, unsealed: list[datetime]) -> Iterator[tuple[chain.Seal, chain.Entry]]:
    names = [field.name for field in fields(chain.Entry) if field.name != "at"]
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                row = json.loads(line)
                entry = chain.Entry(at=datetime.fromisoformat(row["at"]), **{name: row[name] for name in names})
                links = row["position"], row["prev_hash"], row["hash"]
            except (KeyError, TypeError, ValueError) as error:
                raise ValueError(f"{path}:{number}: {error}") from error
            if links[0] is None:
                unsealed.append(entry.at)
            else:
                yield chain.Seal(links[0], entry.id, links[1], links[2]), entry


def _outside(file: Path | None, gaps: list[Text], remarks: list[Text]) -> Iterable[Checkpoint] | None:
    """Return the checkpoints of the file as long as it is now."""
    if file is None:
        remarks.append(NO_FILE)
        return None
    if not file.exists():
        gaps.append(FILE_GONE.filled(path=file))
        return None
    return checkpoints.lines(file, file.stat().st_size)


def _genuine(public_keys: Path | None, remarks: list[Text]) -> Genuine:
    if public_keys is None:
        remarks.append(NO_KEYS)
        return lambda one: True
    keys = keyring.public_keys(public_keys)
    return lambda one: keyring.is_signed(keys, one.key, one.message(), one.signature)
