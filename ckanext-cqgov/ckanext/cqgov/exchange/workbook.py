"""Writing workbooks: the empty template with its help sheet, and a catalogue in the template's form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from ckanext.cqgov.domain.template import (
    CATALOGUE_SHEET,
    COLUMNS,
    EXTENSION,
    EXTENSION_SHEET,
    HELP_SHEET,
    NO,
    YES,
    Column,
)
from ckanext.cqgov.domain.template_writing import write
from ckanext.cqgov.domain.text import Text
from ckanext.cqgov.exchange.terms import RulesTerms
from ckanext.cqgov.exchange.unreadable import Unreadable, no_access

SHEET_ROWS = 1_048_576  # what a worksheet can hold
CELL_CHARACTERS = 32_767  # what a cell can hold
PREPARED_ROWS = 2_000  # rows of the empty template that offer drop-downs
HEAD = PatternFill("solid", fgColor="FFDCE6F1")


def write_template(path: Path) -> None:
    """Write the empty national template with our second sheet and a help sheet to ``path`` (.xlsx)."""
    terms = RulesTerms()
    book = Workbook(write_only=True)
    for name, columns in ((CATALOGUE_SHEET, COLUMNS), (EXTENSION_SHEET, EXTENSION)):
        sheet = _sheet(book, name, columns)
        for index, column in enumerate(columns, 1):
            choices = _choices(column, terms)
            if choices:
                _drop_down(sheet, index, choices)
    _help(book, terms)
    book.save(path)


def write_catalogue(path: Path, records: Iterable[Mapping[str, Any]]) -> int:
    """Write records (typed catalogue fields, ``provider`` = the department's name) in the template's form.

    Returns how many records were written. Raises ``Unreadable`` when they do not fit into a worksheet.
    """
    terms = RulesTerms()
    book = Workbook(write_only=True)
    catalogue = _sheet(book, CATALOGUE_SHEET, COLUMNS)
    extension = _sheet(book, EXTENSION_SHEET, EXTENSION)  # both sheets stream to files of their own
    number, count = 1, 0
    for record in records:
        rows, further = write(record, number, terms)
        if number + len(rows) >= SHEET_ROWS:
            raise Unreadable(
                Text("目录超过一张工作表的行数", "the catalogue has more rows than a worksheet can hold"),
                Text("请按机构分别导出（--organization）", "export one organisation at a time (--organization)"),
            )
        for row in rows:
            catalogue.append(_cells(catalogue, row))
        extension.append(_cells(extension, further))
        number += len(rows)
        count += 1
    book.save(path)
    return count


def _sheet(book: Workbook, name: str, columns: Iterable[Column]) -> Any:
    """Start a sheet with its headings, frozen and wide enough to read."""
    sheet = book.create_sheet(name)
    sheet.freeze_panes = "A2"
    cells = []
    for index, column in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(index)].width = max(12, 2.2 * len(column.label))
        cell = WriteOnlyCell(sheet, value=column.label)
        cell.font, cell.fill = Font(bold=True), HEAD
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        cells.append(cell)
    sheet.append(cells)
    return sheet


def _cells(sheet: Any, values: Iterable[Any]) -> list[Any]:
    """Return a row's cells: numbers as numbers, everything else as text, never as a formula."""
    cells = []
    for value in values:
        if isinstance(value, str):
            if not value:
                cells.append(None)
                continue
            cell = WriteOnlyCell(sheet, value="")
            # Setting the value would make a formula of "=…"; the type is set by hand so that text stays text.
            cell._value, cell.data_type = ILLEGAL_CHARACTERS_RE.sub("", value)[:CELL_CHARACTERS], "s"
            cells.append(cell)
        else:
            cells.append(value)
    return cells


def _choices(column: Column, terms: RulesTerms) -> list[str]:
    """Return the values a column may hold, or nothing when it is free."""
    if column.kind in ("yes-no", "flag"):
        return [YES, NO]
    if column.kind == "data-type":
        return [f"{name}{code}" for code, name in terms.choices(column.vocabulary or "").items()]
    return list(terms.choices(column.vocabulary).values()) if column.vocabulary else []


def _drop_down(sheet: Any, index: int, choices: list[str]) -> None:
    """Offer the choices in a column; Excel takes at most 255 characters, so a longer list is only on the help sheet."""
    listed = ",".join(choices)
    if len(listed) > 255 or any("," in choice for choice in choices):
        return
    letter = get_column_letter(index)
    rule = DataValidation(type="list", formula1=f'"{listed}"', allow_blank=True, showErrorMessage=False)
    rule.add(f"{letter}2:{letter}{PREPARED_ROWS}")
    sheet.data_validations.append(rule)


def _help(book: Workbook, terms: RulesTerms) -> None:
    """Write the help sheet: what each column wants, in both languages, with the values of its list."""
    sheet = book.create_sheet(HELP_SHEET)
    for index, width in enumerate((18, 24, 48, 48, 60), 1):
        sheet.column_dimensions[get_column_letter(index)].width = width
    for line in INTRODUCTION:
        sheet.append([line.zh])
        sheet.append([line.en])
    sheet.append([])
    sheet.append(["工作表 / sheet", "列 / column", "填写说明", "how to fill it in", "可选值 / values"])
    for name, columns in ((CATALOGUE_SHEET, COLUMNS), (EXTENSION_SHEET, EXTENSION)):
        for column in columns:
            choices = "、".join(_choices(column, terms))
            sheet.append(_cells(sheet, [name, column.label, column.help.zh, column.help.en, choices]))


INTRODUCTION = (
    Text(
        "依据《政务信息资源目录编制指南（试行）》（发改高技〔2017〕1272号）。每个信息项一行，同一资源的各行重复填写资源各列。",
        "After the national compilation guide (2017, No. 1272). One row per information item; the resource's columns repeat.",
    ),
    Text(
        "“扩展信息”每个资源一行，按信息资源代码对应；尚无代码的，按该资源在第一张表首行的序号对应。可以不填。",
        "The second sheet has one row per resource, found by its code, or by the number of its first row. It may stay empty.",
    ),
    Text("列的顺序可以不同；列名请勿修改。", "Columns may stand in any order; keep their headings."),
)


@contextmanager
def saved_elsewhere(path: Path) -> Iterator[Path]:
    """Yield a path beside ``path`` and move it there when all went well, so that no half-written file is left.

    Raises ``Unreadable`` when nothing can be written there.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        part.touch()  # openpyxl writes at the very end, and leaves open generators behind when it can't
        yield part
        part.replace(path)
    except OSError as error:
        raise no_access(path, error) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
