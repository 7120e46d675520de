"""Actions of the organization."""

from __future__ import annotations

__all__: list[str] = []
