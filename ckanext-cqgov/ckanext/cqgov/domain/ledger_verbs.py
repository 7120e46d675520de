"""What the ledger's codes are called: verbs, kinds of subjects, and under which verb an action's refusal is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ckanext.cqgov.domain.text import Text

VERBS: Mapping[str, Text] = {
    "calendar.import": Text("导入工作日历", "import a calendar"),
    "catalogue.import": Text("批量导入目录", "import catalogue entries"),
    "data.download": Text("下载数据文件", "download a data file"),
    "data.extract": Text("提取授权范围内的数据", "extract granted data"),
    "data.query": Text("查询数据", "query data"),
    "data.read": Text("读取非无条件开放的数据", "read data that are not open to everybody"),
    "dataset.create": Text("新建目录条目", "create a catalogue entry"),
    "dataset.delete": Text("删除目录条目", "delete a catalogue entry"),
    "dataset.open": Text("转为无条件开放", "open unconditionally"),
    "dataset.publish": Text("公布目录条目", "publish a catalogue entry"),
    "dataset.purge": Text("彻底清除目录条目", "purge a catalogue entry"),
    "dataset.reclassify": Text("变更开放类型", "change the opening type"),
    "dataset.release": Text("将不予开放条目纳入共享目录", "release a closed entry to staff"),
    "dataset.retract": Text("将不予开放条目移出共享目录", "take a closed entry back from staff"),
    "dataset.update": Text("修改目录条目", "change a catalogue entry"),
    "dataset.widen": Text("扩大开放范围", "widen the opening"),
    "dataset.withdraw": Text("撤回目录条目", "withdraw a catalogue entry"),
    "duty.assign": Text("任职", "assign a duty"),
    "duty.end": Text("结束任职", "end a duty"),
    "grant.create": Text("授予数据使用权", "grant data"),
    "grant.revoke": Text("撤销数据使用权", "revoke a grant"),
    "ledger.addresses": Text("查看台账中的网络地址", "read addresses in the ledger"),
    "ledger.export": Text("导出台账", "export the ledger"),
    "ledger.read": Text("查阅台账", "read the ledger"),
    "ledger.verify": Text("核验台账", "verify the ledger"),
    "membership.create": Text("添加成员", "add a member"),
    "membership.delete": Text("移除成员", "remove a member"),
    "membership.follow": Text("成员资格随岗位调整", "membership follows the duties"),
    "organization.create": Text("新建机构", "create an organisation"),
    "organization.delete": Text("删除机构", "delete an organisation"),
    "organization.import": Text("批量导入机构", "import organisations"),
    "organization.update": Text("修改机构", "change an organisation"),
    "reclassification.finish": Text("完成类型变更的后续处理", "finish what follows a reclassification"),
    "reclassification.prove": Text("核验类型变更后无残留", "prove that nothing is left after a reclassification"),
    "reclassification.resume": Text("重新处理类型变更", "resume a reclassification"),
    "refusal.more": Text("一分钟内另有多次拒绝", "more refusals within a minute"),
    "resource.create": Text("新增数据资源", "add a resource"),
    "resource.delete": Text("删除数据资源", "delete a resource"),
    "resource.update": Text("修改数据资源", "change a resource"),
    "search-term.create": Text("新增检索词", "add words of the search"),
    "search-term.delete": Text("删除检索词", "delete words of the search"),
    "search-term.import": Text("批量导入检索词", "import words of the search"),
    "search-term.update": Text("修改检索词", "change words of the search"),
}

SUBJECTS: Mapping[str, Text] = {
    "calendar": Text("工作日历", "calendar"),
    "catalogue": Text("目录", "catalogue"),
    "dataset": Text("目录条目", "catalogue entry"),
    "duty": Text("任职", "duty"),
    "grant": Text("授权", "grant"),
    "import": Text("导入批次", "import"),
    "ledger": Text("台账", "ledger"),
    "organization": Text("机构", "organisation"),
    "person": Text("人员", "person"),
    "resource": Text("数据资源", "resource"),
    "search-term": Text("检索词", "words of the search"),
}

# action -> (verb, kind of subject, key of the client's data that names the subject). Others follow from their name.
REFUSALS: Mapping[str, tuple[str, str, str]] = {
    "cqgov_duty_assign": ("duty.assign", "organization", "organization_id"),
    "cqgov_calendar_import": ("calendar.import", "calendar", "year"),
    "cqgov_catalogue_import": ("catalogue.import", "organization", "organization"),
    "cqgov_organization_import": ("organization.import", "organization", ""),
    "cqgov_grant_create": ("grant.create", "dataset", "dataset_id"),
    "cqgov_reclassification_resume": ("reclassification.resume", "dataset", "id"),
    "cqgov_download_link": ("data.download", "resource", "id"),
    "dataset_purge": ("dataset.purge", "dataset", "id"),
    "organization_member_create": ("membership.create", "organization", "id"),
    "organization_member_delete": ("membership.delete", "organization", "id"),
    "organization_patch": ("organization.update", "organization", "id"),
    "package_create": ("dataset.create", "organization", "owner_org"),
    "package_delete": ("dataset.delete", "dataset", "id"),
    "package_owner_org_update": ("dataset.update", "dataset", "id"),
    "package_patch": ("dataset.update", "dataset", "id"),
    "package_update": ("dataset.update", "dataset", "id"),
    "resource_create": ("resource.create", "dataset", "package_id"),
    "resource_patch": ("resource.update", "resource", "id"),
}


def verb(code: str) -> Text:
    """Return what a verb is called; one that is not known is called by its code."""
    return VERBS.get(code, Text(code, code))


def subject(code: str) -> Text:
    """Return what a kind of subject is called; one that is not known is called by its code."""
    return SUBJECTS.get(code, Text(code, code))


def refusal(action: str, data: Any) -> tuple[str, str, str]:
    """Return ``(verb, kind of subject, what the client named it)`` of a refused ``action``, called with ``data``.

    ``cqgov_search_term_update`` without a row of its own is ``search-term.update`` of the ``search-term`` that ``id`` names.
    """
    known = REFUSALS.get(action)
    if known is None:
        noun, _, deed = action.removeprefix("cqgov_").rpartition("_")
        noun = noun.replace("_", "-") or deed
        known = f"{noun}.{deed}", noun, "id"
    named = data.get(known[2]) if isinstance(data, Mapping) and known[2] else None
    return known[0], known[1], str(named) if isinstance(named, str | int) else ""
