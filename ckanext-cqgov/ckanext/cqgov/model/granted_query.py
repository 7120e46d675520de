"""Reading granted tables: only the cells that windows open exist for what is asked, whatever it is.

Everything is asked of a view that is made of the windows first; values are bound, and names come from the registry alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

import ckan.model as model
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import REGCONFIG

from ckanext.cqgov.domain import grant_rows
from ckanext.cqgov.domain.data_search import ORDINAL, Search, SearchFault
from ckanext.cqgov.domain.grant import Window, every_row, opened
from ckanext.cqgov.domain.grant_rows import EQUAL, IN, Condition
from ckanext.cqgov.model import granted_table
from ckanext.cqgov.model.granted_table import Loaded

TIMEOUT = 60_000
"""Milliseconds that one statement may take, as in the DataStore."""

COMPARED: Mapping[str, Callable[[Any, Any], Any]] = {
    "eq": lambda column, value: column == value,
    "gt": lambda column, value: column > value,
    "gte": lambda column, value: column >= value,
    "lt": lambda column, value: column < value,
    "lte": lambda column, value: column <= value,
}


class View(NamedTuple):
    """What is open of a table: the columns by name with their kinds, and the query that yields them and ``_id``."""

    kinds: dict[str, str]
    query: sa.Subquery
    columns: dict[str, sa.ColumnElement[Any]]
    ordinal: sa.ColumnElement[Any]
    all_rows: bool

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that may be named, ``_id`` first where the asker sees every row: else it would tell of the others."""
        return (ORDINAL, *self.kinds) if self.all_rows else tuple(self.kinds)


@contextmanager
def reading(resource_id: str) -> Iterator[granted_table.State]:
    """Keep the resource's table as it is while it is read, for a limited time; give how it stands.

    What it sets ends with the block: the caller's transaction goes on as before.
    """
    session: Any = model.Session
    with session.begin_nested() as point:
        session.execute(sa.text(f"set local statement_timeout = {TIMEOUT}"))
        granted_table.hold_shared(session, resource_id)
        yield granted_table.state(session, resource_id)
        point.rollback()


def view(loaded: Loaded, windows: Iterable[Window]) -> View | None:
    """Return what the windows open of the table, None where that is nothing.

    A cell is open where any window that has its column has its row; a cell that is not reads as empty.
    """
    table = loaded.table()
    place = {name: table.c[f"c{number}"] for number, name in enumerate(loaded.kinds, start=1)}
    windows = [each for each in windows if any(each.shows(name) for name in place)]
    shown = [(each, _rows(each.rows, place, loaded.kinds)) for each in windows]
    shown = [(each, rows) for each, rows in shown if rows is not None]
    names = opened((each for each, _rows in shown), place)
    if not names:
        return None
    all_rows = every_row(each for each, _rows in shown)
    columns = []
    for name in names:
        having = [(each, rows) for each, rows in shown if each.shows(name)]
        column = place[name]
        if not every_row(each for each, _rows in having):
            column = sa.case((sa.or_(*(rows for _each, rows in having)), column))
        columns.append(column.label(place[name].name))
    query = sa.select(table.c[ORDINAL], *columns)
    if not all_rows:
        query = query.where(sa.or_(*(rows for _each, rows in shown)))
    made = query.subquery("open")
    kinds = {name: loaded.kinds[name] for name in names}
    return View(kinds, made, {name: made.c[place[name].name] for name in names}, made.c[ORDINAL], all_rows)


def _rows(
    conditions: Iterable[Condition], place: Mapping[str, Any], kinds: Mapping[str, str]
) -> sa.ColumnElement[bool] | None:
    """Return the condition on the table's rows, None where the table can't answer it: then nothing is open."""
    found: list[sa.ColumnElement[bool]] = [sa.true()]
    for each in conditions:
        if each.column not in place:
            return None
        try:
            values = grant_rows.typed(each, kinds[each.column])
        except grant_rows.RowFault:
            return None
        column = place[each.column]
        if each.op == EQUAL:
            found.append(column == values[0])
        elif each.op == IN:
            found.append(column.in_(values))
        else:
            low, high = values
            found += [column >= low] if low is not None else []
            found += [column <= high] if high is not None else []
    return sa.and_(*found)


def records(view: View, search: Search) -> tuple[list[list[Any]], int | None]:
    """Return the rows that the search finds, each a list in the order of ``search.returned``, and how many there are in all.

    Raises ``SearchFault`` for a filter that can't be answered, and what PostgreSQL raises.
    """
    known = {**view.columns, **({ORDINAL: view.ordinal} if view.all_rows else {})}
    found, ranks = _finding(view, search)
    known |= ranks
    where = [*found, *([_filter(search.filters, known, view)] if search.filters is not None else [])]
    names = search.returned(view.names)
    chosen = sa.select(*(known[name].label(f"v{number}") for number, name in enumerate(names))).where(*where)
    if search.distinct:
        chosen = chosen.distinct()
    query = chosen
    for each in search.sort:
        key = sa.column(f"v{names.index(each.name)}") if search.distinct else known[each.name]
        key = key.desc() if each.down else key.asc()
        query = query.order_by(
            {"first": key.nulls_first, "last": key.nulls_last, None: lambda key=key: key}[each.nulls]()
        )
    if not search.sort:
        query = query.order_by(*(rank.desc() for rank in ranks.values()) if not search.distinct else ())
    if not search.distinct:
        query = query.order_by(view.ordinal)
    session: Any = model.Session
    rows = session.execute(query.limit(search.limit).offset(search.offset)) if search.limit else ()
    values = [[plain(value) for value in row] for row in rows]
    if not search.total:
        return values, None
    return values, session.execute(sa.select(sa.func.count()).select_from(chosen.subquery())).scalar_one()


def _finding(view: View, search: Search) -> tuple[list[Any], dict[str, Any]]:
    """Return the conditions that the words ask for and the rank columns that they bring."""
    where, ranks = [], {}
    language = sa.cast(sa.literal(search.language), REGCONFIG)
    asked = sa.func.plainto_tsquery if search.plain else sa.func.to_tsquery
    for name, column in search.ranks().items():
        cells = [view.columns[column]] if column else list(view.columns.values())
        vector = sa.func.to_tsvector(language, sa.func.concat_ws(" ", *(sa.cast(cell, sa.Text) for cell in cells)))
        query = asked(language, sa.literal(search.words[column]))
        where.append(vector.op("@@")(query))
        ranks[name] = sa.func.ts_rank(vector, query)
    return where, ranks


def _filter(operation: Any, known: Mapping[str, Any], view: View) -> sa.ColumnElement[bool]:
    """Return the condition of CKAN's tree of filter operations; a column that is not open does not exist."""
    if operation.op in ("$and", "$or"):
        parts = [_filter(each, known, view) for each in operation.value]
        return sa.and_(sa.true(), *parts) if operation.op == "$and" else sa.or_(sa.false(), *parts)
    name = operation.field
    if name not in view.names:
        raise SearchFault("filters", "column", name=name)
    kind = "numeric" if name == ORDINAL else view.kinds[name]
    if operation.op == "in":
        if not isinstance(operation.value, list):
            raise SearchFault("filters", "value", value=operation.value, name=name)
        return known[name].in_([_value(each, name, kind) for each in operation.value])
    if operation.op not in COMPARED:
        raise SearchFault("filters", "operator", name=operation.op)
    if operation.value is None:
        return sa.false()
    return COMPARED[operation.op](known[name], _value(operation.value, name, kind))


def _value(given: Any, name: str, kind: str) -> Any:
    if isinstance(given, bool | list | dict) or (isinstance(given, str) and "\0" in given):
        raise SearchFault("filters", "value", value=given, name=name)
    try:
        return None if given is None else grant_rows.value(str(given), kind)
    except ValueError as error:
        raise SearchFault("filters", "value", value=given, name=name) from error


def rows(view: View) -> Iterator[list[Any]]:
    """Yield every open row in the file's order, in constant memory; the first is the names of the columns."""
    yield list(view.kinds)
    query = sa.select(*view.columns.values()).order_by(view.ordinal)
    for row in model.Session.execute(query, execution_options={"yield_per": granted_table.BATCH}):
        yield [plain(value) for value in row]


def plain(value: Any) -> Any:
    """Return a cell as JSON and CSV hold it: whole numbers without a fraction, days and times as ISO 8601."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value
