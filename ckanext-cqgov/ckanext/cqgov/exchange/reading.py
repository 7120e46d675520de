"""Readers: a file on disk becomes rows of label → cell, one at a time.

JSON (an array of objects, or one somewhere inside), CSV and XLSX; each may be gzipped. Text may be UTF-8 or GB18030.
JSON and CSV are read as a stream; a workbook's cells are held by the reader, so its size is limited.
"""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import ijson
from python_calamine import CalamineWorkbook

from ckanext.cqgov.domain.cells import plain
from ckanext.cqgov.domain.template import CATALOGUE_SHEET, EXTENSION_SHEET, heading, is_header
from ckanext.cqgov.domain.text import Text
from ckanext.cqgov.exchange.encoding import AsUtf8, detect
from ckanext.cqgov.exchange.unreadable import Unreadable, no_access

Row = tuple[int, dict[str, Any]]
UNPACKED_LIMIT = 1 << 29  # bytes a compressed file may unfold to
DEEPEST = 10  # levels of lists and objects within one JSON record
HEADER_WITHIN = 20  # rows above the header of a sheet
SUFFIXES = {".json": "json", ".csv": "csv", ".xlsx": "xlsx"}
CELL_LIMIT = 1 << 20  # characters


@dataclass
class Table:
    """The rows of a file: ``kind`` is json, csv or xlsx; ``labels`` are the columns; ``template`` says it is the national one."""

    kind: str
    labels: tuple[str, ...]
    rows: Iterable[Row]
    extension: Iterable[Row] = ()
    template: bool = False
    encoding: str = ""
    done: Callable[[], float] = lambda: 0.0  # which part of the file has been read, 0 to 1


def kind_of(path: Path) -> str:
    """Return json, csv or xlsx by the file's name (``.gz`` is looked through); raises ``Unreadable``."""
    names = [suffix.lower() for suffix in path.suffixes]
    if names and names[-1] == ".gz":
        names.pop()
    if names and names[-1] in SUFFIXES:
        return SUFFIXES[names[-1]]
    raise Unreadable(
        Text(f"不支持的文件类型：{path.name}", f"this kind of file is not supported: {path.name}"),
        Text("请使用 .xlsx、.csv、.json（可用 .gz 压缩）", "use .xlsx, .csv or .json (gzipped if you like)"),
    )


@contextmanager
def opened(path: Path, kind: str | None = None, records: str | None = None) -> Iterator[Table]:
    """Open the file and yield its table; ``records`` is where the array stands in a JSON file (``data.rows``).

    Left out, the first array of objects is taken.

    Raises ``Unreadable`` for a file that is missing, empty, of another kind or damaged.
    """
    kind = kind or kind_of(path)
    try:
        binary = _unpacked(path)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise _damaged(error) from error
    except OSError as error:
        raise no_access(path, error) from error
    with binary:
        try:
            yield {"json": _json, "csv": _csv, "xlsx": _xlsx}[kind](binary, records)
        except (ijson.JSONError, csv.Error, UnicodeDecodeError, zipfile.BadZipFile) as error:
            raise _damaged(error) from error


def _damaged(error: Exception) -> Unreadable:
    return Unreadable(
        Text(f"文件已损坏或格式不符：{error}", f"the file is damaged or of another format: {error}"),
        Text("请重新导出该文件；已导入的批次不受影响", "export the file again; batches already imported stay"),
    )


def _unpacked(path: Path) -> IO[bytes]:
    """Return a seekable binary file, unpacked when it is gzipped; the caller closes it."""
    if path.suffix.lower() != ".gz":
        return path.open("rb")
    binary: IO[bytes] = TemporaryFile()  # noqa: SIM115  closed by the caller
    with gzip.open(path) as packed:
        while block := packed.read(1 << 20):
            if binary.tell() + len(block) > UNPACKED_LIMIT:
                binary.close()
                raise Unreadable(
                    Text("解压后的文件过大", "the file is too large when unpacked"),
                    Text("请分成几个文件导入", "split it into several files"),
                )
            binary.write(block)
    binary.seek(0)
    return binary


def _json(binary: IO[bytes], records: str | None) -> Table:
    encoding = detect(binary)
    prefix = _where(AsUtf8(binary, encoding), records)
    binary.seek(0)
    objects = ijson.items(AsUtf8(binary, encoding), prefix, use_float=True)
    first = next(objects, None)
    if first is None:
        raise Unreadable(
            Text("文件中没有记录", "the file holds no records"),
            Text(
                "JSON 文件应是记录的数组；数组不在顶层时在对照文件中写 records",
                "give an array; say where it is by 'records'",
            ),
        )
    labels = tuple(first) if isinstance(first, dict) else ()
    return Table("json", labels, _objects(first, objects), encoding=encoding, done=_part(binary))


def _part(binary: IO[bytes]) -> Callable[[], float]:
    """Return a function that tells which part of a binary file has been read."""
    here = binary.tell()
    size = max(binary.seek(0, io.SEEK_END), 1)
    binary.seek(here)
    return lambda: min(binary.tell() / size, 1.0)


def _where(stream: Any, records: str | None) -> str:
    """Return the ijson prefix of the records: of those at ``records`` (an array or its items), else of the first array of objects."""
    # use_float: ijson's C parser crashes the whole process on a whole number of some thousand digits
    for prefix, event, _value in ijson.parse(stream, use_float=True):
        if records is None and event == "start_map" and (prefix == "item" or prefix.endswith(".item")):
            return prefix
        if records == prefix and event == "start_array":
            return f"{records}.item"
        if records == prefix:
            break
    return records or "item"


def _objects(first: Any, rest: Iterable[Any]) -> Iterator[Row]:
    for number, each in enumerate(chain((first,), rest), 1):
        yield (
            number,
            each if isinstance(each, dict) and shallow(each) else {"": "…" if isinstance(each, dict | list) else each},
        )


def shallow(record: dict[str, Any]) -> bool:
    """Say whether a record is at most ``DEEPEST`` levels deep; one that is deeper can't be read as a row of cells."""
    level: list[Any] = [record]
    for _depth in range(DEEPEST):
        below = [part for each in level for part in (each.values() if isinstance(each, dict) else each)]
        level = [part for part in below if isinstance(part, dict | list)]
        if not level:
            return True
    return False


def _csv(binary: IO[bytes], _records: str | None) -> Table:
    encoding = detect(binary)
    done = _part(binary)
    csv.field_size_limit(CELL_LIMIT)
    text = io.TextIOWrapper(binary, encoding=encoding, newline="")
    sample = text.read(1 << 14)
    text.seek(0)
    try:
        dialect: Any = csv.Sniffer().sniff(sample, delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel
    dialect.strict = False
    reader = csv.reader(text, dialect)
    labels = tuple(heading(cell) for cell in next(reader, ()))
    if not any(labels):
        raise Unreadable(
            Text("文件为空或第一行不是列名", "the file is empty or its first row holds no column names"),
            Text("第一行应为列名", "put the column names into the first row"),
        )
    table = Table("csv", labels, _lines(labels, reader), template=is_header(labels), encoding=encoding)
    # text closes binary when nothing holds it any more, and the rows let go of it at their end: done holds it
    table.done = lambda: 1.0 if text.closed else done()
    return table


def _lines(labels: tuple[str, ...], reader: Any) -> Iterator[Row]:
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield reader.line_num, {label: cell for label, cell in zip(labels, cells, strict=False) if label}


def _xlsx(binary: IO[bytes], _records: str | None) -> Table:
    _bounded(binary)
    try:
        book = CalamineWorkbook.from_filelike(binary)
    except Exception as error:  # the library raises its own classes, one per part of the format
        raise _damaged(error) from error
    names = book.sheet_names
    main = CATALOGUE_SHEET if CATALOGUE_SHEET in names else names[0]
    labels, rows = _sheet(book, main)
    reached, height = [0], max(book.get_sheet_by_name(main).total_height, 1)

    def counted() -> Iterator[Row]:
        for number, cells in rows:
            reached[0] = number
            yield number, cells

    extension: Iterable[Row] = ()
    if EXTENSION_SHEET in names and main != EXTENSION_SHEET:
        _labels, extension = _sheet(book, EXTENSION_SHEET, header=lambda cells: "信息资源代码" in cells)
    return Table(
        "xlsx", labels, counted(), extension, template=is_header(labels), done=lambda: min(reached[0] / height, 1.0)
    )


def _bounded(binary: IO[bytes]) -> None:
    """Refuse a workbook that unfolds to more than this machine should hold."""
    with zipfile.ZipFile(binary) as packed:
        if sum(part.file_size for part in packed.infolist()) > UNPACKED_LIMIT:
            raise Unreadable(
                Text("工作簿解压后过大", "the workbook is too large when unpacked"),
                Text("请分成几个文件导入", "split it into several files"),
            )
    binary.seek(0)


def _sheet(book: CalamineWorkbook, name: str, header: Any = is_header) -> tuple[tuple[str, ...], Iterator[Row]]:
    """Return a sheet's labels and rows; titles above the header row are passed over.

    The header is the row that ``header`` knows; without one, the first row with at least two filled cells.
    """
    sheet = book.get_sheet_by_name(name)
    lines = enumerate(sheet.iter_rows(), (sheet.start or (0, 0))[0] + 1)
    top = list(islice(lines, HEADER_WITHIN))
    known = (index for index, (_number, cells) in enumerate(top) if header({heading(cell) for cell in cells}))
    likely = (index for index, (_number, cells) in enumerate(top) if sum(bool(plain(cell)) for cell in cells) > 1)
    found = next(chain(known, likely), None)
    if found is None:
        raise Unreadable(
            Text(f"工作表“{name}”中没有列名", f"the sheet '{name}' has no column names"),
            Text("请使用模板，或在第一行写列名", "use the template, or put the column names into the first row"),
        )
    labels = tuple(heading(cell) for cell in top[found][1])
    return labels, _cells(labels, chain(top[found + 1 :], lines))


def _cells(labels: tuple[str, ...], lines: Iterable[tuple[int, list[Any]]]) -> Iterator[Row]:
    for number, cells in lines:
        if any(plain(cell) for cell in cells):
            yield number, {label: cell for label, cell in zip(labels, cells, strict=False) if label}
