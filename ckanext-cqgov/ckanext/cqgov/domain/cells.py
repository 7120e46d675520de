"""What a cell of a file says, whoever reads it: its text, its date, its words as tags."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

DATE = re.compile(r"^\s*(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[T\s].*)?$")
COMPACT_DATE = re.compile(r"^\s*(\d{4})(\d{2})(\d{2})\s*$")
NOT_IN_A_TAG = re.compile(r"[^\w \-.]", re.UNICODE)


def plain(raw: Any) -> str:
    """Return a cell as trimmed text; a number without decimals loses the ``.0`` that spreadsheets give it."""
    if raw is None:
        return ""
    if isinstance(raw, bool):
        return "1" if raw else "0"
    if isinstance(raw, float) and raw.is_integer():
        return str(int(raw))
    if isinstance(raw, datetime):
        return raw.date().isoformat() if raw.time().isoformat() == "00:00:00" else raw.isoformat(" ")
    if isinstance(raw, list):
        return "、".join(plain(part) for part in raw)
    return str(raw).strip()


def iso_date(text: str) -> str | None:
    """Return ``text`` as an ISO date (2020-1-2, 2020/01/02, 20200102, 2020年1月2日, with or without a time), else ``None``."""
    found = COMPACT_DATE.match(text) or DATE.match(text)
    if not found:
        return None
    try:
        return date(*map(int, found.groups())).isoformat()
    except ValueError:
        return None


def tag_name(text: str) -> str:
    """Return ``text`` with the characters that CKAN's tags cannot have made blanks; empty when nothing is left."""
    return " ".join(NOT_IN_A_TAG.sub(" ", text).split())
