"""Template helpers of the calendar pages."""

from __future__ import annotations

__all__: list[str] = []
