"""Querying data that are not open to everybody: the arguments of ``datastore_search``, and the grant's columns and rows alone."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.plugins import plugin_loaded
from ckanext.datastore.filters import parse_query_filters

from ckanext.cqgov import ledger
from ckanext.cqgov.catalogue import access, grants
from ckanext.cqgov.domain import data_search as domain
from ckanext.cqgov.domain.access import Level
from ckanext.cqgov.domain.data_search import CSV, FORMATS, LISTS, OBJECTS, ORDINAL, Search, SearchFault
from ckanext.cqgov.domain.text import Text
from ckanext.cqgov.language import pick
from ckanext.cqgov.logic import named
from ckanext.cqgov.logic.input import Input
from ckanext.cqgov.model import granted_query, vault

__all__ = ["cqgov_data_search"]

MOST, DEFAULT = 32_000, 100
"""Rows of one answer, as in ``datastore_search``."""

UNREADABLE = Text("不是有效的 JSON", "is no valid JSON")
NO_FORMAT = Text("可用格式：{formats}", "use one of {formats}")
NO_ANSWER = Text("数据库不能这样查询：{reason}", "the database can't answer this: {reason}")
TOO_LONG = Text("查询超过 {seconds} 秒，请缩小范围", "the query took more than {seconds} seconds: narrow it down")


@tk.side_effect_free
def cqgov_data_search(context: Any, data_dict: Any) -> dict[str, Any]:
    """Search the rows of a table that is not open to everybody, as ``datastore_search`` searches those that are (Arts. 19, 24, 34).

    Only the columns and rows that the caller's grants open exist for it: any other column is answered like one that there is
    not. A cell that no grant opens reads as empty. Every call is a row of the ledger. Of an open resource it is
    ``datastore_search``.

    :param resource_id: the id of the resource
    :param filters: ``{"column": value}``, values in a list for any of them, or ``{"column": {"gte": 1}}`` (optional)
    :param q: text to find in all open columns, or ``{"column": text}`` (optional)
    :param distinct: only rows that differ (default false)
    :param plain: take ``q`` as plain text and not as a PostgreSQL text query (default true)
    :param language: of the text search (default ``ckan.datastore.default_fts_lang``)
    :param limit: rows to return (default 100, at most 32,000)
    :param offset: rows to pass over
    :param fields: columns to return, a list or a text with commas (default all)
    :param sort: such as ``"name, number desc nulls last"`` (default: the file's order, with ``q`` the best first)
    :param include_total: whether to count all that was found (default true)
    :param records_format: ``objects``, ``lists``, ``csv`` or ``tsv`` (default ``objects``)

    :returns: what ``datastore_search`` returns. ``_id`` is there for who sees every row
    :raises NotFound: where there is no such resource for whoever asks
    :raises NotAuthorized: for whom the data are not open
    :raises ValidationError: by argument, where it can't be answered, or the resource has no table
    """
    resource = named.resource(data_dict.get("resource_id") or data_dict.get("id"))
    if resource is None or access.level(context, resource.package) is Level.NONE:
        raise tk.ObjectNotFound(tk._("Resource not found"))
    standing = vault.standing(resource.id)
    if standing is not None and standing.public and plugin_loaded("datastore"):
        return tk.get_action("datastore_search")(tk.fresh_context(context), {**data_dict, "resource_id": resource.id})
    try:
        tk.check_access("cqgov_data_search", context, {"resource_id": resource.id})
        windows = grants.shown(access.viewer(context), resource)
        if not windows:
            raise tk.NotAuthorized(pick(grants.NOT_GRANTED))
    except tk.NotAuthorized:
        ledger.refused(context, "data.query", "dataset", resource.package_id, {"resource_id": resource.id})
        raise
    search, form = _read(data_dict)
    with granted_query.reading(resource.id) as state:
        try:
            view = grants.opened(state, windows)
            if search.filters is not None:
                kinds = {name: "" for name in view.names}
                search = domain.with_filters(search, parse_query_filters(search.filters, {"fields": kinds}))
            domain.check(search, view.names, view.kinds)
        except grants.NoTable as error:
            raise tk.ValidationError({"resource_id": [pick(error.text)]}) from error
        except SearchFault as fault:
            raise tk.ValidationError({fault.argument: [pick(fault.text)]}) from fault
        except (IndexError, TypeError, AttributeError, RecursionError) as error:  # CKAN's parser trips over odd shapes
            raise tk.ValidationError({"filters": [pick(domain.FAULTS["filters"].filled())]}) from error
        told = {"how": "query", "columns": list(search.returned(view.names)), "limit": search.limit}
        held = [] if grants.by_right(access.viewer(context), resource) else _grant_ids(context, resource)
        ledger.read(context, resource.package_id, resource.id, {**told, **({"grants": held} if held else {})})
        rows, total = _found(view, search)
    return _answer(resource.id, data_dict, search, form, view, state.loaded, rows, total)


def _grant_ids(context: Any, resource: Any) -> list[str]:
    return sorted(each.id for each in grants.of_resource(access.viewer(context), resource))


def _read(data_dict: Any) -> tuple[Search, str]:
    """Return what is asked, as far as it can be read without the table, and the format of the records."""
    given = Input(data_dict)
    form = given.text("records_format") or OBJECTS
    if form not in FORMATS:
        given.wrong("records_format", NO_FORMAT.filled(formats="、".join(FORMATS)))
    limit = given.number("limit", 0, 10**9, DEFAULT)
    values: dict[str, Any] = {
        "plain": given.flag("plain", True),
        "distinct": given.flag("distinct"),
        "total": given.flag("include_total", True),
        "language": given.text("language") or tk.config.get("ckan.datastore.default_fts_lang") or "english",
        "limit": min(limit if limit is not None else DEFAULT, MOST),
        "offset": given.number("offset", 0, 10**9, 0) or 0,
        "filters": _json(given, "filters") or None,
    }
    try:
        values |= {
            "words": domain.words(_words(given)),
            "fields": domain.names(data_dict.get("fields")),
            "sort": domain.order(data_dict.get("sort")),
        }
    except SearchFault as fault:
        given.wrong(fault.argument, fault.text)
    given.done()
    return Search(**values), form


def _json(given: Input, field: str) -> Any:
    """Return a value that may come as JSON text, as it does in an address."""
    value = given.data.get(field)
    if not isinstance(value, str) or not value:
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return given.wrong(field, UNREADABLE)


def _words(given: Input) -> Any:
    """Return the argument ``q``: text, or JSON of an object."""
    value = given.data.get("q")
    if isinstance(value, str):
        value = value.replace("\0", "")
        return _json(given, "q") if value.lstrip().startswith("{") else value
    return value


def _found(view: granted_query.View, search: Search) -> tuple[list[list[Any]], int | None]:
    """Return rows and total; what the database can't answer is said at the argument, and never an error of ours."""
    try:
        with model.Session.begin_nested():
            return granted_query.records(view, search)
    except SearchFault as fault:
        raise tk.ValidationError({fault.argument: [pick(fault.text)]}) from fault
    except sa.exc.DBAPIError as error:
        code = getattr(error.orig, "pgcode", None)
        if code == "57014":
            raise tk.ValidationError(
                {"query": [pick(TOO_LONG.filled(seconds=granted_query.TIMEOUT // 1000))]}
            ) from error
        if code == "42704":
            raise tk.ValidationError(
                {"language": [pick(domain.FAULTS["language"].filled(name=search.language))]}
            ) from error
        if code is None or code[:2] not in ("22", "42", "54"):
            raise
        # of the class and not of the message: a message may quote a cell
        raise tk.ValidationError({"query": [pick(NO_ANSWER.filled(reason=type(error.orig).__name__))]}) from error


def _answer(
    resource_id: str, asked: Any, search: Search, form: str, view: Any, loaded: Any, rows: list[Any], total: int | None
) -> dict[str, Any]:
    """Return the result with the keys of ``datastore_search``."""
    names = search.returned(view.names)
    kinds = {**view.kinds, ORDINAL: "int", **dict.fromkeys(search.ranks(), "float")}
    fields = [
        {"id": name, "type": kinds[name], **({"info": {"label": loaded.labels[name]}} if name in loaded.labels else {})}
        for name in names
    ]
    echoed = ("filters", "q", "distinct", "plain", "language", "offset", "fields", "sort")
    result = {key: asked[key] for key in echoed if asked.get(key) not in (None, "")}
    result |= {"include_total": search.total, "limit": search.limit, "records_format": form}
    result |= {"resource_id": resource_id, "records": _records(form, names, rows), "fields": fields}
    return result if total is None else {**result, "total": total, "total_was_estimated": False}


def _records(form: str, names: tuple[str, ...], rows: list[list[Any]]) -> Any:
    if form == OBJECTS:
        return [dict(zip(names, row, strict=True)) for row in rows]
    if form == LISTS:
        return rows
    lines = io.StringIO()
    csv.writer(lines, delimiter="," if form == CSV else "\t", lineterminator="\n").writerows(rows)
    return lines.getvalue()
