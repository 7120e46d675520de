"""What pages say of limits: the scopes of an API token and how long it may be valid."""

from __future__ import annotations

from typing import Any

from ckanext.cqgov.domain.limits_tokens import SCOPES
from ckanext.cqgov.language import pick
from ckanext.cqgov.limits.settings import setting
from ckanext.cqgov.limits.tokens import choices

__all__ = ["cqgov_token_choices", "cqgov_token_scope"]


def cqgov_token_choices() -> dict[str, Any]:
    """Return what a form for a new API token offers: ``scopes``, the usual number of ``days``, the ``most`` days."""
    return {"scopes": choices(), "days": setting("token.default_days"), "most": setting("token.most_days")}


def cqgov_token_scope(scope: str) -> str:
    """Return the name of a scope in the reader's language."""
    return pick(SCOPES[scope][0]) if scope in SCOPES else scope
