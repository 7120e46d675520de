"""A complete catalogue entry of each tier, every text of it a canary."""

from __future__ import annotations

import json
from typing import Any

from .canary import token

PROVIDER_CODE = "11500000009275780L"
CONDITIONS = {"conditional": ("conditional", "sc", "sharing"), "withheld": (None, "sb", "sharing")}

CLASSES: dict[str, tuple[str, str]] = {
    "open": ("unconditional", "unconditional"),
    "conditional": ("conditional", "conditional"),
    "conditional-shared": ("conditional", "unconditional"),
    "closed": ("closed", "withheld"),
    "closed-unreleased": ("closed", "unconditional"),
    "closed-released": ("closed", "conditional"),
    "closed-released-shared": ("closed", "unconditional"),
    "draft": ("unconditional", "unconditional"),
    "private": ("unconditional", "unconditional"),
    "deleted": ("unconditional", "unconditional"),
    "open-to-conditional": ("unconditional", "conditional"),
    "open-to-closed": ("unconditional", "conditional"),
    "purged": ("unconditional", "unconditional"),
}
"""Tier -> opening and sharing type with which it is created."""


def restriction(code: str, opening: str) -> dict[str, Any]:
    """Return the fields that an opening type wants: the condition and the legal basis, each a canary."""
    found: dict[str, Any] = {"opening_type": opening}
    if opening != "unconditional":
        found |= {"opening_basis_kind": "law", "opening_basis": f"《某法》第一条 {token(code, 'ob')}"}
    if opening == "conditional":
        found["opening_condition"] = f"经申请 {token(code, 'oc')}"
    return found


def entry(tier: str, code: str, number: int, organization: str) -> dict[str, Any]:
    """Return what ``package_create`` gets for a tier; its title is the earlier one, to be changed later."""
    opening, sharing = CLASSES[tier]
    made: dict[str, Any] = {
        "name": token(code, "na"),
        "title": f"暗哨登记 {token(code, 'ot')}",
        "notes": f"登记的摘要 {token(code, 'no')}",
        "owner_org": organization,
        "catalog_code": f"307001/{900_000 + number}",
        "class_path": ["部门", "市交通局", token(code, "cp")],
        "related_matter": f"事项 {token(code, 'rm')}",
        "provider_code": PROVIDER_CODE,
        "format_class": "spreadsheet",
        "format_type": "xlsx",
        "items": [
            {"name": token(code, "it"), "type": "C", "length": 200, "primary_key": True, "personal": "none"},
            {"name": "泊位数", "type": "N", "length": "8,2", "primary_key": False, "personal": "none"},
        ],
        "sharing_type": sharing,
        "sharing_mode_class": "platform",
        "sharing_mode_type": "file",
        "update_cycle": "monthly",
        "published_on": "2024-01-02",
        "region": ["500112"],
        "sensitive": False,
        "tags": [{"name": token(code, "ta")}, {"name": "暗哨"}],
        "extras": [{"key": "remark", "value": token(code, "ex")}],
        **restriction(code, opening),
    }
    for item in made["items"]:
        item["base_item"] = False
    if sharing != "unconditional":
        made |= {"sharing_basis_kind": "law", "sharing_basis": f"《某法》第二条 {token(code, 'sb')}"}
    if sharing == "conditional":
        made["sharing_condition"] = f"限于核验 {token(code, 'sc')}"
    return made


OTHER_COLUMN = "备注"
"""The column that is granted alone."""

ROWS = {"column": "区县", "op": "=", "value": "渝中区"}
"""The condition of the rows that are granted alone: the first row of the file."""


def table(code: str) -> bytes:
    """Return the file of a tier: a column, and the cells of two columns and two rows, are canaries."""
    lines = [
        [token(code, "co"), OTHER_COLUMN, ROWS["column"], "泊位数"],
        [token(code, "ce"), token(code, "cb"), ROWS["value"], "7"],
        [token(code, "cr"), token(code, "cx"), "江北区", "8"],
    ]
    return "".join(f"{','.join(line)}\n" for line in lines).encode()


def listing(code: str) -> bytes:
    """Return a catalogue file whose only row is rejected and quoted in the report, in the shape of a portal's listing."""
    row = {
        "数据集名称": f"导入 {token(code, 'im')}",
        "摘要": "导入的摘要",
        "数据标签": "交通",
        "数据领域": "道路交通",
        "国家主题分类": "工业、交通",
        "首次发布日期": f"昨天 {token(code, 'im')}",
        "更新日期": "2023-04-06",
        "更新频度": "每年",
        "数据提供方": "泄露测试局",
        "开放属性": "无条件开放",
        "联系方式": "a@example.com",
        "数据格式": ["csv"],
        "详情页网址": "https://files.example/same",
    }
    return json.dumps([row], ensure_ascii=False).encode()


def link(code: str, kind: str = "li") -> str:
    """Return the real address behind the linked resource of a tier."""
    return f"https://files.example/{token(code, kind)}/table.csv"
