"""The national fill-in template of 发改高技〔2017〕1272号: 26 columns, one row per information item, and our second sheet.

The first sheet is the template as it circulates. What it cannot say (the three-valued opening, legal bases, keys, personal
data, contact, provenance) stands on the second sheet, one row per resource, found by the resource code, or by the number of
the resource's first row where it has no code yet. Both sheets together are lossless: reading and writing change no cell.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from ckanext.cqgov.domain.cells import plain
from ckanext.cqgov.domain.text import Text

CATALOGUE_SHEET = "信息资源目录"
EXTENSION_SHEET = "扩展信息"
HELP_SHEET = "填报说明"
YES, NO = "是", "否"
TRUE_WORDS, FALSE_WORDS = {"是", "1", "true", "True", "TRUE", "√"}, {"否", "0", "false", "False", "FALSE", "×"}


class Terms(Protocol):
    """The controlled lists, as the adapter reads them from the rules."""

    def code(self, vocabulary: str, text: str) -> str | None:
        """Return the code of ``text`` (code, name or synonym), or ``None``."""

    def label(self, vocabulary: str, code: str) -> str:
        """Return the Chinese name of ``code``."""

    def choices(self, vocabulary: str) -> dict[str, str]:
        """Return a list as code -> Chinese name, in its order."""


@dataclass(frozen=True)
class Column:
    """One column: its heading, the field it fills, how the cell is read, and what the help sheet says."""

    label: str
    field: str
    kind: str = "text"
    vocabulary: str | None = None
    help: Text = Text("", "")


COLUMNS: tuple[Column, ...] = (
    Column("序号", "", "number", help=Text("行号，导入时不使用", "row number, not imported")),
    Column("类分类", "class_path.0", help=Text("类：基础、主题或部门", "class")),
    Column("项分类", "class_path.1", help=Text("项", "division")),
    Column("目分类", "class_path.2", help=Text("目", "group")),
    Column("细目分类1", "class_path.3", help=Text("细目，可空", "subgroup, optional")),
    Column("细目分类1.1", "class_path.4", help=Text("下级细目，可空", "lower subgroup, optional")),
    Column(
        "关联业务事项", "related_matter", help=Text("产生该资源的业务事项", "the matter that produces the resource")
    ),
    Column("信息资源名称", "title", help=Text("必填", "required")),
    Column(
        "信息资源代码",
        "catalog_code",
        help=Text("前段码/后段码，如 307001/1；不得重复", "front code/back code such as 307001/1; unique"),
    ),
    Column("下设机构", "provider_unit", help=Text("提供方的内设或下设机构", "office of the providing department")),
    Column("信息资源摘要", "notes", help=Text("内容概述", "abstract")),
    Column("格式分类", "format_class", "term", "format_classes", Text("从下拉表中选择", "from the list")),
    Column("格式类型", "format_type", help=Text("如 xlsx，须属于格式分类", "e.g. xlsx; must belong to the class")),
    Column("其他类型资源格式描述", "format_other", help=Text("列表以外的格式", "formats outside the list")),
    Column("信息项名称", "item.name", help=Text("每个信息项一行", "one row per item")),
    Column("数据类型", "item.type", "data-type", "data_types", Text("如 字符型C", "e.g. 字符型C")),
    Column("数据长度", "item.length", "number", help=Text("只写数字", "digits only")),
    Column("共享类型", "sharing_type", "term", "sharing_types", Text("三类之一", "one of three")),
    Column(
        "共享条件/不予共享依据",
        "sharing_condition",
        help=Text("有条件共享写条件，不予共享写依据", "the condition, or the legal basis when withheld"),
    ),
    Column(
        "共享方式分类", "sharing_mode_class", "term", "sharing_mode_classes", Text("从下拉表中选择", "from the list")
    ),
    Column("共享方式类型", "sharing_mode_type", "term", "sharing_mode_types", Text("从下拉表中选择", "from the list")),
    Column("是否向社会开放", "opening", "yes-no", help=Text("是或否；1/0 亦可", "yes or no; 1/0 as well")),
    Column("开放条件", "opening_condition", help=Text("有条件开放时填写", "for conditional opening")),
    Column("更新周期", "update_cycle", "term", "update_cycles", Text("如 每日、每月", "e.g. daily, monthly")),
    Column("发布日期", "published_on", "date", help=Text("如 2024-01-31", "such as 2024-01-31")),
    Column("开放主题分类", "opening_theme", help=Text("面向社会的主题", "theme for the public")),
)

ITEM_FLAGS = {
    "keys": "主键信息项",
    "personal": "个人信息项",
    "sensitive_items": "敏感个人信息项",
    "impersonal": "非个人信息项",
    "base_items": "基础信息项",
}
POSITIONS = Text("信息项的次序号，用逗号分隔，如 1,3", "positions of the items, separated by commas, such as 1,3")

EXTENSION: tuple[Column, ...] = (
    Column("信息资源代码", "key.code", help=Text("对应第一张表的代码", "the code on the first sheet")),
    Column("信息资源名称", "key.title", help=Text("便于核对，导入时不使用", "for people; not imported")),
    Column("首行序号", "key.row", "number", help=Text("尚无代码时按此对应", "finds the resource that has no code yet")),
    Column(
        "网址标识", "name", help=Text("数据集网址中的标识，可空", "the dataset's name in its address; may be empty")
    ),
    Column("信息资源提供方", "provider", help=Text("机构名称", "name of the department")),
    Column("信息资源提供方代码", "provider_code", help=Text("统一社会信用代码", "unified social credit code")),
    Column("标签", "tags", "tags", help=Text("用逗号分隔", "separated by commas")),
    Column(
        "开放类型", "opening_type", "term", "opening_types", Text("三类之一，优先于“是否向社会开放”", "one of three")
    ),
    Column("开放依据类别", "opening_basis_kind", "term", "basis_kinds", Text("依据的效力层级", "kind of legal basis")),
    Column("开放依据", "opening_basis", help=Text("文件名称和条款", "document and article")),
    Column("共享条件", "sharing_condition", help=Text("优先于第一张表", "overrides the first sheet")),
    Column("共享依据类别", "sharing_basis_kind", "term", "basis_kinds", Text("依据的效力层级", "kind of legal basis")),
    Column("共享依据", "sharing_basis", help=Text("文件名称和条款", "document and article")),
    Column("含敏感数据", "sensitive", "flag", help=Text("是或否", "yes or no")),
    Column("已脱敏", "desensitised", "flag", help=Text("是或否", "yes or no")),
    *(Column(label, name, "positions", help=POSITIONS) for name, label in ITEM_FLAGS.items()),
    Column("更新日期", "updated_on", "date", help=Text("如 2024-01-31", "such as 2024-01-31")),
    Column("关联资源代码", "related_codes", "list", help=Text("用逗号分隔", "separated by commas")),
    Column("行政区划", "region", "list", help=Text("区划代码，用逗号分隔", "division codes, separated by commas")),
    Column("来源系统", "source_system", help=Text("产生数据的信息系统", "the system the data comes from")),
    Column("联系单位", "contact_unit", help=Text("", "")),
    Column("联系电话", "contact_phone", help=Text("", "")),
    Column("联系邮箱", "contact_email", help=Text("", "")),
    Column("政府令基础信息类别", "base_kind", "term", "base_kinds", Text("政府令第十七条", "Decree 320, Art. 17")),
    Column(
        "指南基础类", "guide_base_class", "term", "guide_base_classes", Text("编制指南的基础类", "the guide's class")
    ),
    Column("主题信息类别", "thematic_kind", "term", "thematic_kinds", Text("政府令第十七条", "Decree 320, Art. 17")),
    Column("登记方式", "origin", "term", "origins", Text("编制或来源登记", "compiled, or a listing entry")),
    Column("来源门户", "source_portal", help=Text("来源登记的出处", "where a listing entry comes from")),
    Column("来源标识", "source_id", help=Text("", "")),
    Column("来源网址", "source_url", help=Text("", "")),
    Column("来源键", "source_key", help=Text("请勿修改", "do not change")),
)

LABELS = tuple(column.label for column in COLUMNS)
EXTENSION_LABELS = tuple(column.label for column in EXTENSION)
ITEM_COLUMNS = tuple(column for column in COLUMNS if column.field.startswith("item."))
RESOURCE_COLUMNS = tuple(column for column in COLUMNS if column.field and not column.field.startswith("item."))
SIGNATURE = frozenset({"信息资源名称", "信息资源代码", "信息项名称", "共享类型"})


def heading(raw: Any) -> str:
    """Return a heading as it is compared: without spaces, line breaks and the asterisk of required columns."""
    return "".join(plain(raw).split()).strip("*＊")


def is_header(cells: Iterable[Any]) -> bool:
    """Say whether a row is the header of the national template (in whatever order of columns)."""
    return {heading(cell) for cell in cells} >= SIGNATURE
