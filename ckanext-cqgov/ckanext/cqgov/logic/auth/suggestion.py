"""Who is offered suggestions."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk

__all__ = ["cqgov_suggest"]


@tk.auth_allow_anonymous_access
def cqgov_suggest(context: Any, data_dict: Any) -> dict[str, Any]:
    """Whoever may search; what each sees is decided entry by entry."""
    tk.check_access("package_search", context, {})
    return {"success": True}
