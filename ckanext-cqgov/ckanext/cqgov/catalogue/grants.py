"""What somebody's grants open of a resource: the original, columns and rows of its table, or nothing (Arts. 19, 24, 34).

``what_to_serve`` is asked before a file is sent, ``shown`` before a table is read; both look the grants up anew.
"""

from __future__ import annotations

import csv
import io
import tempfile
from dataclasses import replace
from pathlib import PurePath
from typing import Any, BinaryIO, NamedTuple

import ckan.plugins.toolkit as tk

from ckanext.cqgov.catalogue import access, held_grants
from ckanext.cqgov.clock import today
from ckanext.cqgov.domain import access as rules
from ckanext.cqgov.domain.access import Level, Viewer
from ckanext.cqgov.domain.grant import STORAGE_ARTICLE, WHOLE, Grant, Window, windows
from ckanext.cqgov.domain.text import Text
from ckanext.cqgov.domain.vault import Holding
from ckanext.cqgov.language import pick
from ckanext.cqgov.model import granted_query

MARK = "\ufeff".encode()
"""Without it, spreadsheets read a UTF-8 file as GBK."""

IN_MEMORY = 8 << 20
"""Bytes of an extract that are kept in memory; the rest goes to a temporary file."""

NOT_GRANTED = Text(
    "您未获得这个资源的数据使用授权；请按目录条目页面的说明向提供部门申请（规章第十九、二十四条）",
    "you hold no grant for the data of this resource: ask the provider for them, as the entry's page says (Arts. 19, 24)",
)
NOT_STORED = Text(
    "您的授权不包括存储：未经提供部门同意不得存储，只能通过 cqgov_data_search 查询，不能下载（规章第三十四条第（五）项）",
    "your grant does not include storing the data, to which the provider has not consented: query them with "
    "cqgov_data_search, they can't be downloaded (Art. 34(5))",
)
NO_TABLE = Text(
    "该资源没有可查询的数据表：不是已存入平台的表格文件",
    "the resource has no table to query: it is no tabular file of the portal",
)
WAITING = Text(
    "文件刚刚更新，数据表正在载入，请稍后再试",
    "the file was replaced and its table is being loaded: try again in a moment",
)


class Original(NamedTuple):
    """The resource as it is may be given."""


class Extract(NamedTuple):
    """Only what the windows open of its table may be given, and only as a file made of it."""

    windows: tuple[Window, ...]


class Nothing(NamedTuple):
    """Nothing may be given; ``text`` says why, ``article`` on what it rests."""

    text: Text
    article: str


class Extracted(NamedTuple):
    """The file that is given instead of the original: CSV in UTF-8 with a byte order mark; ``size`` is in bytes."""

    file: BinaryIO
    name: str
    size: int
    rows: int


class Withheld(tk.NotAuthorized):
    """Nothing of the resource may be downloaded, for the reason that the message says."""


class NoTable(LookupError):
    """There is nothing to query or to extract; ``text`` says why, in both languages, and ``later`` that there soon will be."""

    def __init__(self, text: Text, *, later: bool = False) -> None:
        self.text, self.later = text, later
        super().__init__(str(text))


def of_resource(who: Viewer, resource: Any) -> list[Grant]:
    """Return the grants of ``who`` that reach the CKAN resource and are of use today; one query for each plugin."""
    if who.id is None:
        return []
    found = held_grants.held(who.id, who.member_of, today())
    return [
        each
        for each in found
        if each.dataset_id == resource.package_id and (not each.resources or resource.id in each.resources)
    ]


def by_right(who: Viewer, resource: Any) -> bool:
    """Say whether the data are open to ``who`` without any grant: as staff, provider, reviewer or inspector."""
    ungranted = replace(who, granted=frozenset())
    return rules.access(ungranted, access.of_package(resource.package)) is Level.DATA


def shown(who: Viewer, resource: Any) -> tuple[Window, ...]:
    """Return which cells of the resource's table are open to ``who``: all by right, else what the grants open; none, nothing."""
    if by_right(who, resource):
        return (WHOLE,)
    held = of_resource(who, resource)
    granted = replace(who, granted=frozenset(each.dataset_id for each in held))
    if rules.access(granted, access.of_package(resource.package)) is not Level.DATA:
        return ()
    return windows(held, resource.id)


def what_to_serve(who: Viewer, resource: Any) -> Original | Extract | Nothing:
    """Return what ``who`` may download of the CKAN resource.

    Without the provider's consent to storing (``Grant.storage``) that is nothing; under grants of columns or rows it is an
    extract of what those with that consent open together, never the original.
    """
    if by_right(who, resource):
        return Original()
    if not shown(who, resource):
        return Nothing(NOT_GRANTED, "24")
    stored = windows((each for each in of_resource(who, resource) if each.storage), resource.id)
    if not stored:
        return Nothing(NOT_STORED, STORAGE_ARTICLE)
    return Original() if WHOLE in stored else Extract(stored)


def described(who: Viewer, resource: Any, held: Holding) -> Holding:
    """Return what ``who`` may know of the file before it is sent: of an extract nothing that describes the original.

    Raises ``Withheld`` where nothing may be downloaded.
    """
    served = what_to_serve(who, resource)
    if isinstance(served, Nothing):
        raise Withheld(pick(served.text))
    if isinstance(served, Original):
        return held
    name = extract_name(held.original_name or resource.id)
    return replace(held, original_name=name, format="CSV", media_type="text/csv", size=None, sha256=None, facts={})


def extract_name(name: str) -> str:
    """Return what an extract of the file ``name`` is called: its name, marked as an extract, as CSV."""
    return f"{PurePath(name).stem}-授权摘录.csv"


def extract(resource_id: str, shown: tuple[Window, ...], name: str) -> Extracted:
    """Return the file with what the windows open of the resource's table, in the order of the original; the caller closes it.

    It is written to a temporary file first, so that no connection is held while a slow client reads. Raises ``NoTable``
    where there is no table, or it is not loaded yet. Records nothing: who sends it does.
    """
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY, mode="w+b")  # noqa: SIM115 - the caller closes it
    try:
        count = _written(file, resource_id, shown)
    except BaseException:
        file.close()
        raise
    size = file.tell()
    file.seek(0)
    return Extracted(file, extract_name(name), size, count)  # type: ignore[arg-type]


def _written(file: Any, resource_id: str, shown: tuple[Window, ...]) -> int:
    file.write(MARK)
    lines = io.StringIO()
    writer, count = csv.writer(lines, lineterminator="\r\n"), -1  # the first line is the header
    with granted_query.reading(resource_id) as state:
        for row in granted_query.rows(opened(state, shown)):
            writer.writerow(row)
            count += 1
            if lines.tell() > 1 << 20:
                _flush(lines, file)
    _flush(lines, file)
    return count


def _flush(lines: io.StringIO, file: Any) -> None:
    file.write(lines.getvalue().encode())
    lines.seek(0)
    lines.truncate()


def opened(state: Any, shown: tuple[Window, ...]) -> granted_query.View:
    """Return what the windows open of a table as it stands. Raises ``NoTable`` that says why there is none."""
    if state.waiting:
        raise NoTable(WAITING, later=True)
    if state.loaded is None:
        raise NoTable(state.fault or NO_TABLE)
    view = granted_query.view(state.loaded, shown)
    if view is None:
        raise NoTable(NOT_GRANTED)
    return view
