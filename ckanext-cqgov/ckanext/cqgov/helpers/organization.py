"""Template helpers of the organization pages."""

from __future__ import annotations

from datetime import date

from ckanext.cqgov import divisions
from ckanext.cqgov.clock import today

__all__ = ["cqgov_division_name"]


def cqgov_division_name(code: str, on: str | None = None) -> str:
    """Return the name that a division code (or a key of the table) had on the ISO day ``on``, today by default.

    Empty when the code meant nothing on that day.
    """
    found = divisions.current().lookup(code, date.fromisoformat(on) if on else today())
    return found.name if found else ""
