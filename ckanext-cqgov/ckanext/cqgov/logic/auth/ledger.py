"""Who may read the ledger."""

from __future__ import annotations

from typing import Any

from ckanext.cqgov.domain import duties
from ckanext.cqgov.domain.text import Text
from ckanext.cqgov.language import pick
from ckanext.cqgov.logic import asking

__all__ = ["cqgov_ledger_list"]

REFUSED = Text(
    "只有系统管理员、市级主管部门工作人员和市级检查人员可以查看台账",
    "only sysadmins, officers of the city's competent department and the city's inspectors may read the ledger",
)


def cqgov_ledger_list(context: Any, data_dict: Any) -> dict[str, Any]:
    """The ledger tells of the whole city, so it is for those who oversee or inspect the whole city (Art. 5, 31)."""
    if duties.city_wide(asking.person(context), asking.directory()):
        return {"success": True}
    return {"success": False, "msg": pick(REFUSED)}
