"""Reading the national template: rows of both sheets become one entry per resource."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ckanext.cqgov.domain.cells import iso_date, plain, tag_name
from ckanext.cqgov.domain.exchange import Entry, Fault
from ckanext.cqgov.domain.template import (
    COLUMNS,
    EXTENSION,
    FALSE_WORDS,
    ITEM_COLUMNS,
    POSITIONS,
    RESOURCE_COLUMNS,
    TRUE_WORDS,
    Column,
    Terms,
)
from ckanext.cqgov.domain.text import Text


def read(
    rows: Iterable[tuple[int, Mapping[str, Any]]],
    extension: Iterable[tuple[int, Mapping[str, Any]]],
    terms: Terms,
) -> Iterator[Entry]:
    """Yield one entry per resource from the rows of both sheets (row number, heading → cell).

    Rows with the same code belong together; without a code, consecutive rows whose resource columns agree. A resource
    without items has one row. Cells that cannot be understood are faults of the entry.
    """
    second = _Second(extension)
    block: list[tuple[int, Mapping[str, Any]]] = []
    for number, cells in rows:
        if not any(plain(value) for value in cells.values()):
            continue
        if block and not _continues(block[0][1], cells, second):
            yield _entry(block, second, terms)
            block = []
        block.append((number, cells))
    if block:
        yield _entry(block, second, terms)


class _Second:
    """The rows of the second sheet, found by code or by the number of the first row."""

    def __init__(self, rows: Iterable[tuple[int, Mapping[str, Any]]]) -> None:
        self.by_code: dict[str, Mapping[str, Any]] = {}
        self.by_row: dict[str, Mapping[str, Any]] = {}
        self.present: frozenset[str] = frozenset()
        for _number, cells in rows:
            self.present |= cells.keys()
            code, first = plain(cells.get("信息资源代码")), plain(cells.get("首行序号"))
            if code:
                self.by_code.setdefault(code, cells)
            elif first:
                self.by_row.setdefault(first, cells)

    def of(self, cells: Mapping[str, Any]) -> Mapping[str, Any]:
        code = plain(cells.get("信息资源代码"))
        return (self.by_code.get(code) if code else self.by_row.get(plain(cells.get("序号")))) or {}

    def starts(self, cells: Mapping[str, Any]) -> bool:
        return plain(cells.get("序号")) in self.by_row


def _continues(first: Mapping[str, Any], cells: Mapping[str, Any], second: _Second) -> bool:
    """Say whether ``cells`` describe a further item of the resource that ``first`` began."""
    if not (plain(first.get("信息项名称")) and plain(cells.get("信息项名称"))):
        return False
    code, begun = plain(cells.get("信息资源代码")), plain(first.get("信息资源代码"))
    if code:
        return code == begun
    resource = {column.label: plain(cells.get(column.label)) for column in RESOURCE_COLUMNS}
    if not any(resource.values()):
        return True  # resource columns written once, on the first row
    if begun or second.starts(cells):
        return False
    return all(not value or value == plain(first.get(label)) for label, value in resource.items())


def _entry(block: list[tuple[int, Mapping[str, Any]]], second: _Second, terms: Terms) -> Entry:
    """Return the entry of one resource: its rows on the first sheet and its row on the second."""
    number, first = block[0]
    entry = Entry(row=number, rows=len(block), values={"origin": "compiled"})
    for row, cells in block[1:]:
        for column in RESOURCE_COLUMNS:
            value = plain(cells.get(column.label))
            if value and value != plain(first.get(column.label)):
                entry.faults.append(
                    Fault(
                        column.label,
                        value,
                        Text(
                            f"第 {row} 行与同一资源的首行（第 {number} 行）不一致",
                            f"row {row} differs from row {number}",
                        ),
                        Text(
                            "同一代码的各行应填写相同内容；不同资源应使用不同代码",
                            "repeat the cell, or use another code",
                        ),
                        row,
                    )
                )
    cell = _Cells(entry, terms)
    path = []
    for column in COLUMNS:
        if column.label not in first or not column.field or column.field.startswith("item."):
            continue
        value = cell.read(column, first.get(column.label))
        if column.field.startswith("class_path."):
            path.append(value or "")
        else:
            cell.put(column, value)
    if path:
        _class_path(path, entry)
    items = [item for row, cells in block if (item := cell.at(row).item(cells))]
    cell.at(None)
    if "信息项名称" in first:
        cell.put(Column("信息项名称", "items"), items)
    _opening_and_basis(entry)
    if second.present:
        _extend(second.of(first), second.present, cell, items)
    return entry


def _class_path(path: list[str], entry: Entry) -> None:
    """Join the class columns; a gap is a fault."""
    while path and not path[-1]:
        path.pop()
    if path:
        entry.values["class_path"] = path
    if "" in path:
        empty = COLUMNS[1 + path.index("")].label
        entry.faults.append(
            Fault(
                empty,
                "",
                Text("分类中间有空缺", "a level of the class path is missing"),
                Text("从类到细目依次填写", "fill the levels from the left"),
            )
        )
    entry.columns["class_path"] = "类分类"
    entry.covered |= {"class_path"}


def _opening_and_basis(entry: Entry) -> None:
    """Read the template's yes/no into the three-valued opening, and its shared column into condition or basis."""
    values = entry.values
    opening = values.pop("opening", None)
    if "opening" in entry.covered:
        entry.covered = entry.covered - {"opening"} | {"opening_type"}
        entry.columns["opening_type"] = entry.columns.pop("opening")
    if opening is not None:
        conditional = bool(values.get("opening_condition"))
        values["opening_type"] = ("conditional" if conditional else "unconditional") if opening else "closed"
    if values.get("sharing_type") == "withheld" and "sharing_condition" in values:
        values["sharing_basis"] = values.pop("sharing_condition")
        entry.columns["sharing_basis"] = entry.columns["sharing_condition"]
        entry.covered |= {"sharing_basis"}


def _extend(cells: Mapping[str, Any], present: frozenset[str], cell: _Cells, items: list[dict[str, Any]]) -> None:
    """Lay the second sheet's row over what the first sheet said."""
    entry = cell.entry
    for column in EXTENSION:
        if column.field.startswith("key.") or column.label not in present:
            continue
        raw = cells.get(column.label)
        if column.kind == "positions":
            cell.mark(column, raw, items)
            continue
        value = cell.read(column, raw)
        if column.field == "provider":
            entry.provider, entry.columns["provider"] = value or "", column.label
        elif value not in (None, "", []) or column.field not in entry.values:
            cell.put(column, value)


class _Cells:
    """Reads cells into one entry and books what cannot be understood."""

    def __init__(self, entry: Entry, terms: Terms) -> None:
        self.entry, self.terms = entry, terms
        self.row: int | None = None

    def at(self, row: int | None) -> _Cells:
        """Book what follows on this row of the file (None: on the entry's first)."""
        self.row = row
        return self

    def put(self, column: Column, value: Any) -> None:
        self.entry.columns[column.field] = column.label
        self.entry.covered |= {column.field}
        if value not in (None, "", []):
            self.entry.values[column.field] = value

    def fault(self, column: Column, value: str, wrong: Text, fix: Text) -> None:
        self.entry.faults.append(Fault(column.label, value, wrong, fix, self.row))

    def read(self, column: Column, raw: Any) -> Any:
        text = plain(raw)
        if not text:
            return None
        if column.kind in ("term", "data-type"):
            return self.term(column, text)
        if column.kind in ("yes-no", "flag"):
            if text in TRUE_WORDS:
                return True
            if text in FALSE_WORDS:
                return False
            self.fault(
                column, text, Text("应为“是”或“否”", "must be 是 or 否"), Text("填写“是”或“否”", "write 是 or 否")
            )
            return None
        if column.kind == "date":
            day = iso_date(text)
            if day is None:
                self.fault(
                    column, text, Text("不是有效日期", "is not a date"), Text("写成 2024-01-31", "such as 2024-01-31")
                )
            return day
        if column.kind == "list":
            return [part for part in (piece.strip() for piece in text.replace("，", ",").split(",")) if part]
        if column.kind == "tags":
            names = map(tag_name, text.replace("，", ",").split(","))
            return [{"name": name} for name in sorted({name for name in names if len(name) > 1})]
        return text

    def term(self, column: Column, text: str) -> str | None:
        assert column.vocabulary
        code = self.terms.code(column.vocabulary, text)
        if code is None:
            names = self.terms.choices(column.vocabulary).values()
            self.fault(
                column,
                text,
                Text("不在规定的取值中", "is not a value of the list"),
                Text(f"可填：{'、'.join(names)}", f"choose one of: {', '.join(names)}"),
            )
        return code

    def item(self, cells: Mapping[str, Any]) -> dict[str, Any] | None:
        name = plain(cells.get("信息项名称"))
        kind, length = plain(cells.get("数据类型")), plain(cells.get("数据长度"))
        if not name:
            if kind or length:
                self.fault(
                    ITEM_COLUMNS[0],
                    "",
                    Text("有数据类型或长度而没有信息项名称", "a type or length without an item name"),
                    Text("补填信息项名称，或清空数据类型和长度", "name the item, or clear the two cells"),
                )
            return None
        item: dict[str, Any] = {"name": name, "type": self.term(ITEM_COLUMNS[1], kind) or "" if kind else ""}
        item["length"] = length
        return item

    def mark(self, column: Column, raw: Any, items: list[dict[str, Any]]) -> None:
        key, value = {
            "keys": ("primary_key", True),
            "personal": ("personal", "personal"),
            "sensitive_items": ("personal", "sensitive"),
            "impersonal": ("personal", "none"),
            "base_items": ("base_item", True),
        }[column.field]
        for part in plain(raw).replace("，", ",").split(","):
            if not part.strip():
                continue
            if not part.strip().isdecimal() or not 1 <= int(part) <= len(items):
                self.fault(column, part, Text("没有这个次序的信息项", "no item has this position"), POSITIONS)
                continue
            items[int(part) - 1][key] = value
