"""Auth functions of the rules."""

from __future__ import annotations

import ckan.plugins.toolkit as tk

__all__ = ["cqgov_rules_show"]


@tk.auth_allow_anonymous_access
def cqgov_rules_show(context, data_dict):
    """Everybody may read the rules."""
    return {"success": True}
