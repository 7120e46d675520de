"""What tests in this folder share: an entry that is open to everybody, for whatever only such an entry has."""

from __future__ import annotations

import uuid

import pytest
from ckan.tests import factories

COMPLETE = {
    "title": "公共停车场基本信息",
    "notes": "主城区公共停车场的名称、位置和泊位数。",
    "class_path": ["部门", "市交通局", "停车管理"],
    "provider_code": "11500000009275780L",
    "format_class": "spreadsheet",
    "format_type": "xlsx",
    "items": [
        {
            "name": "停车场名称",
            "type": "C",
            "length": 200,
            "primary_key": True,
            "personal": "none",
            "base_item": False,
        }
    ],
    "sharing_type": "unconditional",
    "sharing_mode_class": "platform",
    "sharing_mode_type": "file",
    "opening_type": "unconditional",
    "update_cycle": "monthly",
    "published_on": "2024-01-02",
    "region": ["500112"],
    "sensitive": False,
    "tags": [{"name": "停车"}],
}


@pytest.fixture
def open_dataset():
    """Return a maker of complete entries, open without conditions and public; keyword arguments are CKAN's factory's."""

    def made(**changes):
        code = f"307001/{uuid.uuid4().int % 10**12}"
        owner = changes.pop("owner_org", None) or factories.Organization()["id"]
        return factories.Dataset(**{**COMPLETE, "catalog_code": code, "owner_org": owner, "private": False, **changes})

    return made
