"""Navl validators of cqgov."""

from __future__ import annotations

__all__: list[str] = []
