"""What sharing and opening types mean: what is restricted, what is listed in public, what widens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ckanext.cqgov.domain.rules import Rules

OPENNESS = {"closed": 0, "conditional": 1, "unconditional": 2}
"""How far each opening type opens a resource; a type that is not here opens nothing."""


def opening(values: Mapping[str, Any]) -> str:
    """Return the effective opening type: without one an entry counts as closed (there is no default classification)."""
    return values.get("opening_type") or "closed"


def listed(values: Mapping[str, Any], rules: Rules) -> bool:
    """Whether the entry may stand in the public catalogue by its opening type (Art. 22); unknown types may not."""
    kind = rules.opening_types.get(opening(values))
    return bool(kind and kind.listed)


def widened(before: str | None, after: str | None) -> bool:
    """Whether going from the opening type ``before`` to ``after`` opens the resource further."""
    return OPENNESS.get(after or "closed", 0) > OPENNESS.get(before or "closed", 0)


SHARED = {"withheld": 0, "conditional": 1, "unconditional": 2}
"""How far each sharing type lets departments use a resource (Art. 16); a type that is not here lets nobody."""


def shared_wider(before: str | None, after: str | None) -> bool:
    """Whether going from the sharing type ``before`` to ``after`` lets departments use more of the resource."""
    return SHARED.get(after or "", 0) > SHARED.get(before or "", 0)


def base_items(values: Mapping[str, Any]) -> list[str]:
    """Return the names of the information items marked as base items (Art. 17(2))."""
    return [item.get("name", "") for item in values.get("items") or () if item.get("base_item")]


def sensitive_items(values: Mapping[str, Any]) -> list[str]:
    """Return the names of the information items that are sensitive personal information."""
    return [item.get("name", "") for item in values.get("items") or () if item.get("personal") == "sensitive"]
