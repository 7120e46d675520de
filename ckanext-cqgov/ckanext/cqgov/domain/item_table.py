"""An information-item table as it is copied from a spreadsheet: text with tabs, with or without a heading row."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ckanext.cqgov.domain.catalogue_fields import ITEM_FIELDS
from ckanext.cqgov.domain.text import Text, folded

ORDER: tuple[str, ...] = tuple(field.key for field in ITEM_FIELDS)
"""The columns when the text has no heading row."""

NUMBER = ""
"""Stands for a column of running numbers, which is read over."""

ALSO: dict[str, tuple[str, ...]] = {
    "name": (
        "名称",
        "信息项",
        "字段",
        "字段名",
        "字段名称",
        "中文名称",
        "数据项",
        "数据项名称",
        "item",
        "field",
        "column",
    ),
    "type": ("类型", "字段类型", "数据类型及长度", "datatype"),
    "length": ("长度", "字段长度", "size"),
    "primary_key": ("是否主键", "键", "关键字", "key", "pk"),
    "personal": ("个人信息", "是否个人信息", "个人信息分类", "personal information"),
    "base_item": ("是否基础信息项", "基础信息", "是否基础信息", "base"),
    NUMBER: ("序号", "编号", "no", "no.", "#"),
}
TYPE_WITH_LENGTH = re.compile(r"(?P<type>[^（(]+)[（(]\s*(?P<length>\d+(?:\s*[,，]\s*\d+)?)\s*[）)]")


@dataclass(frozen=True)
class Pasted:
    """What was read: rows in the words of the sender (they are checked like any other input), and what was left out, and why."""

    rows: list[dict[str, str]]
    notes: list[Text]


def parse(text: str) -> Pasted:
    """Read a table copied from a spreadsheet (tabs), from a CSV file (commas), or a bare list of names (one a line).

    A heading row may name the columns in any order, in Chinese or English; without one they are ``ORDER``. A type written
    ``varchar(50)`` fills the length too when that is empty. Rows without any value are left out. Never fails: what can't be placed
    is named in ``notes``.
    """
    table = _cells(text)
    heading = _heading(table[0]) if table else None
    columns: Sequence[str | None] = ORDER if heading is None else heading
    notes = []
    if heading is not None:
        notes = [
            Text(
                f"不认识“{word}”这一列，未读入；可用的列：{'、'.join(field.zh for field in ITEM_FIELDS)}",
                f"the column “{word}” is not known and was not read; known are {', '.join(field.en for field in ITEM_FIELDS)}",
            )
            for word, key in zip(table[0], heading, strict=True)
            if key is None and word
        ]
    rows = []
    for number, cells in enumerate(table if heading is None else table[1:], 1):
        if any(cells[len(columns) :]):
            notes.append(
                Text(
                    f"粘贴内容第 {number} 行有 {len(cells)} 列，只读入前 {len(columns)} 列",
                    f"pasted row {number} has {len(cells)} columns, only the first {len(columns)} were read",
                )
            )
        row = {key: cell for key, cell in zip(columns, cells, strict=False) if key and cell}
        if row:
            rows.append(_split_type(row))
    return Pasted(rows, notes)


def _cells(text: str) -> list[list[str]]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\ufeff", "")
    delimiter = "\t" if "\t" in lines else ","
    if delimiter == ",":
        lines = lines.replace("，", ",")
    try:
        read = list(csv.reader(lines.split("\n"), delimiter=delimiter, strict=False))
    except csv.Error:  # a cell beyond the reader's limit: not a table that anybody copied, but still to be read
        read = [line.split(delimiter) for line in lines.split("\n")]
    table = [[cell.strip() for cell in row] for row in read]
    return [row for row in table if any(row)]


def _heading(cells: Sequence[str]) -> list[str | None] | None:
    """Return the key of each column when the row is a heading (it names the item column and nothing twice), else ``None``."""
    keys = [WORDS.get(_folded(cell)) for cell in cells]
    named = [key for key in keys if key]
    return keys if "name" in named and len(named) == len(set(named)) else None


def _split_type(row: dict[str, str]) -> dict[str, str]:
    found = TYPE_WITH_LENGTH.fullmatch(row.get("type", ""))
    if not found or row.get("length"):
        return row
    return {**row, "type": found["type"].strip(), "length": found["length"].replace("，", ",").replace(" ", "")}


def _folded(word: str) -> str:
    return folded(word).strip("*:：")


WORDS: dict[str, str] = {
    _folded(word): key
    for key, words in (
        *((field.key, (field.key, field.zh, field.en)) for field in ITEM_FIELDS),
        *ALSO.items(),
    )
    for word in words
}
"""Every heading that is understood, folded (width, case, blanks) -> key."""
