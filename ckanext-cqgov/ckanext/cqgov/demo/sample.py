"""The sample catalogue: real records of another city's portal, brought in through the importer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Say = Callable[[str], None]
Context = Callable[[], dict[str, Any]]


def load(limit: int | None, context: Context, say: Say) -> int:
    """Import the sample records (the first ``limit`` only) and return how many were made."""
    return 0
