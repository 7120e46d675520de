"""Which files are tables, by what is said of them; whether one can be read is found out by reading it (``tabular``)."""

from __future__ import annotations

FORMATS = ("csv", "tsv", "tab", "xlsx", "xls", "ods")
"""Formats, and endings of names, of files that hold a table."""

ENDING = rf"\.({'|'.join(FORMATS)})$"
"""The same as a regular expression on a name in lower case, for Python and PostgreSQL."""


def is_table(form: str | None, name: str | None) -> bool:
    """Say whether a file of the format ``form`` (as a resource says) and with this name is taken for a table."""
    return (form or "").lower() in FORMATS or (name or "").lower().endswith(tuple(f".{each}" for each in FORMATS))
