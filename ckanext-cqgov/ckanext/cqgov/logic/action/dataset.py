"""Actions of the dataset."""

from __future__ import annotations

__all__: list[str] = []
