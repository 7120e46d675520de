"""Collects what a package of noun modules offers, so that CKAN's blankets register each part once."""

from __future__ import annotations

from types import ModuleType
from typing import Any


def members(*modules: ModuleType) -> dict[str, Any]:
    """Return ``{name: object}`` for every name in the modules' ``__all__``.

    Raises ``ValueError`` when two modules offer the same name: the second would silently win.
    """
    found: dict[str, Any] = {}
    for module in modules:
        for name in module.__all__:
            if name in found:
                raise ValueError(f"{name} is offered twice, the second time by {module.__name__}")
            found[name] = getattr(module, name)
    return found
