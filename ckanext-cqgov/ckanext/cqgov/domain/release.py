"""Letting a closed entry into the sharing catalogue: departments see it, the public does not (Arts. 16, 22)."""

from __future__ import annotations

from typing import Any

from ckanext.cqgov.domain.access import CLOSED
from ckanext.cqgov.domain.catalogue_problem import Problem, problem
from ckanext.cqgov.domain.classification import SHARED
from ckanext.cqgov.domain.rules import Rules

RELEASED, READY, INCOMPLETE, UNSHARED = "released", "ready", "incomplete", "unshared"

NEXT = {RELEASED: None, READY: "head", INCOMPLETE: "handler", UNSHARED: None}
"""State -> the duty whose holder acts next; None where nobody has to."""


def state(*, opening_type: str | None, sharing_type: str | None, complete: bool, released: bool) -> str | None:
    """Return how far a closed entry is on its way to other departments, None for one that is not closed."""
    if opening_type != CLOSED:
        return None
    if released:
        return RELEASED
    if not SHARED.get(sharing_type or ""):
        return UNSHARED
    return READY if complete else INCOMPLETE


def fault(
    rules: Rules, *, package_state: str, opening_type: str | None, sharing_type: str | None, complete: bool
) -> Problem | None:
    """Return why an entry can't be released to staff, None when it can; ``complete`` as the catalogue's own check says."""
    words: dict[str, Any] = {}
    if package_state != "active":
        field, code, article = "state", "release-not-active", None
    elif opening_type != CLOSED:
        field, code, article = "opening_type", "release-not-closed", "22"
    elif not SHARED.get(sharing_type or ""):
        field, code, article = "sharing_type", "release-not-shared", "16"
    elif not complete:
        field, code, article = "complete", "release-not-complete", None
    else:
        return None
    if article:
        words["cite"] = rules.cite(article)
    return problem(field, code, article=article, **words)
