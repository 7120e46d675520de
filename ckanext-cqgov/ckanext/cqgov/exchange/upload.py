"""Imports that come in over the web: the file waits in the database, so that any worker on any machine can carry it out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.cqgov.domain.exchange import Account
from ckanext.cqgov.domain.limits_uploads import HEAD
from ckanext.cqgov.domain.text import Text
from ckanext.cqgov.exchange import mappings, operation, report, runs
from ckanext.cqgov.exchange.judging import Actor
from ckanext.cqgov.exchange.merging import Wishes
from ckanext.cqgov.exchange.operation import Order
from ckanext.cqgov.exchange.reading import kind_of
from ckanext.cqgov.exchange.source import TEMPLATE, entries_of
from ckanext.cqgov.exchange.unreadable import Unreadable
from ckanext.cqgov.limits import uploads
from ckanext.cqgov.model.import_run import FAILED, WAITING, ImportRun

AT_ONCE = 200_000  # bytes that are imported within the request; anything larger goes to a worker
PACKED = 15  # times larger a gzipped listing is when unpacked


def received(name: str, content: bytes, actor: Actor, wishes: Wishes, mapping: str | None, dry: bool) -> ImportRun:
    """Take in an uploaded file and import it, at once when it is small, else by a background job; returns its run.

    Raises ``Unreadable`` for a file that is too large, empty, of another kind or not understood.
    """
    limit = tk.config.get("ckanext.cqgov.import.max_size")
    if len(content) > limit * 1_000_000:
        raise Unreadable(
            Text(f"文件超过 {limit} MB", f"the file is larger than {limit} MB"),
            Text("请压缩（.gz）或分成几个文件", "compress it (.gz) or split it"),
        )
    if not content:
        raise Unreadable(
            Text("没有选择文件，或文件为空", "no file was chosen, or it is empty"), Text("请选择文件", "choose a file")
        )
    if mapping and mapping != TEMPLATE and mapping not in mappings.shipped():
        raise Unreadable(  # over the web only shipped mappings: a name must never become a path on the server
            Text("没有这个对照文件", "there is no such mapping"),
            Text(f"可用：{'、'.join(mappings.shipped())}", f"there are {', '.join(mappings.shipped())}"),
        )
    file_name = PurePath(name.replace("\\", "/")).name[:200]
    kind_of(Path(file_name))
    if wrong := uploads.archive_problem(BytesIO(content), file_name, len(content), content[:HEAD]):
        raise Unreadable(wrong, Text("请重新导出文件", "export the file again"))
    with _on_disk(file_name, content) as path:
        order = Order(path, actor, wishes, mapping or None, dry=dry, file_name=file_name)
        with entries_of(path, order.mapping) as source:
            layout = source.layout
        mark = runs.fingerprint(path, order.decides())
    row = runs.wait(mark, content, operation.described(order, layout))
    if len(content) * (PACKED if file_name.lower().endswith(".gz") else 1) <= AT_ONCE:
        carry_out(row.id)
    else:
        tk.enqueue_job(carry_out, [row.id], title=f"catalogue import {row.id}", rq_kwargs={"timeout": 6 * 3600})
    found = runs.get(row.id)
    assert found
    return found


def carry_out(run_id: str) -> None:
    """Carry out a waiting or interrupted run (a background job, or within the request); its row tells how it ended."""
    row = runs.get(run_id)
    if row is None or row.content is None:
        return
    options, content, file_name, dry = row.options, row.content, row.file_name, row.dry_run
    user = model.User.get(row.actor_id or "")
    if user is None:
        return
    actor = Actor(user.id, user.name, bool(user.sysadmin))
    wishes = Wishes(options["organization"], options["publish"], options["draft"])
    try:
        with _on_disk(file_name, content) as path:
            order = Order(path, actor, wishes, options["layout"], dry=dry, file_name=file_name)
            with operation.prepared(order) as (run, source, _resumed):
                operation.carry_out(order, run, source)
    except Unreadable as error:
        model.Session.rollback()
        row = runs.get(run_id)
        if row is not None and row.state == WAITING:
            row.state, row.error = FAILED, {"zh": error.wrong.zh, "en": error.wrong.en}
            model.Session.commit()


@contextmanager
def _on_disk(file_name: str, content: bytes) -> Iterator[Path]:
    """Yield the content as a file whose name ends as the upload's did; it is gone afterwards."""
    suffixes = "".join(Path(file_name).suffixes[-2:]).lower()
    with TemporaryDirectory(prefix="cqgov-import-") as folder:
        path = Path(folder) / f"upload{suffixes}"
        path.write_bytes(content)
        yield path


def shown(row: ImportRun, lines: int = 200) -> dict[str, Any]:
    """Return a run as an action shows it: state, report, and the first ``lines`` lines of its rejects."""
    run = runs.StoredRun(row)
    told = []
    for each in run.rejects():
        if len(told) == lines:
            break
        told.append({key: value for key, value in each.items() if key not in ("run_id", "position")})
    return report.as_dict(
        Account.of(row.account),
        row.findings,
        id=row.id,
        state=row.state,
        dry_run=row.dry_run,
        file_name=row.file_name,
        layout=row.layout,
        organization_id=row.organization_id,
        publish=bool(row.options.get("publish")),
        draft=bool(row.options.get("draft")),
        actor_id=row.actor_id,
        started_at=row.started_at.isoformat(),
        finished_at=row.finished_at.isoformat() if row.finished_at else None,
        error=row.error,
        repeatable=row.dry_run and row.content is not None,
        rejects=told,
        rejects_count=run.position,
    )
