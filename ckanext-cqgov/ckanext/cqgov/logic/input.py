"""Reads what a client sent: a wrong type is a message beside its field, never an error of ours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.cqgov.clock import LEGAL_ZONE
from ckanext.cqgov.domain.search_input import WANTED
from ckanext.cqgov.domain.text import Text
from ckanext.cqgov.language import pick

MISSING = Text("必填", "is required")
NOT_TEXT = Text("应为文字", "must be text")
TOO_LONG = Text("超过 {limit} 个字符", "is longer than {limit} characters")
NOT_DATE = Text("应为 2025-11-06 这样的日期", "must be a date like 2025-11-06")
NOT_FLAG = WANTED["flag"]
SURROGATE = re.compile(r"[\ud800-\udfff]")  # half a pair: no character, and no database stores it
NOT_NUMBER = Text("应为 {low} 至 {high} 的整数", "must be a whole number from {low} to {high}")


class Input:
    """Reads fields one by one and gathers what is wrong; ``done`` raises it all at once."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        """Take the client's data."""
        self.data = data
        self.errors: dict[str, list[str]] = {}

    def wrong(self, field: str, text: Text) -> None:
        """Note that ``field`` is wrong."""
        self.errors.setdefault(field, []).append(pick(text))

    def done(self) -> None:
        """Raise ``ValidationError`` when anything was wrong."""
        if self.errors:
            raise tk.ValidationError(self.errors)

    def text(self, field: str, *, required: bool = False, limit: int = 500) -> str | None:
        """Return a text without outer blanks, None when it is absent or empty."""
        value = self.data.get(field)
        if isinstance(value, bool | list | dict) or (value is not None and not isinstance(value, str | int)):
            return self.wrong(field, NOT_TEXT)
        value = str(value if value is not None else "").replace("\x00", "").strip()
        if SURROGATE.search(value):
            return self.wrong(field, NOT_TEXT)
        if len(value) > limit:
            return self.wrong(field, TOO_LONG.filled(limit=limit))
        if required and not value:
            self.wrong(field, MISSING)
        return value or None

    def day(self, field: str) -> date | None:
        """Return an ISO date, None when it is absent."""
        value = self.data.get(field)
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        value = self.text(field)
        try:
            return date.fromisoformat(value) if value else None
        except ValueError:
            return self.wrong(field, NOT_DATE)

    def moment(self, field: str) -> datetime | None:
        """Return an ISO date or time; without an offset it is legal time (Asia/Shanghai)."""
        value = self.text(field)
        try:
            found = datetime.fromisoformat(value) if value else None
        except ValueError:
            return self.wrong(field, NOT_DATE)
        return found.replace(tzinfo=LEGAL_ZONE) if found is not None and found.tzinfo is None else found

    def flag(self, field: str, default: bool = False) -> bool:
        """Return a truth value."""
        value = self.data.get(field)
        if value is None or value == "":
            return default
        try:
            return tk.asbool(value)
        except (ValueError, TypeError, AttributeError):
            self.wrong(field, NOT_FLAG)
            return default

    def number(self, field: str, low: int, high: int, default: int | None = None) -> int | None:
        """Return a whole number within the limits."""
        value = self.text(field)
        if value is None:
            return default
        if value.isascii() and value.isdecimal() and low <= int(value) <= high:
            return int(value)
        return self.wrong(field, NOT_NUMBER.filled(low=low, high=high))
