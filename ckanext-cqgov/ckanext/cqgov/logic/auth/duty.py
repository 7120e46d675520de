"""Auth functions of the duty."""

from __future__ import annotations

__all__: list[str] = []
