"""Template helpers of the organization pages."""

from __future__ import annotations

__all__: list[str] = []
