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
QUOTE = re.compile(r'([",])')

FAULTS: Mapping[str, Text] = {
    "column": Text("没有这一列：{name}", "there is no such column: {name}"),
    "names": Text("应为文字，或文字的列表", "must be text, or a list of texts"),
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
    """Return the columns of the argument ``fields``: a list, or a text with commas; None where it is left out.

    Raises ``SearchFault``.
    """
    if given in (None, "", []):
        return None
    found = [part.strip().strip('"') for part in parts(given)] if isinstance(given, str) else _list("fields", given)
    return tuple(dict.fromkeys(str(each) for each in found if each != ""))


def order(given: Any) -> tuple[Order, ...]:
    """Return the sort keys of the argument ``sort``: ``"a desc nulls last, b"`` or a list. Raises ``SearchFault``."""
    if given in (None, "", []):
        return ()
    return tuple(_order(str(each)) for each in (parts(given) if isinstance(given, str) else _list("sort", given)))


def parts(text: str) -> list[str]:
    """Return what stands between the commas of a text; those between quotation marks part nothing."""
    found: list[list[str]] = [[]]
    quoted = False
    for piece in QUOTE.split(text):
        if piece == "," and not quoted:
            found.append([])
        else:
            quoted ^= piece == '"'
            found[-1].append(piece)
    return ["".join(each) for each in found]


def _list(argument: str, given: Any) -> list[Any]:
    if not isinstance(given, list):
        raise SearchFault(argument, "names")
    return given


def _order(clause: str) -> Order:
    """Return the sort key of ``"name" desc nulls last``, read from its end: a name may have blanks in it."""
    if not clause.strip():
        raise SearchFault("sort", "sort", name=clause)
    name, *said = clause.strip().rsplit(None, 2)
    nulls = None
    if len(said) == 2 and said[0].lower() == "nulls" and said[1].lower() in ("first", "last"):
        nulls = said[1].lower()
    else:
        name = clause.strip()
    head, *way = name.rsplit(None, 1)
    down = bool(way) and way[0].lower() == "desc"
    if way and way[0].lower() in ("asc", "desc"):
        name = head
    if len(name) > 2 and name[0] == name[-1] == '"':
        name = name[1:-1]
    return Order(name, down, nulls)


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
