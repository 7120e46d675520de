"""Who may read the ledger."""

from __future__ import annotations

from typing import Any

from ckanext.cqgov.domain import ledger_scope
from ckanext.cqgov.domain.text import Text
from ckanext.cqgov.language import pick
from ckanext.cqgov.logic import asking

__all__ = ["cqgov_ledger_export", "cqgov_ledger_list", "cqgov_ledger_show", "cqgov_ledger_status"]

REFUSED = Text(
    "只有系统管理员、主管部门工作人员和检查人员可以查看台账，区县人员限于本区县（规章第五、三十一条）",
    "only sysadmins, officers of the competent department and inspectors may read the ledger, those of a district what is "
    "about their district (Art. 5, 31)",
)


def cqgov_ledger_list(context: Any, data_dict: Any) -> dict[str, Any]:
    """Those who oversee or inspect the city, or a district; the action shows each only what is theirs (Art. 5, 31)."""
    found = ledger_scope.scope(asking.person(context), asking.directory())
    return {"success": True} if found is None or found else {"success": False, "msg": pick(REFUSED)}


def cqgov_ledger_show(context: Any, data_dict: Any) -> dict[str, Any]:
    """As for the list."""
    return cqgov_ledger_list(context, data_dict)


def cqgov_ledger_export(context: Any, data_dict: Any) -> dict[str, Any]:
    """As for the list."""
    return cqgov_ledger_list(context, data_dict)


def cqgov_ledger_status(context: Any, data_dict: Any) -> dict[str, Any]:
    """As for the list."""
    return cqgov_ledger_list(context, data_dict)
