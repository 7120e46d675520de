"""The words that the search knows: reading, keeping and importing groups of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import uuid4

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.cqgov.catalogue import search_terms
from ckanext.cqgov.domain import term_groups
from ckanext.cqgov.domain.search_terms import KINDS, key_of
from ckanext.cqgov.domain.term_groups import Fault, Group
from ckanext.cqgov.domain.text import Text
from ckanext.cqgov.language import pick
from ckanext.cqgov.logic import asking
from ckanext.cqgov.logic.input import NOT_TEXT, Input
from ckanext.cqgov.model import ledger, lock, search_term

__all__ = [
    "cqgov_search_term_check",
    "cqgov_search_term_create",
    "cqgov_search_term_delete",
    "cqgov_search_term_list",
    "cqgov_search_term_show",
    "cqgov_search_term_update",
]

LIMIT = 4_000
"""Characters of a field of words."""
GONE = Text("没有这一组词", "there is no such group")


@tk.side_effect_free
def cqgov_search_term_list(context: Any, data_dict: Any) -> dict[str, Any]:
    """Return groups of words, by kind and first word; sysadmins and officers of the city's competent department.

    ``q`` (part of a word), ``kind`` (``synonym``, ``name``, ``renamed`` or ``related``), ``limit`` (1-1000, 100 by default), ``offset``.

    :returns: ``{count, counts, results}``: how many match, how many there are of each kind, and a list of ``{id, kind,
        kind_title, words, present, note, related}``; in a renamed group ``words`` are the former names of ``present``, in
        a related one what people say for what the catalogue calls ``related``.
    """
    tk.check_access("cqgov_search_term_list", context, data_dict)
    given = Input(data_dict)
    query, kind = given.text("q", limit=200), given.text("kind")
    limit, offset = given.number("limit", 1, 1000, 100), given.number("offset", 0, 10_000_000, 0)
    if kind and kind not in KINDS:
        given.wrong("kind", term_groups.FAULTS["kind"].filled(known="、".join(KINDS)))
    given.done()
    count, ids = search_term.page(query or "", kind, limit or 100, offset or 0)
    return {
        "count": count,
        "counts": {**dict.fromkeys(KINDS, 0), **search_term.counts()},
        "results": [_shown(group) for group in search_term.groups(ids)],
    }


@tk.side_effect_free
def cqgov_search_term_show(context: Any, data_dict: Any) -> dict[str, Any]:
    """Return one group by ``id``, as an element of ``cqgov_search_term_list``."""
    tk.check_access("cqgov_search_term_show", context, data_dict)
    return _shown(_found(data_dict))


@tk.side_effect_free
def cqgov_search_term_check(context: Any, data_dict: Any) -> dict[str, Any]:
    """Return how the search reads ``q``: cut along the known words, each with the others that are searched as well.

    :returns: ``{"units": [{text, known, others, related}]}``; the text is folded (simplified, narrow, lower case), and
        ``related`` are searched too but count less.
    """
    tk.check_access("cqgov_search_term_check", context, data_dict)
    given = Input(data_dict)
    query = given.text("q", required=True, limit=200)
    given.done()
    terms = search_terms.current()
    units = [unit for part in key_of(query or "").split() for unit in terms.units(part)]
    return {
        "units": [
            {"text": one.text, "known": one.known, "others": list(one.others), "related": list(one.related)}
            for one in units
        ]
    }


def cqgov_search_term_create(context: Any, data_dict: Any) -> dict[str, Any]:
    """Add a group; one row of the ledger. Sysadmins and officers of the city's competent department.

    ``kind``: ``synonym`` (all mean the same), ``name`` (names of one thing, never cut), ``renamed`` or ``related`` (what
    people say also finds, less, what the catalogue calls it); ``words``: a list, or a text separated by 、 , ; | or line
    ends; ``present``: today's name, of a renamed group alone; ``related``: the catalogue's words, as ``words``, of a related
    group alone; ``note``.

    :returns: as ``cqgov_search_term_show``.
    """
    tk.check_access("cqgov_search_term_create", context, data_dict)
    lock.hold(model.Session, lock.SEARCH_TERMS)
    group = _given(data_dict, Group(str(uuid4()), "", ()))
    write(context, [(None, group)])
    return _shown(group)


def cqgov_search_term_update(context: Any, data_dict: Any) -> dict[str, Any]:
    """Change a group: ``id`` and any of the fields of ``cqgov_search_term_create``; what is absent stays.

    :returns: as ``cqgov_search_term_show``.
    """
    tk.check_access("cqgov_search_term_update", context, data_dict)
    lock.hold(model.Session, lock.SEARCH_TERMS)
    before = _found(data_dict)
    group = _given(data_dict, before)
    write(context, [(before, group)] if group != before else [])
    return _shown(group)


def cqgov_search_term_delete(context: Any, data_dict: Any) -> dict[str, Any]:
    """Delete a group by ``id``; what a release brought does not come back by itself. Returns what was deleted."""
    tk.check_access("cqgov_search_term_delete", context, data_dict)
    lock.hold(model.Session, lock.SEARCH_TERMS)
    group = _found(data_dict)
    detail = {"before": _said(group), "after": None}
    ledger.record(model.Session, asking.actor(context), "search-term.delete", "search-term", group.id, detail)
    search_term.delete(model.Session, group.id)
    _commit(context)
    return _shown(group)


def _found(data_dict: Any) -> Group:
    """Return the group that the client named."""
    given = Input(data_dict)
    id = given.text("id", required=True)
    given.done()
    group = search_term.get(id or "")
    if group is None:
        raise tk.ObjectNotFound(pick(GONE))
    return group


def _given(data_dict: Any, before: Group) -> Group:
    """Return the group that the client sent on top of ``before``; raises ValidationError with what is wrong with it."""
    given = Input(data_dict)
    values: dict[str, Any] = {
        key: given.text(key, limit=LIMIT) or "" if key in data_dict else getattr(before, key)
        for key in ("kind", "present", "note")
    }
    for key in ("words", "related"):
        values[key] = words_of(given, key) if key in data_dict else list(getattr(before, key))
    given.done()
    group, faults = term_groups.checked(before.id, **values)
    if not faults:
        # Only what shares a word can be in the way.
        faults = term_groups.Holders(search_term.sharing(group)).faults(group)
    _refuse(given, faults)
    return group


def words_of(given: Input, key: str) -> list[str]:
    """Return the words that the client sent under ``key`` as a list or as a text."""
    value = given.data.get(key)
    if isinstance(value, list | tuple):
        if all(isinstance(one, str) for one in value) and sum(map(len, value)) <= LIMIT:
            return [word for one in value for word in term_groups.split(one)]
        given.wrong(key, NOT_TEXT)
        return []
    return term_groups.split(given.text(key, limit=LIMIT) or "")


def _refuse(given: Input, faults: Iterable[Fault]) -> None:
    for fault in faults:
        given.wrong(fault.field, fault.text)
    given.done()


def write(
    context: Any,
    changes: list[tuple[Group | None, Group]],
    shipped: Mapping[str, str] | None = None,
    source: str | None = None,
) -> None:
    """Write groups with what they were before, a row of the ledger for each, and commit."""
    actor = asking.actor(context)
    more = {"source": source} if source else {}
    ledger.record_many(
        model.Session,
        (
            ledger.Act(
                actor,
                "search-term.update" if before else "search-term.create",
                "search-term",
                group.id,
                {"before": _said(before) if before else None, "after": _said(group), **more},
            )
            for before, group in changes
        ),
    )
    search_term.write(model.Session, [group for _, group in changes], actor, shipped)
    _commit(context)


def _commit(context: Any) -> None:
    if not context.get("defer_commit"):
        model.repo.commit()


def _said(group: Group) -> dict[str, Any]:
    """Return what the ledger keeps of a group."""
    said = {"kind": group.kind, "words": list(group.words), "present": group.present, "note": group.note}
    return {**said, "related": list(group.related)}


def _shown(group: Group) -> dict[str, Any]:
    return {"id": group.id, **_said(group), "kind_title": pick(KINDS[group.kind])}
