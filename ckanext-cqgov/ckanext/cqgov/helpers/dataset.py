"""Template helpers of the dataset pages."""

from __future__ import annotations

__all__: list[str] = []
