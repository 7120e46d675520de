"""Importing the words that the search knows: an operator's list, or what ships with a release."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import ckan.model as model
import ckan.plugins.toolkit as tk
from werkzeug.datastructures import FileStorage

from ckanext.cqgov import term_file
from ckanext.cqgov.domain import term_delivery, term_list
from ckanext.cqgov.domain.term_groups import Fault, Group
from ckanext.cqgov.domain.term_list import Entry
from ckanext.cqgov.domain.text import Text
from ckanext.cqgov.language import pick
from ckanext.cqgov.logic.action.search_term import LIMIT, words_of, write
from ckanext.cqgov.logic.input import Input
from ckanext.cqgov.model import lock, search_term

__all__ = ["cqgov_search_term_import"]

MOST_ROWS = 50_000
MOST_BYTES = 10_000_000

NOT_A_LIST = Text("应为词语组的列表", "must be a list of groups")
NOT_A_FILE = Text("请选择一个 CSV 文件", "choose a CSV file")
TOO_BIG = Text("文件超过 {limit} MB", "the file is larger than {limit} MB")
TOO_MANY = Text("一次最多导入 {limit} 组", "at most {limit} groups are imported at once")
ONE_SOURCE = Text("只能给出 groups、upload、shipped 之一", "give one of groups, upload and shipped")
ROW = Text("第 {row} 行：{text}", "row {row}: {text}")


def cqgov_search_term_import(context: Any, data_dict: Any) -> dict[str, Any]:
    """Import groups, all or none of them; the same list twice changes nothing, and groups it does not name stay.

    One of ``groups`` (a list of ``{kind, words, present, related, note, id}``), ``upload`` (a CSV file with these columns) and
    ``shipped`` (true: what ships with the release, never against what somebody entered, changed or deleted);
    ``dry_run`` (default false). A row with the id of a group says what that group is now; any other adds its words to
    the group of its kind that holds one of them, or is a new one.

    :returns: ``{dry_run, created, updated, unchanged, kept}``; ``kept`` counts shipped groups that were left alone.
    :raises ValidationError: with a sentence for each wrong row under ``groups`` or ``upload``, named by its number.
    """
    tk.check_access("cqgov_search_term_import", context, data_dict)
    given = Input(data_dict)
    dry_run, shipped = given.flag("dry_run"), given.flag("shipped")
    sources = [key for key in ("groups", "upload") if data_dict.get(key) is not None] + ["shipped"] * shipped
    if len(sources) != 1:
        given.wrong(sources[0] if sources else "upload", ONE_SOURCE if sources else NOT_A_FILE)
    given.done()
    source = sources[0]
    entries = [] if shipped else _entries(given, source)
    if not dry_run:
        lock.hold(model.Session, lock.SEARCH_TERMS)
    known = {group.id: group for group in search_term.groups()}
    if shipped:
        return _deliver(context, known, dry_run)
    plan = term_list.planned(known.values(), entries, lambda: str(uuid4()))
    if plan.faults:
        raise tk.ValidationError({source: [_sentence(fault) for fault in plan.faults]})
    if not dry_run:
        write(context, [(known.get(group.id), group) for group in (*plan.created, *plan.updated)], source="import")
    return {
        "dry_run": dry_run,
        "created": len(plan.created),
        "updated": len(plan.updated),
        "unchanged": plan.unchanged,
        "kept": 0,
    }


def _deliver(context: Any, known: Mapping[str, Group], dry_run: bool) -> dict[str, Any]:
    """Write what a release brings."""
    shipped = term_file.shipped()
    offered = search_term.offered()
    plan = term_delivery.delivered(known, search_term.origin(), offered, shipped, lambda: str(uuid4()))
    if not dry_run:
        changes = [(known.get(group.id), group) for group in (*plan.created, *plan.updated)]
        keys = {group.id: term_delivery.shipped_key(group) for group in plan.created}
        search_term.offer(model.Session, {key: m for key, m in plan.offered.items() if offered.get(key) != m})
        write(context, changes, keys, "shipped")
    return {
        "dry_run": dry_run,
        "created": len(plan.created),
        "updated": len(plan.updated),
        "unchanged": len(shipped) - len(plan.created) - len(plan.updated) - len(plan.kept),
        "kept": len(plan.kept),
    }


def _entries(given: Input, source: str) -> list[Entry]:
    """Return the rows that the client sent as a list or as a file."""
    value = given.data[source]
    found: list[Entry] = []
    if source == "groups":
        if not isinstance(value, list):
            given.wrong("groups", NOT_A_LIST)
        else:
            found = [_entry(given, number, row) for number, row in enumerate(value, start=1)]
    elif not isinstance(value, FileStorage) or not value.filename:
        given.wrong("upload", NOT_A_FILE)
    else:
        content = value.stream.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            given.wrong("upload", TOO_BIG.filled(limit=MOST_BYTES // 1_000_000))
        else:
            try:
                found = term_file.entries(content)
            except term_file.UnreadableTerms as error:
                given.wrong("upload", error.text)
    if len(found) > MOST_ROWS:
        given.wrong(source, TOO_MANY.filled(limit=MOST_ROWS))
    given.done()
    return found


def _entry(given: Input, number: int, row: Any) -> Entry:
    """Return one row of the list that the client sent."""
    if not isinstance(row, Mapping):
        given.wrong("groups", ROW.filled(row=number, text=NOT_A_LIST))
        return Entry(number, "", ())
    read = Input(row)
    texts = {key: read.text(key, limit=LIMIT) or "" for key in ("kind", "present", "note", "id")}
    words, related = (tuple(words_of(read, key)) for key in ("words", "related"))
    for messages in read.errors.values():
        for message in messages:
            given.errors.setdefault("groups", []).append(pick(ROW).format(row=number, text=message))
    return Entry(number, words=words, related=related, **texts)


def _sentence(fault: Fault) -> str:
    return pick(ROW.filled(row=fault.row, text=fault.text))
