"""Template helpers of the entry form: the field table as sections of inputs, and errors that link to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.cqgov.domain.catalogue import ALL, ITEM_FIELDS, SECTIONS, Field
from ckanext.cqgov.helpers.dataset import cqgov_label, cqgov_vocabulary
from ckanext.cqgov.language import pick

__all__ = ["cqgov_error_list", "cqgov_form_sections", "cqgov_item_columns", "cqgov_item_rows", "cqgov_may_publish"]

LEVELS = 5
"""Inputs of the class path."""

BLANK_ROWS = 3
"""Empty rows that the item table always offers, so that it can be filled in without scripts."""

WHEN: dict[str, tuple[str, tuple[str, ...]]] = {
    "format_other": ("format_type", ("其他", "other")),
    "sharing_condition": ("sharing_type", ("conditional", "withheld")),
    "sharing_basis_kind": ("sharing_type", ("conditional", "withheld")),
    "sharing_basis": ("sharing_type", ("conditional", "withheld")),
    "sharing_mode_class": ("sharing_type", ("unconditional", "conditional")),
    "sharing_mode_type": ("sharing_mode_class", ("platform",)),
    "opening_condition": ("opening_type", ("conditional", "closed")),
    "opening_basis_kind": ("opening_type", ("closed",)),
    "opening_basis": ("opening_type", ("closed",)),
    "desensitised": ("sensitive", ("true",)),
}
"""Which fields matter only for some values of another: said in words, and dimmed by a script while they do not matter."""


def cqgov_form_sections(data: Mapping[str, Any], errors: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the sections of the entry form as ``{key, title, fields}``, filled in from ``data`` (typed values or form input).

    A field is ``{key, id, kind, label, help, required, multiline, max_length, value, choices, when, hint, errors}``.
    Fields that only the importer sets are left out.
    """
    sections = []
    errors = _by_field(errors)
    for key, title in SECTIONS.items():
        fields = [_shown(field, data, errors) for field in ALL if field.section == key and not field.protected]
        if fields:
            sections.append({"key": key, "title": pick(title), "fields": fields})
    return sections


def cqgov_item_columns() -> list[dict[str, Any]]:
    """Return the columns of the information-item table as ``{key, kind, label, required, choices}``; a choice has its synonyms."""
    return [
        {
            "key": field.key,
            "kind": field.kind,
            "label": pick(field.label),
            "required": field.required,
            "choices": _choices(f"items.{field.key}"),
            "words": "|".join(sorted({field.key, field.zh, field.en})),
        }
        for field in ITEM_FIELDS
    ]


def cqgov_item_rows(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of the item table, each with every column, and some empty rows at the end."""
    items = data.get("items")
    rows = [row for row in items if isinstance(row, Mapping)] if isinstance(items, list) else []
    try:
        blank = min(int(data.get("items_blank") or BLANK_ROWS), 100)
    except (TypeError, ValueError):
        blank = BLANK_ROWS
    return [
        {
            field.key: _truth(row.get(field.key)) if field.kind == "bool" else _text(row.get(field.key))
            for field in ITEM_FIELDS
        }
        for row in [*rows, *({} for _ in range(blank))]
    ]


def cqgov_error_list(errors: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return every error as ``{form_id, label, text}`` in the order of the form; ``form_id`` is empty for what has no input."""
    known = {field.key: field for field in ALL}
    order = list(known)
    errors = _by_field(errors)
    found = []
    for key in sorted(errors, key=lambda key: order.index(key) if key in known else len(order)):
        field = known.get(key)
        for text in _messages(errors[key]):
            found.append(
                {
                    "form_id": field.form_id if field and not field.protected else "",
                    "label": pick(field.label) if field else _core_label(key),
                    "text": text,
                }
            )
    return found


def cqgov_may_publish(data: Mapping[str, Any]) -> bool:
    """Return whether the current user may make an entry of this organisation public."""
    owner = data.get("owner_org")
    return bool(owner) and tk.h.check_access("cqgov_dataset_publish", {"owner_org": owner})


def _by_field(errors: Mapping[str, Any]) -> dict[str, Any]:
    """Return CKAN's errors under the keys of the fields: it says ``tag_string`` for what the form calls tags."""
    found = {key: value for key, value in errors.items() if key != "tag_string"}
    if errors.get("tag_string"):
        found["tags"] = list(dict.fromkeys([*_messages(found.get("tags")), *_messages(errors["tag_string"])]))
    return found


def _shown(field: Field, data: Mapping[str, Any], errors: Mapping[str, Any]) -> dict[str, Any]:
    needs, values = WHEN.get(field.key, ("", ()))
    return {
        "key": field.key,
        "id": field.form_id,
        "kind": field.kind,
        "label": pick(field.label),
        "help": pick(field.help),
        "required": field.required,
        "multiline": field.multiline,
        "max_length": field.max_length,
        "value": _value(field, data),
        "choices": _choices(field.key),
        "when": f"{needs}:{','.join(values)}" if needs else "",
        "hint": _hint(needs, values),
        "errors": _messages(errors.get(field.key)),
    }


def _hint(needs: str, values: Sequence[str]) -> str:
    if not needs:
        return ""
    other = next(field for field in ALL if field.key == needs)
    if other.kind == "bool":
        return tk._("Only when “{field}” is ticked.").format(field=pick(other.label))
    named = tk._(", ").join(dict.fromkeys(cqgov_label(needs, value) for value in values))
    return tk._("Only when “{field}” is: {values}.").format(field=pick(other.label), values=named)


def _value(field: Field, data: Mapping[str, Any]) -> Any:
    value = data.get("tag_string") if field.key == "tags" else data.get(field.key)
    if field.kind == "bool":
        return _truth(value)
    if field.kind == "list" and field.key == "class_path":
        levels = (
            [_text(entry) for entry in value] if isinstance(value, list) else _text(value).split("/") if value else []
        )
        return [*(level.strip() for level in levels), *[""] * LEVELS][: max(LEVELS, len(levels))]
    if field.kind == "list":
        return tk._(", ").join(_text(entry) for entry in value) if isinstance(value, list) else _text(value)
    return _text(value)


def _choices(key: str) -> list[dict[str, str]]:
    return [
        {
            "value": code,
            "text": cqgov_label(key, code),
            "words": "|".join(sorted({code, entry.zh, entry.en, *entry.synonyms})),
            "types": "|".join(getattr(entry, "types", ())),
        }
        for code, entry in cqgov_vocabulary(key).items()
    ]


def _messages(found: Any) -> list[str]:
    """Return the messages of one error entry of CKAN, whose shape is a list, a text, or nested dicts for resources."""
    if not found:
        return []
    if isinstance(found, Mapping):
        return [text for each in found.values() for text in _messages(each)]
    if isinstance(found, list | tuple):
        return [text for each in found for text in _messages(each)]
    return [str(found)]


def _core_label(key: str) -> str:
    labels = {
        "name": tk._("Address of the page"),
        "private": tk._("Publication"),
        "resources": tk._("Data"),
        "state": tk._("State"),
        "license_id": tk._("License"),
        "items_paste": tk._("Pasted items"),
        "message": "",
    }
    return labels.get(key, key.replace("_", " "))


def _truth(value: Any) -> bool:
    last = value[-1] if isinstance(value, list) and value else value
    return last is True or str(last).strip().casefold() in ("true", "1", "on", "yes", "是")


def _text(value: Any) -> str:
    return "" if value is None else str(value)
