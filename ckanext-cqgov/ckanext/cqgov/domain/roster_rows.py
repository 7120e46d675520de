"""One row of an operator's list of organisations: headings understood, values read, faults named with their remedy."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from ckanext.cqgov.domain.identifiers import NAME, compact_uscc, uscc_fault
from ckanext.cqgov.domain.organization import KINDS, LEVEL_OF_KIND, LEVELS, Organization
from ckanext.cqgov.domain.text import Text, folded

# column -> the headings that mean it
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "title": ("机构名称", "名称", "单位名称"),
    "name": ("标识", "英文标识"),
    "uscc": ("统一社会信用代码", "机构代码"),
    "kind": ("机构类型", "类型"),
    "level": ("层级", "级别"),
    "parent": ("上级机构", "上级"),
    "valid_from": ("成立日期", "启用日期"),
    "valid_to": ("终止日期", "停用日期"),
    "successor": ("承继机构", "承继单位"),
    "division_code": ("行政区划代码", "区划代码"),
    "aliases": ("简称", "别名"),
    "former_names": ("曾用名",),
    "authority": ("主管部门",),
    "demo": ("演示", "示例"),
    "description": ("简介", "说明"),
}
HEADINGS = {folded(heading): column for column, names in COLUMNS.items() for heading in (column, *names)}

# What lists call the kinds and levels besides their names and codes.
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "city-government": ("市人民政府", "市政府办公厅"),
    "district-government": ("区县人民政府", "区县政府", "区政府", "县政府"),
    "city-department": ("市级部门", "市直部门"),
    "district-department": ("区县部门", "区级部门", "县级部门"),
    "public-institution": ("事业单位", "社会组织"),
    "public-utility": ("公用企业", "公用企事业单位"),
    "central-unit": ("中央单位", "垂直管理部门"),
    "city": ("市", "城市"),
    "district": ("区县", "区级", "县级"),
}

YES = frozenset({"true", "yes", "1", "是", "y"})
NO = frozenset({"false", "no", "0", "否", "n"})


def _fault(zh: str, en: str, remedy_zh: str, remedy_en: str) -> tuple[Text, Text]:
    return Text(zh, en), Text(remedy_zh, remedy_en)


FAULTS: Mapping[str, tuple[Text, Text]] = {
    "row": _fault(
        "这一行不是键值表",
        "the row is not a table of keys and values",
        "每个机构写成一组键值",
        "write each organisation as keys and values",
    ),
    "title": _fault("缺少机构名称", "the title is missing", "填写机构全称", "give the full name of the organisation"),
    "length": _fault("超过 200 个字符", "longer than 200 characters", "请缩短", "shorten it"),
    "name": _fault(
        "标识不合规则",
        "not a valid name",
        "用 2 至 100 个小写字母、数字、- 或 _，或留空由系统按拼音生成",
        "use 2 to 100 of a-z, 0-9, - and _, or leave it empty to get pinyin",
    ),
    "taken": _fault(
        "该标识已被另一机构或主题使用",
        "another organisation or group has this name",
        "换一个标识",
        "choose another name",
    ),
    "uscc": _fault("{fault}", "{fault}", "核对登记证书后重填", "copy it again from the certificate"),
    "twice": _fault("与第 {row} 行重复", "repeats row {row}", "删去其中一行", "delete one of the two rows"),
    "two": _fault(
        "统一社会信用代码与标识指向两个不同的机构",
        "the credit code and the name belong to two different organisations",
        "核对两者，只留正确的一个",
        "check both and keep the right one",
    ),
    "deleted": _fault(
        "该代码属于一个已删除的机构",
        "the code belongs to a deleted organisation",
        "恢复该机构，或请系统管理员彻底清除它",
        "restore that organisation, or have a sysadmin purge it",
    ),
    "same-title": _fault(
        "已有几个机构叫这个名称",
        "several organisations bear this title",
        "填写统一社会信用代码或标识",
        "give the credit code or the name",
    ),
    "choice": _fault("不在可选值之内", "not one of the permitted values", "可填：{known}", "one of: {known}"),
    "kind": _fault("缺少机构类型", "the kind is missing", "可填：{known}", "one of: {known}"),
    "level": _fault("缺少层级", "the level is missing", "可填：{known}", "one of: {known}"),
    "level-kind": _fault(
        "层级与机构类型不符",
        "the level does not go with the kind",
        "该类型只能是“{level}”",
        "this kind is always “{level}”",
    ),
    "date": _fault("不是日期", "not a date", "写成 2025-11-06 的形式", "write it like 2025-11-06"),
    "order": _fault("终止日期早于成立日期", "it ends before it begins", "核对两个日期", "check both dates"),
    "division": _fault(
        "区划代码不在区划表中",
        "the division code is not in the table of divisions",
        "核对六位代码；尚未公布代码的用区划表的键",
        "check the six digits; where none is published use the table's key",
    ),
    "flag": _fault("不是“是”或“否”", "neither yes nor no", "填“是”或“否”", "write yes or no"),
    "unknown": _fault(
        "找不到这个机构",
        "no such organisation",
        "先导入该机构，或改为其全称、标识或统一社会信用代码",
        "import it first, or use its full title, name or credit code",
    ),
    "ambiguous": _fault(
        "有几个机构用这个名称",
        "several organisations bear this name",
        "改用统一社会信用代码",
        "use the credit code instead",
    ),
    "circle": _fault("上级关系成环", "the organisation would stand above itself", "核对上级机构", "check the parent"),
    "self": _fault("不能承继自身", "it can't succeed itself", "核对承继机构", "check the successor"),
}


class Refused(Exception):
    """One value of a row is not taken; ``parts`` are column, value, problem and remedy."""

    def __init__(self, column: str, value: Any, code: str, **values: object) -> None:
        problem, remedy = FAULTS[code]
        self.parts = (column, "" if value is None else str(value), problem.filled(**values), remedy.filled(**values))
        super().__init__(code)


def _named(table: Mapping[str, Text]) -> str:
    return "、".join(f"{code}（{text.zh}）" for code, text in table.items())


def _choice(column: str, value: str, table: Mapping[str, Text]) -> str:
    key = folded(value)
    for code, text in table.items():
        if key in map(folded, (code, text.zh, text.en, *SYNONYMS.get(code, ()))):
            return code
    raise Refused(column, value, "choice", known=_named(table))


def _day(column: str, value: Any) -> date:
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    narrow = unicodedata.normalize("NFKC", str(value)).strip()
    if found := re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", narrow):
        try:
            return date(*map(int, found.groups()))
        except ValueError:
            pass
    raise Refused(column, value, "date")


def _flag(column: str, value: Any) -> bool:
    key = folded(str(value))
    if key in YES or key in NO:
        return key in YES
    raise Refused(column, value, "flag")


def _names(column: str, value: Any) -> tuple[str, ...]:
    parts = value if isinstance(value, list | tuple) else re.split(r"[;；、|\n]", str(value))
    names = tuple(dict.fromkeys(name for part in parts if (name := str(part).strip())))
    if any(len(name) > 200 for name in names):
        raise Refused(column, value, "length")
    return names


def _text(column: str, value: Any) -> str:
    text = str(value).replace("\x00", "").strip()
    if len(text) > 200 and column != "description":
        raise Refused(column, text[:40] + "…", "length")
    return text


def headings(row: Mapping[Any, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return ``(values by our column names, headings nobody knows)``; empty cells are left out."""
    values: dict[str, Any] = {}
    unknown = []
    for heading, value in row.items():
        column = HEADINGS.get(folded(str(heading)))
        if column is None:
            unknown.append(str(heading))
        elif value is not None and value != [] and str(value).strip():
            values[column] = value
    return values, unknown


def read(row: Mapping[str, Any], known_division: Callable[[str], bool]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return ``(fields, links)`` of one row by our column names; raises with column, value, problem and remedy."""
    given: dict[str, Any] = {}
    links = {key: _text(key, row[key]) for key in ("parent", "successor") if key in row}
    for column in ("title", "description"):
        if column in row:
            given[column] = _text(column, row[column])
    if not given.get("title"):
        raise Refused("title", "", "title")
    if "name" in row:
        given["name"] = _text("name", row["name"])
        if not NAME.fullmatch(given["name"]):
            raise Refused("name", given["name"], "name")
    if "uscc" in row:
        given["uscc"] = compact_uscc(str(row["uscc"]))
        if fault := uscc_fault(given["uscc"]):
            raise Refused("uscc", row["uscc"], "uscc", fault=fault)
    for column, table in (("kind", KINDS), ("level", LEVELS)):
        if column in row:
            given[column] = _choice(column, str(row[column]), table)
    for column in ("valid_from", "valid_to"):
        if column in row:
            given[column] = _day(column, row[column])
    if "division_code" in row:
        given["division_code"] = _text("division_code", row["division_code"])
        if not known_division(given["division_code"]):
            raise Refused("division_code", given["division_code"], "division")
    for column in ("aliases", "former_names"):
        if column in row:
            given[column] = _names(column, row[column])
    for column in ("authority", "demo"):
        if column in row:
            given[column] = _flag(column, row[column])
    return given, links


def whole(one: Organization) -> Organization:
    """Return ``one`` with its level filled in from its kind; raises when kind, level or dates do not go together."""
    if one.kind is None:
        raise Refused("kind", "", "kind", known=_named(KINDS))
    fixed = LEVEL_OF_KIND.get(one.kind)
    if fixed and one.level not in (None, fixed):
        raise Refused("level", one.level, "level-kind", level=LEVELS[fixed])
    one = replace(one, level=one.level or fixed)
    if one.level is None:
        raise Refused("level", "", "level", known=_named(LEVELS))
    if one.valid_from and one.valid_to and one.valid_to < one.valid_from:
        raise Refused("valid_to", one.valid_to, "order")
    return one
