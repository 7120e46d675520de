"""What may be wrong with a grant that somebody wants to give or to revoke: every rule with its reason and article."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from ckanext.cqgov.domain import access, grant_rows
from ckanext.cqgov.domain.grant import Grant, State, grantable, opens, state
from ckanext.cqgov.domain.rules import article_zh
from ckanext.cqgov.domain.text import Text


@dataclass(frozen=True)
class Fault:
    """What is wrong at which field, and the articles on which the rule rests (none: it is a rule of the portal)."""

    field: str
    text: Text
    articles: tuple[str, ...] = ()

    def told(self) -> Text:
        """Return the sentence with its articles."""
        if not self.articles:
            return self.text
        word = "Art." if len(self.articles) == 1 else "Arts."
        cited = Text("、".join(map(article_zh, self.articles)), f"{word} {', '.join(self.articles)}")
        return Text(f"{self.text.zh}（规章{cited.zh}）", f"{self.text.en} ({cited.en})")


@dataclass(frozen=True)
class Circumstances:
    """What the rules need to know besides the grant.

    ``tables``: the dataset's resources by id, each with its columns and their kinds, None where no table of it is loaded.
    ``members``: those of the named staff who belong to the organisation; ``officials``: ids of holders who work for a
    department today. ``giver`` is who gives the grant (None: the operator's command); ``consents`` says that they speak
    for the provider.
    """

    dataset: access.Dataset
    day: date
    giver: str | None = None
    consents: bool = True
    tables: Mapping[str, Mapping[str, str] | None] = field(default_factory=dict)
    members: Collection[str] = ()
    officials: Collection[str] = ()


FAULTS: Mapping[str, Fault] = {
    "open": Fault(
        "dataset_id",
        Text("该条目无条件开放，任何人可直接获取，无须授权", "the entry is open to everybody: nobody needs a grant"),
        ("22",),
    ),
    "shut": Fault(
        "dataset_id",
        Text(
            "该条目未向社会有条件开放，也未作为有条件共享的条目纳入共享目录，不能授权；请先由提供部门负责人发布或纳入",
            "the entry is neither published as open on conditions nor released to departments on conditions, so nothing of it is "
            "granted; the head of the provider publishes or releases it first",
        ),
        ("16", "22"),
    ),
    "holder": Fault(
        "holder_user",
        Text(
            "应填写一个使用人或一个使用机构，不能都填或都不填",
            "name one person or one organisation as the holder, not both and not none",
        ),
    ),
    "self": Fault("holder_user", Text("不能授权给自己", "nobody grants anything to themselves"), ("19",)),
    "no-staff": Fault(
        "staff",
        Text(
            "授权给机构的，应逐一列明可以使用的人员",
            "a grant to an organisation names each of its staff who may use it",
        ),
        ("34(4)",),
    ),
    "needless-staff": Fault(
        "staff", Text("授权给个人的，不再列明其他人员", "a grant to a person covers nobody else"), ("34(4)",)
    ),
    "foreign-staff": Fault(
        "staff",
        Text("所列人员不都属于该机构：{names}", "not all named people belong to the organisation: {names}"),
        ("34(4)",),
    ),
    "department": Fault(
        "holder_user",
        Text(
            "不予开放的条目只在政务部门之间共享，使用人须为政务部门在岗人员：{names}",
            "what is closed to the public is shared between departments alone; the holders must hold a duty there: {names}",
        ),
        ("16", "19"),
    ),
    "resource": Fault("resources", Text("该条目没有这个资源：{names}", "the entry has no such resource: {names}")),
    "one-resource": Fault(
        "resources",
        Text(
            "限定列或行的，应指明唯一一个资源", "a grant of columns or rows names the one resource whose table is meant"
        ),
    ),
    "no-table": Fault(
        "resources",
        Text(
            "该资源没有已载入的数据表，不能限定列或行；请确认它是表格文件并已载入（ckan cqgov data load）",
            "no table of this resource is loaded, so columns and rows can't be told apart; make sure that it is a tabular "
            "file and was loaded (ckan cqgov data load)",
        ),
    ),
    "column": Fault("columns", Text("数据表中没有这一列：{names}", "the table has no such column: {names}")),
    "row-column": Fault("rows", Text("数据表中没有这一列：{names}", "the table has no such column: {names}")),
    "purpose": Fault(
        "purpose",
        Text(
            "应写明使用目的；数据不得用于其他目的",
            "say for what the data may be used: they may be used for nothing else",
        ),
        ("34(4)",),
    ),
    "terms": Fault(
        "terms_version",
        Text(
            "应写明使用条件的版本；使用人须严格按其使用",
            "name the version of the terms: the holder uses the data strictly as they say",
        ),
        ("19",),
    ),
    "consent": Fault(
        "storage",
        Text(
            "是否同意存储由提供部门决定：请由提供部门负责人授权，或授权时不包括存储",
            "whether the data may be stored is the provider's to say: have its head give the grant, or leave storing out",
        ),
        ("34(5)",),
    ),
    "order": Fault("valid_until", Text("截止日期早于起始日期", "the last day is before the first")),
    "over": Fault("valid_until", Text("截止日期已过", "the last day is past already")),
    "revoked": Fault("id", Text("该授权已于此前撤销", "the grant was revoked before")),
    "expired": Fault("id", Text("该授权已到期，无须撤销", "the grant has expired: there is nothing to revoke")),
    "reason": Fault("reason", Text("撤销应说明理由", "say why the grant is revoked"), ("19",)),
}

Found = Iterator[Fault]


def faults(wanted: Grant, around: Circumstances) -> list[Fault]:
    """Return everything that is wrong with giving the grant ``wanted``, in the order of ``CHECKS``; nothing when it may be given."""
    return [fault for check in CHECKS for fault in check(wanted, around)]


def faults_of_revoking(held: Grant, reason: str | None, day: date) -> list[Fault]:
    """Return what is wrong with revoking ``held`` on the legal day for ``reason``."""
    over = {State.REVOKED: "revoked", State.EXPIRED: "expired"}.get(state(held, day))
    found = [] if over is None else [FAULTS[over]]
    return found if reason else [*found, FAULTS["reason"]]


def _named(code: str, names: Collection[str]) -> Found:
    if names:
        fault = FAULTS[code]
        yield Fault(fault.field, fault.text.filled(names="、".join(sorted(names))), fault.articles)


def _dataset(wanted: Grant, around: Circumstances) -> Found:
    if not grantable(around.dataset):
        yield FAULTS[
            "open" if around.dataset.opening_type == access.UNCONDITIONAL and around.dataset.published else "shut"
        ]


def _holder(wanted: Grant, around: Circumstances) -> Found:
    if (wanted.holder_user is None) == (wanted.holder_organization is None):
        yield FAULTS["holder"]
    if around.giver is not None and around.giver in {wanted.holder_user, *wanted.staff}:
        yield FAULTS["self"]


def _staff(wanted: Grant, around: Circumstances) -> Found:
    if wanted.holder_organization is not None and not wanted.staff:
        yield FAULTS["no-staff"]
    if wanted.holder_user is not None and wanted.staff:
        yield FAULTS["needless-staff"]
    if wanted.holder_organization is not None:
        yield from _named("foreign-staff", wanted.staff - set(around.members))


def _department(wanted: Grant, around: Circumstances) -> Found:
    if grantable(around.dataset) and not opens(around.dataset, staff=False):
        people = wanted.staff or {wanted.holder_user} - {None}
        yield from _named("department", people - set(around.officials))


def _scope(wanted: Grant, around: Circumstances) -> Found:
    unknown = wanted.resources - set(around.tables)
    yield from _named("resource", unknown)
    if not (wanted.columns or wanted.rows) or unknown:
        return
    if len(wanted.resources) != 1:
        yield FAULTS["one-resource"]
        return
    columns = around.tables[next(iter(wanted.resources))]
    if columns is None:
        yield FAULTS["no-table"]
        return
    yield from _named("column", set(wanted.columns) - set(columns))
    yield from _named("row-column", {each.column for each in wanted.rows} - set(columns))
    for each in wanted.rows:
        if each.column in columns:
            try:
                grant_rows.typed(each, columns[each.column])
            except grant_rows.RowFault as fault:
                yield Fault("rows", fault.text)


def _terms(wanted: Grant, around: Circumstances) -> Found:
    if not wanted.purpose:
        yield FAULTS["purpose"]
    if not wanted.terms_version:
        yield FAULTS["terms"]
    if wanted.storage and not around.consents:
        yield FAULTS["consent"]


def _days(wanted: Grant, around: Circumstances) -> Found:
    if wanted.valid_until is None:
        return
    if wanted.valid_until < wanted.valid_from:
        yield FAULTS["order"]
    elif wanted.valid_until < around.day:
        yield FAULTS["over"]


CHECKS: tuple[Callable[[Grant, Circumstances], Found], ...] = (
    _dataset,
    _holder,
    _staff,
    _department,
    _scope,
    _terms,
    _days,
)
