"""Judging many entries at once: the same rules and gate as the form, with what they need to know read in sets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.cqgov import rules
from ckanext.cqgov.catalogue import door
from ckanext.cqgov.catalogue.surroundings import surroundings
from ckanext.cqgov.domain import catalogue
from ckanext.cqgov.domain.catalogue_entry import Admission, Core, admit
from ckanext.cqgov.domain.catalogue_fields import ALL
from ckanext.cqgov.domain.catalogue_problem import Problem
from ckanext.cqgov.domain.classification import opening
from ckanext.cqgov.domain.exchange import Entry, Fault, Identity, identity
from ckanext.cqgov.domain.publication import Before
from ckanext.cqgov.domain.text import Text
from ckanext.cqgov.exchange.existing import Existing, named, stored_entries
from ckanext.cqgov.exchange.merging import Wishes, core_over, further, raw_over
from ckanext.cqgov.exchange.permission import may_import
from ckanext.cqgov.model import organization

LABELS = {each.key: each.zh for each in ALL}
CORRECT = Text("按说明改正后重新导入该行", "correct the cell as said and import the row again")
FILL = Text(
    "补填后重新导入；未完成的条目可先作为草稿导入（--draft）",
    "fill it in; unfinished entries can come in as drafts (--draft)",
)
FOREIGN = Text("该条目属于您无权编辑的机构", "the entry belongs to an organisation that you may not edit")
UNKNOWN = Text("门户中没有这个机构", "the portal knows no such organisation")
REGISTER = Text(
    "先登记该机构或其别名（ckan cqgov organization import），或用 --organization 指定归属机构",
    "register it or its alias first (ckan cqgov organization import), or name the owner with --organization",
)
NAMELESS = Text("没有写明信息资源提供方", "the row does not name its provider")
HELD = Text("已由另一条目使用", "is held by another entry")
TAKEN = Text("该网址标识已被另一数据集使用", "another dataset has this name")
KEPT_PRIVATE = Text("已导入，但未公开：", "imported, but not public: ")


@dataclass(frozen=True)
class Actor:
    """Who imports: the user's id and name; ``sysadmin`` may write everywhere."""

    id: str
    name: str
    sysadmin: bool


@dataclass
class Judged:
    """An admitted entry, ready to be written: over ``existing``, or as a new dataset."""

    entry: Entry
    admission: Admission
    existing: Existing | None
    name: str | None


class Judge:
    """Judges the entries of one run; remembers what it learned about organisations."""

    def __init__(self, actor: Actor, wishes: Wishes) -> None:
        self.actor, self.wishes = actor, wishes
        self.rules, self.guide = rules.current(), rules.guide()
        self.context = {"user": actor.name, "model": model, "session": model.Session}
        self.unknown: dict[str, int] = {}
        self._groups: dict[str, str | None] = {}
        self._around: dict[str, Any] = {}
        self._publishers: dict[str, bool] = {}
        self._editable: dict[str, bool] = {}
        self._claimed: set[tuple[str, Any]] = set()

    def begin_batch(self) -> None:
        """Forget which names and keys the entries of the last batch claimed: they are stored, or given up."""
        self._claimed = set()

    def identity(self, entry: Entry) -> Identity:
        """Return what the entry is recognised by."""
        return identity(entry.values, entry.provider)

    def judge(self, entries: Iterable[tuple[Entry, Identity]]) -> Iterator[Judged | Entry]:
        """Yield for each entry what is to be written, or the entry itself with the faults that reject it."""
        entries = list(entries)
        found = stored_entries([each for entry, key in entries for each in (key, further(entry, key)) if each])
        names = named([entry.values["name"] for entry, _key in entries if entry.values.get("name")])
        told = {each for entry, _key in entries for each in (entry.provider, entry.values.get("provider_code")) if each}
        self._resolve(told)
        for entry, key in entries:
            noted = len(entry.notes)
            judged = None
            if not entry.faults:
                second = further(entry, key)
                holder = found.get(second) if second else None
                existing = found.get(key) or holder
                if holder and existing and holder.id != existing.id:
                    self._book(entry, "source_key", second.key if second else "", HELD)
                else:
                    judged = self._judged(entry, key, existing, names)
            if judged is None:
                del entry.notes[noted:]
            yield judged or entry

    def _resolve(self, providers: set[str]) -> None:
        new = providers - self._groups.keys()
        if new:
            known = organization.resolve_many(new)
            self._groups.update({name: known.get(name) for name in new})

    def _judged(
        self, entry: Entry, key: Identity, existing: Existing | None, names: Mapping[str, str]
    ) -> Judged | None:
        """Return the admitted entry, or ``None`` after booking its faults."""
        owner = self._owner(entry, existing)
        if owner is None:
            return None
        values = dict(entry.values)
        if key.kind == "source" and not values.get("source_key"):
            values["source_key"] = key.key
        covered = entry.covered | {"source_key"} if key.kind == "source" else entry.covered
        if self.wishes.organization_id and not values.get("provider_unit"):
            if entry.provider and self._named(entry) != owner:
                values["provider_unit"], covered = entry.provider, covered | {"provider_unit"}
        self._core_faults(entry, values, existing, names)
        if entry.faults:
            return None
        raw = raw_over(values, covered, existing)
        core = core_over(values, covered, existing, owner, self.wishes)
        admission = self._admitted(raw, core, existing)
        if (
            self.wishes.publish
            and admission.decision.problem
            and list(admission.refusals) == [admission.decision.problem]
        ):
            private = self._admitted(raw, replace(core, asked=None), existing)
            if not private.refusals:
                wrong = admission.decision.problem.text
                entry.notes.append(
                    Fault(
                        "",
                        values.get("title") or "",
                        Text(KEPT_PRIVATE.zh + wrong.zh, KEPT_PRIVATE.en + wrong.en),
                        Text("补齐后由提供方负责人公开", "complete it; the head of the provider publishes it"),
                    )
                )
                admission = private
        if admission.refusals:
            entry.faults.extend(self._fault(each, entry, raw) for each in admission.refusals)
            return None
        if not self._claims(entry, admission, existing, values.get("name")):
            return None
        return Judged(entry, admission, existing, None if existing else values.get("name"))

    def _claims(self, entry: Entry, admission: Admission, existing: Existing | None, name: str | None) -> bool:
        """Claim the entry's unique keys within the batch; book a fault when an earlier entry claims one of them."""
        told = admission.values
        claims = {
            "catalog_code": told.get("catalog_code"),
            "source_key": told.get("source_key") and (told.get("source_portal") or "", told["source_key"]),
            "name": None if existing else name,
        }
        for key, value in claims.items():
            if value and (key, value) in self._claimed:
                self._book(entry, key, str(told.get(key) or name), HELD)
        if entry.faults:
            return False
        self._claimed |= {(key, value) for key, value in claims.items() if value}
        return True

    def _admitted(self, raw: Mapping[str, Any], core: Core, existing: Existing | None) -> Admission:
        before = None
        if existing:
            before = Before(
                existing.state,
                existing.private,
                opening(existing.values),
                existing.owner_org,
                str(existing.values.get("sharing_type") or ""),
            )
        return admit(
            raw,
            core,
            rules=self.rules,
            guide=self.guide,
            around=self._surroundings(core.owner_org or ""),
            stored=existing.values if existing else None,
            before=before,
            trusted=True,
            may_publish=lambda: self._may_publish(core.owner_org or ""),
        )

    def _owner(self, entry: Entry, existing: Existing | None) -> str | None:
        """Return the organisation that owns the entry, or ``None`` after booking why there is none."""
        column = entry.columns.get("provider") or entry.columns.get("provider_code") or "信息资源提供方"
        owner = self.wishes.organization_id or self._named(entry)
        if owner is None and not entry.provider and existing:
            owner = existing.owner_org
        if owner is None:
            self.unknown[entry.provider] = self.unknown.get(entry.provider, 0) + 1
            entry.faults.append(Fault(column, entry.provider, UNKNOWN if entry.provider else NAMELESS, REGISTER))
            return None
        for group in {owner, existing.owner_org if existing else owner}:
            if not self._may_edit(group or ""):
                fix = Text(
                    "请由该机构导入，或联系目录管理员", "let that organisation import it, or ask the catalogue officer"
                )
                entry.faults.append(Fault(column, entry.provider, FOREIGN, fix))
                return None
        return owner

    def _named(self, entry: Entry) -> str | None:
        """Return the organisation that the row names: by its code first, for names repeat and change."""
        return self._groups.get(entry.values.get("provider_code") or "") or self._groups.get(entry.provider)

    def _may_edit(self, group: str) -> bool:
        if self.actor.sysadmin:
            return True
        if group not in self._editable:
            self._editable[group] = may_import(self.actor.id, self.actor.name, group)
        return self._editable[group]

    def _may_publish(self, group: str) -> bool:
        if group not in self._publishers:
            self._publishers[group] = door.may_publish(self.context, group)
        return self._publishers[group]

    def _surroundings(self, group: str) -> Any:
        if group not in self._around:
            self._around[group] = surroundings(group)
        return self._around[group]

    def _core_faults(
        self, entry: Entry, values: dict[str, Any], existing: Existing | None, names: Mapping[str, str]
    ) -> None:
        """Check CKAN's own fields with CKAN's own validators; book what they refuse."""
        if not values.get("title") and not (existing and "title" not in entry.covered):
            self._book(entry, "title", "", Text("缺少信息资源名称", "the title is missing"))
        for key in ("title", "notes"):
            limit, length = catalogue.CORE[key].max_length, len(values.get(key) or "")
            if length > limit:
                wrong = Text(
                    f"不得超过 {limit} 个字符（现有 {length} 个）",
                    f"must not exceed {limit} characters (it has {length})",
                )
                self._book(entry, key, values[key], wrong)
        for tag in values.get("tags") or ():
            self._validated(entry, "tags", tag["name"], "tag_length_validator", "tag_name_validator")
        name = values.get("name")
        if name and not existing:
            self._validated(entry, "name", name, "name_validator")
            if name in names:
                self._book(entry, "name", name, TAKEN)

    def _validated(self, entry: Entry, key: str, value: str, *validators: str) -> None:
        for validator in validators:
            try:
                tk.get_validator(validator)(value, self.context)
            except tk.Invalid as error:
                self._book(entry, key, value, Text(str(error.error), str(error.error)))

    def _book(self, entry: Entry, key: str, value: str, wrong: Text) -> None:
        entry.faults.append(Fault(entry.columns.get(key) or LABELS.get(key, key), value[:200], wrong, CORRECT))

    def _fault(self, each: Problem, entry: Entry, raw: Mapping[str, Any]) -> Fault:
        """Return a problem of the rules as a fault of the file's cell."""
        value = raw.get(each.field)
        if each.field in ("title", "notes"):
            value = entry.values.get(each.field)
        shown = "" if value is None else value if isinstance(value, str) else str(value)
        column = entry.columns.get(each.field) or LABELS.get(each.field, each.field)
        return Fault(column, shown[:200], each.text, FILL if each.lacking else CORRECT)
