"""Writing the national template: one catalogue record becomes its rows of the first sheet and its row of the second."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ckanext.cqgov.domain.template import EXTENSION, ITEM_COLUMNS, LABELS, NO, RESOURCE_COLUMNS, YES, Column, Terms


def write(values: Mapping[str, Any], number: int, terms: Terms) -> tuple[list[list[Any]], list[Any]]:
    """Return a record as its rows of the first sheet (numbered from ``number``) and its row of the second.

    ``values`` are typed catalogue fields; ``values["provider"]`` is the department's name.
    """
    items = values.get("items") or [{}]
    resource = {column.label: _cell(column, values, terms) for column in RESOURCE_COLUMNS}
    rows = []
    for offset, item in enumerate(items):
        row = dict(resource)
        row["序号"] = number + offset
        for column in ITEM_COLUMNS:
            row[column.label] = _item_cell(column, item, terms)
        rows.append([row[label] for label in LABELS])
    keys = {"key.code": values.get("catalog_code") or "", "key.title": values.get("title") or "", "key.row": number}
    second = [
        keys[column.field] if column.field in keys else _extension_cell(column, values, terms) for column in EXTENSION
    ]
    return rows, second


def _cell(column: Column, values: Mapping[str, Any], terms: Terms) -> str:
    """Return one resource cell of the first sheet."""
    if column.field.startswith("class_path."):
        path, level = values.get("class_path") or [], int(column.field[-1])
        return path[level] if level < len(path) else ""
    if column.field == "opening":
        opening = values.get("opening_type")
        return "" if not opening else NO if opening == "closed" else YES
    if column.field == "sharing_condition" and values.get("sharing_type") == "withheld":
        return values.get("sharing_basis") or ""
    return _shown(column, values.get(column.field), terms)


def _shown(column: Column, value: Any, terms: Terms) -> str:
    """Return a typed value as the cell says it."""
    if value in (None, "", []):
        return ""
    if column.kind == "term":
        return terms.label(column.vocabulary or "", value)
    if column.kind == "flag":
        return YES if value else NO
    if column.kind == "tags":
        return ",".join(tag["name"] if isinstance(tag, Mapping) else tag for tag in value)
    if column.kind == "list":
        return ",".join(value)
    return str(value)


def _item_cell(column: Column, item: Mapping[str, Any], terms: Terms) -> Any:
    """Return one item cell; the length as a number where it is one."""
    value = item.get(column.field.removeprefix("item."))
    if value is None:
        return ""
    if column.kind == "data-type" and value:
        label = terms.label(column.vocabulary or "", value)
        return label if label.endswith(value) else f"{label}{value}"
    return int(value) if column.kind == "number" and str(value).isdecimal() else value


def _extension_cell(column: Column, values: Mapping[str, Any], terms: Terms) -> str:
    """Return one cell of the second sheet; what the first sheet already says in full is left empty."""
    if column.kind == "positions":
        chosen = {
            "keys": lambda item: item.get("primary_key"),
            "personal": lambda item: item.get("personal") == "personal",
            "sensitive_items": lambda item: item.get("personal") == "sensitive",
            "impersonal": lambda item: item.get("personal") == "none",
            "base_items": lambda item: item.get("base_item"),
        }[column.field]
        items = values.get("items") or []
        return ",".join(str(position) for position, item in enumerate(items, 1) if chosen(item))
    if column.field == "sharing_condition" and values.get("sharing_type") != "withheld":
        return ""
    if column.field == "sharing_basis" and values.get("sharing_type") == "withheld":
        return ""
    return _shown(column, values.get(column.field), terms)
