"""Actions of the calendar."""

from __future__ import annotations

__all__: list[str] = []
