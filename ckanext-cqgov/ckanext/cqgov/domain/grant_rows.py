"""Which rows of a table a grant opens: a small declarative filter, of which all conditions hold for a row (Arts. 19, 24, 34).

A condition names a column, an operator of ``OPERATORS`` and values; nothing of it is ever read as a program. A condition
that a table can't answer (its column is gone, or holds another kind of value now) opens no row.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from ckanext.cqgov.domain.text import Text

Value = str | Decimal | date | datetime

EQUAL, IN, RANGE = "=", "in", "range"
OPERATORS: Mapping[str, Text] = {
    EQUAL: Text("等于", "equals"),
    IN: Text("属于", "is one of"),
    RANGE: Text("在区间内（含两端）", "lies between, ends included"),
}
NAMES: Mapping[str, str] = {"eq": EQUAL, "equals": EQUAL, "等于": EQUAL, "属于": IN, "between": RANGE, "区间": RANGE}
"""Other names under which an operator is understood."""

MOST_CONDITIONS, MOST_VALUES, LONGEST = 20, 500, 500
"""Conditions of a grant, values of a condition, characters of a value: at most."""

ORDERED = ("numeric", "date", "timestamp")
"""Kinds of columns (``tabular.kinds``) whose values have an order that everybody agrees on."""

OPERATOR = re.compile(r"=|\s(?:in|属于|range|between|区间)\s")
LIST, INTERVAL = re.compile(r"[,，、;；]"), re.compile(r"\.\.|…|～|~")

FAULTS: Mapping[str, Text] = {
    "shape": Text(
        "行条件应写明 column、op（{operators}）和 value",
        "a condition on rows needs column, op ({operators}) and value",
    ),
    "operator": Text(
        "没有运算符“{operator}”，可用：{operators}", "there is no operator “{operator}”; use one of {operators}"
    ),
    "line": Text(
        "行条件“{line}”应写成“列名 = 值”“列名 in 值, 值”或“列名 range 起..止”",
        "write the condition “{line}” as “column = value”, “column in value, value” or “column range from..to”",
    ),
    "value": Text("列“{column}”的条件没有值", "the condition on column “{column}” has no value"),
    "long": Text(
        "列“{column}”的条件有值超过 {longest} 个字符",
        "the condition on column “{column}” has a value of more than {longest} characters",
    ),
    "many": Text(
        "条件过多：至多 {conditions} 个，每个至多 {values} 个值",
        "too much: at most {conditions} conditions of {values} values",
    ),
    "kind": Text(
        "“{value}”不是列“{column}”可有的值（该列为{kind}）",
        "“{value}” is no value of column “{column}”, which holds {kind}",
    ),
    "order": Text("列“{column}”是文字，不能用区间", "column “{column}” holds text, which has no range"),
    "ends": Text("列“{column}”的区间起点大于终点", "the range on column “{column}” begins after its end"),
}
KINDS: Mapping[str, Text] = {
    "numeric": Text("数值", "numbers"),
    "date": Text("日期", "dates such as 2026-01-31"),
    "timestamp": Text("日期时间", "times such as 2026-01-31T08:30:00"),
    "text": Text("文字", "text"),
}


class RowFault(ValueError):
    """A condition that can't be read; ``text`` says why, in both languages."""

    def __init__(self, code: str, **values: object) -> None:
        self.text = FAULTS[code].filled(**{"operators": "、".join(OPERATORS), **values})
        super().__init__(str(self.text))


@dataclass(frozen=True)
class Condition:
    """One condition on rows; ``values`` as they were written: one of ``=``, any of ``in``, both ends of ``range`` (None: open)."""

    column: str
    op: str
    values: tuple[str | None, ...]

    def told(self) -> dict[str, Any]:
        """Return the condition as the API gives and takes it: ``{column, op, value}``."""
        return {
            "column": self.column,
            "op": self.op,
            "value": self.values[0] if self.op == EQUAL else list(self.values),
        }

    def __str__(self) -> str:
        values = [value or "" for value in self.values]
        return f"{self.column} {self.op} {{}}".format("..".join(values) if self.op == RANGE else ", ".join(values))


def read(given: Any) -> tuple[Condition, ...]:
    """Return the conditions that a client sent: a list of ``{column, op, value}``, or of lines; or text of one line each.

    Raises ``RowFault`` that says what of it can't be read.
    """
    if given is None or given == "":
        return ()
    if isinstance(given, str):
        given = [line for line in given.splitlines() if line.strip()]
    if not isinstance(given, list):
        raise RowFault("shape")
    if len(given) > MOST_CONDITIONS:
        raise RowFault("many", conditions=MOST_CONDITIONS, values=MOST_VALUES)
    return tuple(_line(each) if isinstance(each, str) else _condition(each) for each in given)


def _line(line: str) -> Condition:
    line = line.strip()
    found = OPERATOR.search(line, 1)  # a column's name has a letter at least
    if found is None:
        raise RowFault("line", line=line)
    column, values = line[: found.start()], line[found.end() :].strip()
    operator = NAMES.get(word := found[0].strip(), word)
    if operator == EQUAL:
        return _made(column, operator, [values])
    if operator == IN:
        return _made(column, operator, [part.strip() for part in LIST.split(values) if part.strip()])
    ends = INTERVAL.split(values)
    if len(ends) != 2:
        raise RowFault("line", line=line)
    return _made(column, operator, [end.strip() for end in ends])


def _condition(given: Any) -> Condition:
    if (
        not isinstance(given, Mapping)
        or not isinstance(given.get("column"), str)
        or set(given) - {"column", "op", "value"}
    ):
        raise RowFault("shape")
    operator = given.get("op", EQUAL)
    operator = NAMES.get(operator, operator) if isinstance(operator, str) else operator
    if not isinstance(operator, str) or operator not in OPERATORS:
        raise RowFault("operator", operator=operator)
    value = given.get("value")
    several = isinstance(value, list)
    if several == (operator == EQUAL) or (operator == RANGE and len(value) != 2):
        raise RowFault("shape")
    return _made(given["column"], operator, value if several else [value])


def _made(column: str, operator: str, values: list[Any]) -> Condition:
    if len(values) > MOST_VALUES:
        raise RowFault("many", conditions=MOST_CONDITIONS, values=MOST_VALUES)
    if any(isinstance(value, bool | list | dict) for value in values):
        raise RowFault("shape")
    texts = [None if value in (None, "") else str(value).replace("\0", "") for value in values]
    if any(len(text or "") > LONGEST for text in texts):  # a value cut short would open other rows
        raise RowFault("long", column=column, longest=LONGEST)
    if not texts or (None in texts and operator != RANGE) or not any(texts):
        raise RowFault("value", column=column)
    return Condition(column.strip(), operator, tuple(texts))


def typed(condition: Condition, kind: str) -> tuple[Value | None, ...]:
    """Return the condition's values as a column of ``kind`` (``numeric``, ``date``, ``timestamp``, ``text``) holds them.

    Raises ``RowFault`` where the column can't hold one of them, or knows no range.
    """
    if condition.op == RANGE and kind not in ORDERED:
        raise RowFault("order", column=condition.column)
    values = tuple(None if value is None else _value(condition.column, value, kind) for value in condition.values)
    if condition.op == RANGE and None not in values and values[0] > values[1]:  # type: ignore[operator]
        raise RowFault("ends", column=condition.column)
    return values


def value(text: str, kind: str) -> Value:
    """Return what ``text`` is in a column of ``kind``. Raises ``ValueError`` where such a column can't hold it."""
    if kind == "numeric":
        try:
            number = Decimal(text.strip())
        except InvalidOperation as error:
            raise ValueError(text) from error
        if not number.is_finite() or abs(number.adjusted()) > 100:
            raise ValueError(text)
        return number
    if kind == "date":
        return date.fromisoformat(text.strip())
    if kind == "timestamp":
        found = datetime.fromisoformat(text.strip())
        if found.tzinfo is not None:
            raise ValueError(text)
        return found
    return text


def _value(column: str, text: str, kind: str) -> Value:
    try:
        return value(text, kind)
    except ValueError as error:
        raise RowFault("kind", value=text, column=column, kind=KINDS[kind]) from error
