"""The files of the words that the search knows: an operator's CSV, read and written, and the list that is shipped."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from ckanext.cqgov import divisions
from ckanext.cqgov.domain.search_terms import KINDS, RELATED, RENAMED
from ckanext.cqgov.domain.term_delivery import division_groups
from ckanext.cqgov.domain.term_groups import Group, checked, split
from ckanext.cqgov.domain.term_list import Entry
from ckanext.cqgov.domain.text import Text
from ckanext.cqgov.tabular import UnreadableTable, decoded

COLUMNS = ("id", "kind", "words", "present", "related", "note")
HEADINGS = {
    "编号": "id",
    "类型": "kind",
    "词语": "words",
    "旧名称": "words",
    "现用名称": "present",
    "目录用语": "related",
    "备注": "note",
}
FORMULA = ("=", "+", "-", "@")  # with these a spreadsheet begins to calculate; a word never begins so, a note may

EMPTY = Text("文件中没有词语", "there is no word in the file")
NO_COLUMN = Text("缺少列：{column}（表头应为 {known}）", "column missing: {column} (the headings are {known})")


class UnreadableTerms(ValueError):
    """The file as a whole can't be read; ``text`` says why."""

    def __init__(self, text: Text) -> None:
        """Take the sentence that says what is wrong."""
        self.text = text
        super().__init__(str(text))


def entries(content: bytes) -> list[Entry]:
    """Return the rows of a CSV file (UTF-8 or GB18030; comma, semicolon or tab), each with its line.

    Columns: ``kind`` and ``words`` (also 类型, 词语), and where wanted ``present``, ``related``, ``note``, ``id``; words are
    separated by 、 or |. Raises ``UnreadableTerms``.
    """
    try:
        text, _ = decoded(content)
    except UnreadableTable as error:
        raise UnreadableTerms(error.text) from error
    first = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count))
    found, header, line = [], None, 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                if header is None:
                    header = _header(cells)
                else:
                    found.append(_entry(dict(zip(header, cells, strict=False)), line))
            line = reader.line_num + 1  # a quoted cell may hold line breaks
    except csv.Error as error:
        raise UnreadableTerms(Text(f"第 {line} 行：{error}", f"line {line}: {error}")) from error
    if not found:
        raise UnreadableTerms(EMPTY)
    return found


def _header(cells: Iterable[str]) -> list[str]:
    header = [HEADINGS.get(cell.strip(), cell.strip().casefold()) for cell in cells]
    for needed in ("kind", "words"):
        if needed not in header:
            raise UnreadableTerms(NO_COLUMN.filled(column=needed, known=", ".join(COLUMNS)))
    return header


def _entry(cells: dict[str, str], line: int) -> Entry:
    given = {key: cells.get(key, "").strip() for key in COLUMNS}
    if given["note"][:1] == "'" and given["note"][1:2] in FORMULA:
        given["note"] = given["note"][1:]
    words, related = (tuple(split(given[key])) for key in ("words", "related"))
    return Entry(line, given["kind"], words, given["present"], given["note"], given["id"], related)


def as_csv(groups: Iterable[Group]) -> bytes:
    """Return groups as a CSV file that ``entries`` reads and spreadsheets open (UTF-8 with a BOM)."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for group in groups:
        note = f"'{group.note}" if group.note.startswith(FORMULA) else group.note
        words, related = "|".join(group.words), "|".join(group.related)
        writer.writerow([group.id, group.kind, words, group.present, related, note])
    return out.getvalue().encode("utf-8-sig")


@lru_cache(maxsize=1)
def shipped() -> tuple[Group, ...]:
    """Return the groups that ship with the package: everyday words, departments, and the divisions with their history."""
    path = files("ckanext.cqgov").joinpath("data", "search-terms.yaml")
    found = parsed(yaml.safe_load(path.read_text(encoding="utf-8")))
    return (*division_groups(divisions.current()), *found)


def parsed(document: dict[str, Any]) -> list[Group]:
    """Return the groups of a shipped list: per kind, lines of words; ``renamed`` holds former names by the present one.

    ``related`` holds the catalogue's words by what people say. Raises ``ValueError`` for a group that could not be entered by hand either.
    """
    given = [
        (kind, line, "", "") for kind in KINDS if kind not in (RENAMED, RELATED) for line in document.get(kind, [])
    ]
    given += [(RENAMED, line, present, "") for present, line in document.get(RENAMED, {}).items()]
    given += [(RELATED, line, "", found) for line, found in document.get(RELATED, {}).items()]
    found = []
    for kind, line, present, related in given:
        group, faults = checked("", kind, split(str(line)), str(present), related=split(str(related)))
        if faults:
            raise ValueError(f"{kind}: {line}: {faults[0].text}")
        found.append(group)
    return found
