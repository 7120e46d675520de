"""What can be wrong with a catalogue entry, said in both languages."""

from __future__ import annotations

from dataclasses import dataclass

from ckanext.cqgov.domain.text import Text


@dataclass(frozen=True)
class Problem:
    """One thing wrong: the field, a stable code, the sentence, the article it rests on, the row of the item table.

    ``lacking`` problems are absences (a basis not yet entered): a draft may still have them, anything else may not.
    ``row`` counts the information items from 1.
    """

    field: str
    code: str
    text: Text
    article: str | None = None
    row: int | None = None
    lacking: bool = False


@dataclass(frozen=True)
class Missing:
    """One thing a complete entry still needs: the field, its id in the form, why, and the decree's article if any."""

    field: str
    form_id: str
    text: Text
    article: str | None = None


MESSAGES: dict[str, Text] = {
    "not-text": Text("应为文字", "must be text"),
    "too-long": Text("不得超过 {cap} 个字符（现有 {length} 个）", "must not exceed {cap} characters (it has {length})"),
    "too-many": Text("不得超过 {cap} 项（现有 {count} 项）", "must not have more than {cap} entries (it has {count})"),
    "control-character": Text("含有不可见的控制字符", "contains an invisible control character"),
    "unknown-value": Text(
        "“{value}”不是允许的值；允许的值：{permitted}", "“{value}” is not a permitted value; permitted are: {permitted}"
    ),
    "not-bool": Text("“{value}”应为“是”或“否”", "“{value}” must be true or false"),
    "not-date": Text("“{value}”不是有效日期，格式应为 2018-05-05", "“{value}” is not a date like 2018-05-05"),
    "not-list": Text("应为列表", "must be a list"),
    "not-table": Text("应为列表，每项是一组键和值", "must be a list of objects, each with keys and values"),
    "state": Text("状态“{value}”无效；可用：{permitted}", "there is no state “{value}”; use {permitted}"),
    "type": Text("没有“{value}”这种数据集类型", "there is no type of datasets “{value}”"),
    "gap": Text("分类层级中间不得留空", "no level of the class path may be left empty in between"),
    "not-items": Text(
        "应为信息项列表，每项是一组“名称、数据类型……”", "must be a list of items, each with name, type and so on"
    ),
    "unknown-key": Text(
        "第 {row} 行：没有“{value}”这一栏；可用：{permitted}", "row {row}: there is no “{value}”; use {permitted}"
    ),
    "item-value": Text("第 {row} 行“{label}”：{what}", "row {row}, {label}: {what}"),
    "item-nameless": Text("第 {row} 行：缺少信息项名称", "row {row}: the item has no name"),
    "item-repeated": Text(
        "第 {row} 行：信息项名称“{value}”与第 {first} 行重复", "row {row}: the name “{value}” repeats row {first}"
    ),
    "item-length": Text(
        "“{value}”应为非负整数，或“8,2”这样的总长与小数位", "“{value}” must be a whole number or like “8,2”"
    ),
    "code-format": Text(
        "“{value}”不符合编码规则：前段码/后段码，例如 307001/12（类 1 位取 1、2 或 3，项 2 位，目 3 位，细目不限）",
        "“{value}” is not a catalogue code such as 307001/12 (class 1–3, 2 digits, 3 digits, any details, “/”, serial)",
    ),
    "code-taken": Text("代码“{value}”已被另一条目使用", "the code “{value}” is used by another entry"),
    "source-taken": Text("来源平台的同一条目已登记过", "this entry of the source portal is already listed"),
    "code-class": Text(
        "代码首位“{digit}”与分类“{value}”不一致",
        "the code's first digit “{digit}” does not agree with the class “{value}”",
    ),
    "credit-code-differs": Text(
        "与提供方登记的统一社会信用代码“{expected}”不一致",
        "does not agree with the provider's registered unified social credit code “{expected}”",
    ),
    "region": Text(
        "“{value}”不是行政区划代码（6、9 或 12 位数字）", "“{value}” is not a division code (6, 9 or 12 digits)"
    ),
    "region-unknown": Text("没有代码为“{value}”的行政区划", "there is no division with the code “{value}”"),
    "email": Text("“{value}”不是有效的电子邮箱", "“{value}” is not an e-mail address"),
    "phone": Text("“{value}”不是有效的电话号码", "“{value}” is not a telephone number"),
    "web-address": Text("“{value}”不是 http 或 https 网址", "“{value}” is not an http or https address"),
    "updated-before-published": Text(
        "更新日期 {updated} 早于发布日期 {published}", "updated on {updated}, before it was published on {published}"
    ),
    "format-type": Text(
        "格式类型“{value}”不属于“{format}”；可选：{permitted}，或“其他”并加以说明",
        "“{value}” is not a type of {format}; choose from {permitted}, or “other” with a description",
    ),
    "format-undescribed": Text("格式类型为“其他”时须填写格式描述", "describe the format when its type is “other”"),
    "sharing-mode": Text(
        "“{format}”资源不能以“{value}”方式共享；可选：{permitted}",
        "a resource of format {format} can't be shared as {value}; choose from {permitted}",
    ),
    "sharing-basis-kind": Text(
        "“{value}”不能作为{type}的依据；必须是{permitted}（{cite}）",
        "{value} is no basis for “{type}”; it must be {permitted} ({cite})",
    ),
    "sharing-basis-lacking": Text(
        "{type}必须有{permitted}依据，请填写依据种类（{cite}）",
        "“{type}” needs a basis in {permitted}; say which kind ({cite})",
    ),
    "sharing-basis-text": Text(
        "{type}必须写明依据的名称和条款（{cite}）", "“{type}” needs the name and article of its legal basis ({cite})"
    ),
    "sharing-condition": Text("有条件共享须写明共享条件（{cite}）", "conditional sharing needs its condition ({cite})"),
    "base-item-restricted": Text(
        "含有基础信息项（{value}），应当通过共享平台无条件共享，不能列为“{type}”；请把基础信息项拆分为单独的目录条目（{cite}）",
        "contains base items ({value}), which must be shared unconditionally, so it can't be “{type}”; "
        "split the base items into an entry of their own ({cite})",
    ),
    "base-item-mode": Text(
        "基础信息项应当通过共享平台在线共享，不能采用“{value}”（{cite}）",
        "base items must be shared online through the platform, not by {value} ({cite})",
    ),
    "base-kind-lacking": Text(
        "含有基础信息项，请选择基础信息类别（{cite}）", "has base items: choose the kind of base information ({cite})"
    ),
    "thematic-withheld": Text(
        "“{value}”类主题信息资源必须依法共享，不能列为“{type}”（{cite}）",
        "thematic information on {value} must be shared and can't be “{type}” ({cite})",
    ),
    "opening-basis-kind": Text(
        "“{value}”不能作为限制开放的依据；可选：{permitted}（{cite}）",
        "{value} is no basis for restricting opening; choose from {permitted} ({cite})",
    ),
    "opening-condition": Text(
        "有条件开放须写明使用条件和适用范围（{cite}）",
        "conditional opening needs its conditions and scope of use ({cite})",
    ),
    "opening-basis-lacking": Text(
        "不予开放须选择依据种类（{cite}）", "a closed resource needs the kind of its legal basis ({cite})"
    ),
    "opening-basis-text": Text(
        "不予开放须写明依据的名称和条款（{cite}）", "a closed resource needs the name and article of its basis ({cite})"
    ),
    "sensitive-open": Text(
        "涉及敏感信息的资源，经过脱敏清洗后才能{type}（{cite}）",
        "sensitive information may be opened (“{type}”) only after desensitisation ({cite})",
    ),
    "sensitive-item": Text(
        "信息项（{value}）标为敏感个人信息，请勾选“含敏感信息”",
        "items ({value}) are sensitive personal data: mark the entry as sensitive",
    ),
    "class-path-short": Text("信息资源分类至少填到“目”（三级）", "the class path needs at least three levels"),
    "needed": Text("缺少“{label}”", "{label} is missing"),
    "needed-by": Text("缺少“{label}”（{cite}）", "{label} is missing ({cite})"),
    "item-untyped": Text("第 {row} 行信息项“{value}”缺少数据类型", "row {row}: the item “{value}” has no data type"),
    "protected": Text("该字段只能由目录导入设置", "this field can be set by the importer only"),
    "listing-resources": Text(
        "来源登记的条目只登记目录，不能附带数据资源", "an entry listed from another portal holds no data resources"
    ),
    "not-listed-type": Text(
        "只有无条件开放和有条件开放的目录才向社会公布，未填写开放类型的按不予开放处理（{cite}）",
        "only entries for unconditional or conditional opening are made public; "
        "without an opening type it counts as closed ({cite})",
    ),
    "not-complete": Text(
        "目录条目尚不完整，不能公开；还缺：{what}",
        "the entry is not complete and can't be made public; still missing: {what}",
    ),
    "public-incomplete": Text(
        "已公开的条目必须保持完整；缺少：{what}。如需撤回，请改为不公开",
        "a public entry must stay complete; missing: {what}. Make it private to withdraw it",
    ),
    "head-only": Text(
        "公开、扩大开放或共享范围、转移提供方，须由提供方的“负责人”岗位办理",
        "only the head of the providing department may publish, widen the opening or sharing, or move a public entry",
    ),
    "release-not-closed": Text(
        "只有“不予开放”的条目才须另行纳入部门共享；其他条目公布后部门即可见（{cite}）",
        "only a closed entry is released to departments; any other they see once it is published ({cite})",
    ),
    "release-not-shared": Text(
        "只有无条件共享和有条件共享的条目才能纳入部门共享（{cite}）",
        "only what is shared unconditionally or conditionally can be released to departments ({cite})",
    ),
    "release-not-active": Text(
        "草稿和已删除的条目不能纳入部门共享", "a draft or a deleted entry can't be released to departments"
    ),
    "release-not-complete": Text(
        "目录条目尚不完整，不能纳入部门共享；请先在编辑页补齐缺少的内容",
        "the entry is not complete and can't be released to departments: first add what its form says is missing",
    ),
    "given-twice": Text(
        "在顶层字段和 extras 中给出了不同的值", "is given both at the top level and in extras, with different values"
    ),
}


def problem(
    field: str,
    code: str,
    *,
    article: str | None = None,
    row: int | None = None,
    lacking: bool = False,
    **words: object,
) -> Problem:
    """Return the problem ``code`` at ``field`` with its sentence filled in by ``words`` (plain values or ``Text``)."""
    return Problem(field, code, MESSAGES[code].filled(row=row, **words), article, row, lacking)
