"""A dataset with all that the catalogue asks for; each test replaces what it is about."""

from __future__ import annotations

import copy
from typing import Any

PROVIDER_CODE = "11500000009275780L"
"""A credit code with a right check digit."""

COMPLETE = {
    "title": "公共停车场基本信息",
    "notes": "主城区公共停车场的名称、位置和泊位数。",
    "class_path": ["部门", "市交通局", "停车管理"],
    "provider_code": PROVIDER_CODE,
    "format_class": "spreadsheet",
    "format_type": "xlsx",
    "items": [{"name": "名称", "type": "C", "length": 200}],
    "sharing_type": "unconditional",
    "sharing_mode_class": "platform",
    "sharing_mode_type": "file",
    "opening_type": "unconditional",
    "update_cycle": "monthly",
    "published_on": "2026-05-05",
    "region": ["500103"],
}


def complete(**changes: Any) -> dict[str, Any]:
    """Return a complete dataset, without organisation and catalogue code; what is ``None`` in ``changes`` is left out."""
    made = {**copy.deepcopy(COMPLETE), **changes}
    return {name: value for name, value in made.items() if value is not None}


def published(**changes: Any) -> dict[str, Any]:
    """Return a complete dataset that everybody may see and lists can filter by theme and by freshness."""
    shown = {"opening_theme": "交通运输", "updated_on": "2026-11-02", "private": False}
    return complete(**{**shown, **changes})
