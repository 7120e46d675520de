"""What is asked of a table: the arguments of ``datastore_search``, read and held against the columns that the asker has.

A column that was not granted is answered exactly as one that does not exist: every check knows the open columns alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from ckanext.cqgov.domain.text import Text

ORDINAL = "_id"
"""The row's place in the file: a column of DataStore tables, and open to who sees every row."""

OBJECTS, LISTS, CSV, TSV = "objects", "lists", "csv", "tsv"
FORMATS = (OBJECTS, LISTS, CSV, TSV)
RANK = "rank"
LANGUAGE = re.compile(r"[a-z_]{1,63}")
CLAUSE = re.compile(
    r'\s*(?:"(?P<quoted>[^"]+)"|(?P<plain>.+?))(?:\s+(?P<way>asc|desc))?(?:\s+nulls\s+(?P<nulls>first|last))?\s*', re.I
)
COMMA = re.compile(r',(?=(?:[^"]*"[^"]*")*[^"]*$)')

FAULTS: Mapping[str, Text] = {
    "column": Text("没有这一列：{name}", "there is no such column: {name}"),
    "sort": Text("排序写法有误：{name}", "this can't be sorted by: {name}"),
    "distinct": Text(
        "去重时只能按返回的列排序：{name}", "with distinct, only returned columns can be sorted by: {name}"
    ),
    "language": Text("没有这种检索语言：{name}", "there is no such text search language: {name}"),
    "q": Text("检索词应为文字，或“列: 文字”的对照", "q must be text, or texts by column"),
    "value": Text("“{value}”不是列“{name}”可有的值", "“{value}” is no value of column “{name}”"),
    "operator": Text(
        "没有运算符“{name}”，可用：eq、in、gt、gte、lt、lte",
        "there is no operator “{name}”; use eq, in, gt, gte, lt, lte",
    ),
    "filters": Text(
        '筛选条件应为“列: 值”的对照，如 {{"区县": "渝中区"}}',
        'filters must be values by column, such as {{"region": "x"}}',
    ),
}


class SearchFault(ValueError):
    """An argument that can't be answered: ``argument`` is its name, ``text`` says why in both languages."""

    def __init__(self, argument: str, code: str, **values: object) -> None:
        self.argument, self.text = argument, FAULTS[code].filled(**values)
        super().__init__(str(self.text))


class Order(NamedTuple):
    """One sort key: a column or a rank, downwards or not, nulls ``first``, ``last`` or as PostgreSQL has them (None)."""

    name: str
    down: bool = False
    nulls: str | None = None


@dataclass(frozen=True)
class Search:
    """A search that may be asked. ``words`` are the texts to find by column, under ``""`` in all columns.

    ``filters`` is CKAN's tree of filter operations; ``fields`` are the columns to return, None for all.
    """

    filters: Any = None
    words: Mapping[str, str] = field(default_factory=dict)
    plain: bool = True
    language: str = "english"
    distinct: bool = False
    fields: tuple[str, ...] | None = None
    sort: tuple[Order, ...] = ()
    limit: int = 100
    offset: int = 0
    total: bool = True

    def ranks(self) -> dict[str, str]:
        """Return the rank columns that the search brings along: their names, and the column each ranks (``""``: all)."""
        return {f"{RANK} {column}" if column else RANK: column for column in self.words}

    def returned(self, columns: Iterable[str]) -> tuple[str, ...]:
        """Return the names that a record has, in order."""
        return self.fields if self.fields is not None else (*columns, *self.ranks())


def words(q: Any) -> dict[str, str]:
    """Return the texts to find by column, ``""`` for all columns, of the argument ``q``. Raises ``SearchFault``."""
    if q in (None, "", {}):
        return {}
    if isinstance(q, str):
        return {"": q}
    if not isinstance(q, Mapping) or not all(isinstance(text, str) and name for name, text in q.items()):
        raise SearchFault("q", "q")
    return {name: text for name, text in q.items() if text}


def names(given: Any) -> tuple[str, ...] | None:
    """Return the columns of the argument ``fields``: a list, or a text with commas; None where it is left out."""
    if given in (None, "", []):
        return None
    parts = [part.strip().strip('"') for part in COMMA.split(given)] if isinstance(given, str) else given
    return tuple(dict.fromkeys(str(part) for part in parts if part != ""))


def order(given: Any) -> tuple[Order, ...]:
    """Return the sort keys of the argument ``sort``: ``"a desc nulls last, b"`` or a list. Raises ``SearchFault``."""
    if given in (None, "", []):
        return ()
    clauses = COMMA.split(given) if isinstance(given, str) else given
    found = []
    for clause in clauses:
        match = CLAUSE.fullmatch(str(clause))
        if match is None:
            raise SearchFault("sort", "sort", name=clause)
        down = (match["way"] or "").lower() == "desc"
        found.append(Order(match["quoted"] or match["plain"], down, match["nulls"] and match["nulls"].lower()))
    return tuple(found)


def with_filters(search: Search, filters: Any) -> Search:
    """Return the search with its filters as CKAN's tree of filter operations."""
    return replace(search, filters=filters)


def check(search: Search, columns: Iterable[str], searched: Iterable[str]) -> None:
    """Refuse whatever names a column that is not among ``columns``, the open ones, or for ``q`` among those with text in them.

    Raises ``SearchFault``.
    """
    open_ = set(columns)
    ranks = set(search.ranks())
    _known("q", {name for name in search.words if name}, set(searched))
    _known("fields", search.fields or (), open_ | ranks)
    _known("sort", [each.name for each in search.sort], open_ | ranks)
    returned = set(search.returned(open_))
    if search.distinct:
        for each in search.sort:
            if each.name not in returned:
                raise SearchFault("sort", "distinct", name=each.name)
    if not LANGUAGE.fullmatch(search.language):
        raise SearchFault("language", "language", name=search.language)


def _known(argument: str, named: Iterable[str], known: set[str]) -> None:
    for name in named:
        if name not in known:
            raise SearchFault(argument, "column", name=name)
