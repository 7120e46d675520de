"""The one place that reads the clock: legal days are days in Chongqing (Asia/Shanghai), never UTC days."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

LEGAL_ZONE = ZoneInfo("Asia/Shanghai")


def today() -> date:
    """Return the current legal day."""
    return datetime.now(LEGAL_ZONE).date()
