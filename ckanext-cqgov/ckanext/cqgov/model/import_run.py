"""Import runs: how far each came, what it has seen, what it refused. All of it survives the death of the process."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, deferred, mapped_column

WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"


class ImportRun(tk.BaseModel):
    """One run over one file. ``account`` counts every row read so far, so its ``rows_read`` is where a resumed run goes on.

    ``fingerprint`` is the hash of the file and of everything that decides what the run does; ``findings`` holds the
    columns nobody read and the departments nobody knows. ``content`` is an uploaded file until the run has ended.
    """

    __tablename__ = "cqgov_import_run"

    id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    fingerprint: Mapped[str] = mapped_column(sa.Text, index=True)
    state: Mapped[str] = mapped_column(sa.Text)
    dry_run: Mapped[bool] = mapped_column(sa.Boolean)
    actor_id: Mapped[str | None] = mapped_column(sa.Text)
    organization_id: Mapped[str | None] = mapped_column(sa.Text)
    file_name: Mapped[str] = mapped_column(sa.Text)
    layout: Mapped[str] = mapped_column(sa.Text)
    options: Mapped[dict[str, Any]] = mapped_column(JSONB)
    account: Mapped[dict[str, Any]] = mapped_column(JSONB)
    findings: Mapped[dict[str, Any]] = mapped_column(JSONB)
    error: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    content: Mapped[bytes | None] = deferred(mapped_column(sa.LargeBinary))
    started_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True), server_default=sa.func.now())
    touched_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True), server_default=sa.func.now())
    finished_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))


class Seen(tk.BaseModel):
    """A record that a run has already met: 16 bytes each of its identity and content. Gone when the run is done.

    ``unindexed`` is the id of a dataset that was written but is not yet in the search index.
    """

    __tablename__ = "cqgov_import_seen"

    run_id: Mapped[str] = mapped_column(
        sa.Text, sa.ForeignKey("cqgov_import_run.id", ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[bytes] = mapped_column(sa.LargeBinary, primary_key=True)
    content: Mapped[bytes] = mapped_column(sa.LargeBinary)
    row: Mapped[int] = mapped_column(sa.Integer)
    unindexed: Mapped[str | None] = mapped_column(sa.Text)


class Reject(tk.BaseModel):
    """One line of a run's report: a refused row, a differing repeat, or a value that was adjusted (``note``)."""

    __tablename__ = "cqgov_import_reject"

    run_id: Mapped[str] = mapped_column(
        sa.Text, sa.ForeignKey("cqgov_import_run.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(sa.Text)
    row: Mapped[int] = mapped_column(sa.Integer)
    column: Mapped[str] = mapped_column(sa.Text)
    value: Mapped[str] = mapped_column(sa.Text)
    wrong_zh: Mapped[str] = mapped_column(sa.Text)
    wrong_en: Mapped[str] = mapped_column(sa.Text)
    fix_zh: Mapped[str] = mapped_column(sa.Text)
    fix_en: Mapped[str] = mapped_column(sa.Text)
