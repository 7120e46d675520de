"""The tree of organisations: reading it, keeping it, importing it (Art. 2, 4-6, 43)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.cqgov import divisions, rules
from ckanext.cqgov.catalogue import group_list, search_outage
from ckanext.cqgov.clock import today
from ckanext.cqgov.domain import organization as domain
from ckanext.cqgov.domain import roster
from ckanext.cqgov.domain.text import Text
from ckanext.cqgov.language import pick
from ckanext.cqgov.logic import asking
from ckanext.cqgov.logic.chained import chained
from ckanext.cqgov.logic.input import Input
from ckanext.cqgov.model import ledger, lock, organization
from ckanext.cqgov.organization_index import reindex
from ckanext.cqgov.roster_file import ROW

__all__ = [
    "cqgov_organization_import",
    "cqgov_organization_show",
    "cqgov_organization_tree",
    "cqgov_organization_update",
    "organization_list",
    "organization_show",
]

NOT_A_LIST = Text("应为机构的列表", "must be a list of organisations")
VERBS = {"created": "organization.create", "updated": "organization.update"}
UNKNOWN_FIELD = Text("没有这个字段", "there is no such field")


@tk.side_effect_free
def cqgov_organization_tree(context: Any, data_dict: Any) -> list[dict[str, Any]]:
    """Return the whole tree of organisations with their public facts; open to everyone.

    ``q`` keeps what matches (part of a title, name, alias, former name or credit code) with all that stands above and
    below it; ``current`` (default false) drops organisations that have ended.

    :returns: list of roots ``{id, name, title, uscc, kind, kind_title, level, level_title, division_code, valid_from,
        valid_to, ended, successor, parent, aliases, former_names, authority, demo, dataset_count,
        total_dataset_count, children}``; counts are of public datasets, ``total`` includes all descendants.
    """
    tk.check_access("cqgov_organization_tree", context, data_dict)
    given = Input(data_dict)
    query, current = given.text("q", limit=200), given.flag("current")
    given.done()
    known, day = asking.directory(), today()
    shown = [one for one in known.values() if not current or one.valid(day)]
    nodes = domain.pruned(domain.tree(shown, organization.public_counts()), query or "")

    def as_dict(node: domain.Node) -> dict[str, Any]:
        return {
            **facts(node.organization, known.get),
            "dataset_count": node.count,
            "total_dataset_count": node.total,
            "children": [as_dict(child) for child in node.children],
        }

    return [as_dict(node) for node in nodes]


@tk.side_effect_free
def cqgov_organization_show(context: Any, data_dict: Any) -> dict[str, Any]:
    """Return one organisation's public facts by id, name, title, credit code or alias; open to everyone.

    :returns: as an element of ``cqgov_organization_tree`` without counts and children, with ``ancestors`` (nearest
        first) and ``predecessors`` as ``{id, name, title}``.
    :raises ObjectNotFound: when nobody, or more than one, bears the name.
    """
    tk.check_access("cqgov_organization_show", context, data_dict)
    given = Input(data_dict)
    key = given.text("id", required=True)
    given.done()
    known = asking.directory()
    found = domain.Directory(known.values()).find(key)
    if found is None:
        raise tk.ObjectNotFound("Organization not found")
    parents = {one.id: one.parent_id for one in known.values()}
    return {
        **facts(known[found], known.get),
        "ancestors": [reference(known.get(above)) for above in domain.line(found, parents)[1:] if above in known],
        "predecessors": [reference(one) for one in known.values() if one.successor_id == found],
    }


@chained
def organization_show(next_action: Any, context: Any, data_dict: Any) -> dict[str, Any]:
    """Return CKAN's organisation with its public facts under ``cqgov``; every core key stays as it is.

    While the search is away its number of datasets comes from the database.
    """
    shown = search_outage.counted(next_action, context, data_dict)
    one = organization.get(shown["id"])
    shown["cqgov"] = None if one is None else facts(one, organization.related(one).get)
    return shown


@chained
def organization_list(next_action: Any, context: Any, data_dict: Any) -> list[Any]:
    """Return the organisations as CKAN does; ordered by number of datasets, those count that whoever asks may see."""
    return group_list.listed(next_action, "organization_show", context, data_dict)


def reference(one: domain.Organization | None) -> dict[str, str] | None:
    """Return how another organisation is pointed at, None for none."""
    return None if one is None else {"id": one.id, "name": one.name, "title": one.title}


def facts(one: domain.Organization, other: Callable[[str], domain.Organization | None]) -> dict[str, Any]:
    """Return what everyone may know of an organisation; ``other`` finds the parent and the successor by id."""
    law = rules.current()
    kind, level = law.organization_kinds.get(one.kind or ""), law.organization_levels.get(one.level or "")
    return {
        "id": one.id,
        "name": one.name,
        "title": one.title,
        "uscc": one.uscc,
        "kind": one.kind,
        "kind_title": pick(kind.text) if kind else None,
        "level": one.level,
        "level_title": pick(level.text) if level else None,
        "division_code": one.division_code,
        "valid_from": one.valid_from.isoformat() if one.valid_from else None,
        "valid_to": one.valid_to.isoformat() if one.valid_to else None,
        "ended": not one.valid(today()) and one.valid_to is not None,
        "parent": reference(other(one.parent_id)) if one.parent_id else None,
        "successor": reference(other(one.successor_id)) if one.successor_id else None,
        "succeeded_on": begun.isoformat() if (begun := domain.succeeded_on(one)) else None,
        "aliases": list(one.aliases),
        "former_names": list(one.former_names),
        "authority": one.authority,
        "demo": one.demo,
    }


def cqgov_organization_update(context: Any, data_dict: Any) -> dict[str, Any]:
    """Change an organisation's details; sysadmins and officers of the city's competent department (Art. 5).

    ``id`` (id or name) and any of ``title, name, uscc, kind, level, parent, valid_from, valid_to, successor,
    division_code, aliases, former_names, authority, demo, description``; null or an empty text clears, what is
    absent stays. A changed title is kept as a former name.

    :returns: as ``cqgov_organization_show``.
    """
    tk.check_access("cqgov_organization_update", context, data_dict)
    key = data_dict.get("id")
    group = model.Group.get(key) if isinstance(key, str) else None
    if group is None or not group.is_organization or group.state != "active":
        raise tk.ObjectNotFound("Organization not found")
    lock.hold(model.Session, lock.TREE)
    known = asking.directory()
    one = known[group.id]
    given = {key: value for key, value in data_dict.items() if key != "id"}
    if strangers := [key for key in given if key not in roster.COLUMNS]:
        raise tk.ValidationError({key: [pick(UNKNOWN_FIELD)] for key in strangers})
    filled, _ = roster.headings(given)
    base = replace(one, **roster.cleared(key for key in given if key not in filled))
    row = {"title": one.title or one.name, **filled}
    planner = _planner({**known, one.id: base}.values())
    plan = planner.plan([(1, row)], as_id=one.id)
    if plan.rejected:
        raise tk.ValidationError(
            {
                fault.column: [pick(Text("{a}；{b}", "{a}; {b}").filled(a=fault.problem, b=fault.remedy))]
                for fault in plan.rejected
            }
        )
    changed = roster.changes(one, plan.taken[0].organization)
    if changed:
        _write([roster.Taken(1, "updated", plan.taken[0].organization, one, changed)], context)
    return tk.get_action("cqgov_organization_show")(context, {"id": one.id})


def cqgov_organization_import(context: Any, data_dict: Any) -> dict[str, Any]:
    """Import organisations, matched by credit code, then name, then title; the same list twice changes nothing.

    ``organizations``: list of rows with the fields of ``cqgov_organization_update`` (Chinese headings too);
    ``dry_run`` (default false): only say what would happen. A bad row never stops the rest.

    :returns: ``{dry_run, created, updated, unchanged, rejected, unknown_columns, organizations}``; ``rejected`` is a
        list of ``{row, column, value, problem, remedy}``, ``organizations`` of ``{row, outcome, id, name, title}``.
    """
    tk.check_access("cqgov_organization_import", context, data_dict)
    given = Input(data_dict)
    dry_run, rows = given.flag("dry_run"), data_dict.get("organizations")
    if not isinstance(rows, list):
        given.wrong("organizations", NOT_A_LIST)
    given.done()
    if not dry_run:
        lock.hold(model.Session, lock.TREE)
    planner = _planner(organization.everything())
    plan = planner.plan(_numbered(number, row) for number, row in enumerate(rows, start=1))
    if not dry_run:
        _write([one for one in plan.taken if one.outcome != "unchanged"], context)
    return {
        "dry_run": dry_run,
        **{kind: sum(one.outcome == kind for one in plan.taken) for kind in ("created", "updated", "unchanged")},
        "rejected": [
            {
                "row": one.row,
                "column": one.column,
                "value": one.value,
                "problem": pick(one.problem),
                "remedy": pick(one.remedy),
            }
            for one in plan.rejected
        ],
        "unknown_columns": list(plan.unknown_columns),
        "organizations": [
            {
                "row": one.row,
                "outcome": one.outcome,
                "id": None if dry_run and one.before is None else one.organization.id,
                "name": one.organization.name,
                "title": one.organization.title,
            }
            for one in plan.taken
        ],
    }


def _planner(existing: Iterable[domain.Organization]) -> roster.Planner:
    return roster.Planner(
        existing,
        organization.names_in_use(),
        divisions.current().known,
        lambda: str(uuid4()),
        organization.usccs_in_use(),
    )


def _numbered(number: int, row: Any) -> tuple[int, Any]:
    """Return a row with its number: the line that the reader of a file told, else its place in the list."""
    if isinstance(row, Mapping) and isinstance(row.get(ROW), int):
        return row[ROW], {key: value for key, value in row.items() if key != ROW}
    return number, row


def _write(taken: list[roster.Taken], context: Any) -> None:
    """Write what changes, one ledger row per organisation, and have the datasets below reindexed after the commit."""
    created = [one.organization for one in taken if one.before is None]
    updated = [one.organization for one in taken if one.before is not None]
    organization.lock(one.id for one in updated)
    organization.write(created, updated)
    who = asking.actor(context)
    ledger.record_many(
        model.Session,
        (ledger.Act(who, VERBS[one.outcome], "organization", one.organization.id, roster.detail(one)) for one in taken),
    )
    if not context.get("defer_commit"):
        model.repo.commit()
        reindex([one.organization.id for one in taken if {"parent_id", "name", "title", "aliases"} & set(one.changed)])
