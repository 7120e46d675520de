"""Who may assign, end and read duties; the rules are the table of ``domain.duties``."""

from __future__ import annotations

from typing import Any

import ckan.model as model

from ckanext.cqgov.domain import duties
from ckanext.cqgov.domain.text import Text
from ckanext.cqgov.language import pick
from ckanext.cqgov.logic import asking
from ckanext.cqgov.model import duty as rows

__all__ = ["cqgov_duty_assign", "cqgov_duty_end", "cqgov_duty_list"]

REFUSED = Text(
    "您不能在该机构指定或结束这个岗位；任何人不得为自己任职（规章第五、六条）",
    "you may not assign or end this duty there; nobody assigns to themselves (Art. 5, 6)",
)
UNSEEN = Text(
    "只有本机构在岗人员、主管部门工作人员和检查人员可以查看任职",
    "only those on duty there, officers of the competent department and inspectors may see who holds which duty",
)


def _answer(allowed: bool, refusal: Text) -> dict[str, Any]:
    return {"success": True} if allowed else {"success": False, "msg": pick(refusal)}


def _id(kind: Any, value: Any) -> str:
    """Return the id of the user or group that a client named by id or name; what does not exist names nobody."""
    found = kind.get(value) if isinstance(value, str) and value else None
    return found.id if found is not None else ""


def cqgov_duty_assign(context: Any, data_dict: Any) -> dict[str, Any]:
    """Without ``duty``: whether any duty may be assigned at ``organization_id`` (to show the form)."""
    person, data = asking.person(context), data_dict or {}
    organizations = asking.directory()
    organization_id = _id(model.Group, data.get("organization_id"))
    if not data.get("duty"):
        return _answer(bool(duties.assignable(person, organization_id, organizations)), REFUSED)
    user_id = _id(model.User, data.get("user_id"))
    return _answer(duties.may_assign(person, str(data["duty"]), user_id, organization_id, organizations), REFUSED)


def cqgov_duty_end(context: Any, data_dict: Any) -> dict[str, Any]:
    """Whoever may assign a duty may end it."""
    person, key = asking.person(context), (data_dict or {}).get("id")
    one = rows.get(key) if isinstance(key, str) else None
    if one is None:
        return _answer(person.sysadmin, REFUSED)
    allowed = duties.may_assign(person, one.duty, one.user_id, one.organization_id, asking.directory())
    return _answer(allowed, REFUSED)


def cqgov_duty_list(context: Any, data_dict: Any) -> dict[str, Any]:
    """One's own, one's organisation's, or those one oversees or inspects."""
    person, data = asking.person(context), data_dict or {}
    organization_id = _id(model.Group, data["organization_id"]) if data.get("organization_id") else None
    user_id = _id(model.User, data["user_id"]) if data.get("user_id") else None
    return _answer(bool(person.id) and duties.may_list(person, organization_id, user_id, asking.directory()), UNSEEN)
