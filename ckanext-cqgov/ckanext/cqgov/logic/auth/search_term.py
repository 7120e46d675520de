"""Who may read and change the words that the search knows."""

from __future__ import annotations

from typing import Any

from ckanext.cqgov.domain import duties
from ckanext.cqgov.domain.text import Text
from ckanext.cqgov.language import pick
from ckanext.cqgov.logic import asking

__all__ = [
    "cqgov_search_term_check",
    "cqgov_search_term_create",
    "cqgov_search_term_delete",
    "cqgov_search_term_import",
    "cqgov_search_term_list",
    "cqgov_search_term_show",
    "cqgov_search_term_update",
]

REFUSED = Text(
    "只有系统管理员和市级主管部门工作人员可以维护检索词（规章第五条）",
    "only sysadmins and officers of the city's competent department may keep the words of the search (Art. 5)",
)


def _keeper(context: Any) -> dict[str, Any]:
    """The words decide what everybody finds in the whole portal, so they are kept by whoever answers for all of it."""
    if duties.city_authority(asking.person(context), asking.directory()):
        return {"success": True}
    return {"success": False, "msg": pick(REFUSED)}


def cqgov_search_term_list(context: Any, data_dict: Any) -> dict[str, Any]:
    """Those who keep the words read them."""
    return _keeper(context)


def cqgov_search_term_show(context: Any, data_dict: Any) -> dict[str, Any]:
    """As for the list."""
    return _keeper(context)


def cqgov_search_term_check(context: Any, data_dict: Any) -> dict[str, Any]:
    """As for the list: the answer tells the words."""
    return _keeper(context)


def cqgov_search_term_create(context: Any, data_dict: Any) -> dict[str, Any]:
    """Those who keep the words."""
    return _keeper(context)


def cqgov_search_term_update(context: Any, data_dict: Any) -> dict[str, Any]:
    """Those who keep the words."""
    return _keeper(context)


def cqgov_search_term_delete(context: Any, data_dict: Any) -> dict[str, Any]:
    """Those who keep the words."""
    return _keeper(context)


def cqgov_search_term_import(context: Any, data_dict: Any) -> dict[str, Any]:
    """Those who keep the words."""
    return _keeper(context)
