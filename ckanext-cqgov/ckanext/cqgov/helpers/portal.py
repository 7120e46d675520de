"""Template helpers of the portal pages."""

from __future__ import annotations

__all__: list[str] = []
