"""How a catalogue entry's values are kept in CKAN's flat extras, and the hash that tells whether it changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from ckanext.cqgov.domain.catalogue_fields import BOOL, FIELDS, ITEMS, LIST

HASHED_CORE = ("title", "notes", "owner_org", "license_id", "url")


def storage(values: Mapping[str, Any]) -> dict[str, str]:
    """Return our typed values as extras: text as it is; lists, items and truth values as JSON."""
    return {
        key: dumped(values[key]) if field.kind in (BOOL, LIST, ITEMS) else str(values[key])
        for key, field in FIELDS.items()
        if values.get(key) is not None
    }


def restore(extras: Mapping[str, str]) -> dict[str, Any]:
    """Return our typed values from extras; what another program stored under our key and is not JSON stays as it is."""
    values: dict[str, Any] = {}
    for key, field in FIELDS.items():
        if key not in extras:
            continue
        value: Any = extras[key]
        if field.kind in (BOOL, LIST, ITEMS):
            try:
                value = json.loads(value)
            except (TypeError, ValueError):
                pass
        values[key] = value
    return values


def sound(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return restored values without those that are not of their field's kind (another program stored them)."""

    def fits(kind: str, value: Any) -> bool:
        if kind == BOOL:
            return isinstance(value, bool)
        if kind in (LIST, ITEMS):
            return isinstance(value, list) and all(isinstance(each, dict if kind == ITEMS else str) for each in value)
        return isinstance(value, str)

    return {key: value for key, value in values.items() if fits(FIELDS[key].kind, value)}


def content_hash(record: Mapping[str, Any]) -> str:
    """Return SHA-256 (hex) over what an entry says: our values, CKAN's core texts and the set of tags.

    Neither its name, state nor privacy counts: publishing does not change what an entry says.
    """
    tags = sorted({tag["name"] if isinstance(tag, Mapping) else str(tag) for tag in record.get("tags") or ()})
    said = {key: record[key] for key in (*HASHED_CORE, *FIELDS) if record.get(key) not in (None, "", [])}
    return hashlib.sha256(dumped({**said, "tags": tags}).encode()).hexdigest()


def dumped(value: Any) -> str:
    """Return canonical JSON: sorted keys, no blanks, Chinese as it is."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
