"""Who may read and change the organisations."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.cqgov.domain import duties
from ckanext.cqgov.domain.text import Text
from ckanext.cqgov.language import pick
from ckanext.cqgov.logic import asking

__all__ = [
    "cqgov_organization_import",
    "cqgov_organization_show",
    "cqgov_organization_tree",
    "cqgov_organization_update",
]

REFUSED = Text(
    "只有系统管理员和市级主管部门工作人员可以维护机构（规章第五条）",
    "only sysadmins and officers of the city's competent department may keep the organisations (Art. 5)",
)


@tk.auth_allow_anonymous_access
def cqgov_organization_tree(context: Any, data_dict: Any) -> dict[str, Any]:
    """Everyone may see which organisations there are."""
    return {"success": True}


@tk.auth_allow_anonymous_access
def cqgov_organization_show(context: Any, data_dict: Any) -> dict[str, Any]:
    """Everyone may see an organisation's public facts."""
    return {"success": True}


def cqgov_organization_update(context: Any, data_dict: Any) -> dict[str, Any]:
    """The city's competent department keeps the tree: a place in it gives power over others."""
    if duties.city_authority(asking.person(context), asking.directory()):
        return {"success": True}
    return {"success": False, "msg": pick(REFUSED)}


def cqgov_organization_import(context: Any, data_dict: Any) -> dict[str, Any]:
    """As for a single organisation."""
    return cqgov_organization_update(context, data_dict)
