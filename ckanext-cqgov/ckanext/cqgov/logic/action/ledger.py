"""Actions of the ledger."""

from __future__ import annotations

__all__: list[str] = []
