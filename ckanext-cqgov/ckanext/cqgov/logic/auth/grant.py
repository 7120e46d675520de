"""Who may give, revoke and see grants; the rules are those of ``domain.grant``."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.cqgov.catalogue import access
from ckanext.cqgov.domain import grant as domain
from ckanext.cqgov.domain.access import Level
from ckanext.cqgov.domain.text import Text
from ckanext.cqgov.language import pick
from ckanext.cqgov.logic import asking, named
from ckanext.cqgov.model import grant as rows
from ckanext.cqgov.model import membership

__all__ = ["cqgov_data_search", "cqgov_grant_create", "cqgov_grant_list", "cqgov_grant_revoke", "cqgov_grant_show"]

REFUSED = Text(
    "只有提供部门负责人和本区域主管部门工作人员可以授予或撤销数据使用权（规章第五、六、十九、二十四条）",
    "only the head of the provider and officers of the competent department of the area give and revoke grants (Arts. 5, 6, 19, 24)",
)
UNSEEN = Text(
    "只有使用人、提供部门负责人和经办人、主管部门和检查人员可以查看授权",
    "only the holder, head and handlers of the provider, the competent department and inspectors see a grant",
)
UNREAD = Text(
    "数据只对获得授权的人开放；请按目录条目页面的说明申请（规章第十九、二十四条）",
    "the data are open to those who were granted them: apply as the entry's page says (Arts. 19, 24)",
)


def _answer(allowed: bool, refusal: Text) -> dict[str, Any]:
    return {"success": True} if allowed else {"success": False, "msg": pick(refusal)}


def gives(context: Any, package: Any) -> bool:
    """Say whether whoever asks may give and revoke grants for data of the CKAN package."""
    return domain.may_give(asking.person(context), package.owner_org or None, asking.directory())


def oversees(context: Any, package: Any) -> bool:
    """Say whether whoever asks sees all grants for data of the CKAN package."""
    return domain.may_oversee(asking.person(context), package.owner_org or None, asking.directory())


def cqgov_grant_create(context: Any, data_dict: Any) -> dict[str, Any]:
    """The head of the provider, and the competent department in its area (Arts. 5, 6, 19, 24)."""
    package = named.package((data_dict or {}).get("dataset_id"))
    return _answer(package is not None and gives(context, package), REFUSED)


def cqgov_grant_revoke(context: Any, data_dict: Any) -> dict[str, Any]:
    """Whoever may give a grant for these data may revoke it."""
    one = rows.get((data_dict or {}).get("id"))
    package = named.package(one.dataset_id) if one is not None else None
    return _answer(package is not None and gives(context, package), REFUSED)


def cqgov_grant_show(context: Any, data_dict: Any) -> dict[str, Any]:
    """The holder, and who oversees the grants of the dataset."""
    user, one = asking.user(context), rows.get((data_dict or {}).get("id"))
    if user is None or one is None:
        return _answer(False, UNSEEN)
    if domain.covers(one.value(), user.id, membership.organizations(user.id)):
        return _answer(True, UNSEEN)
    package = named.package(one.dataset_id)
    return _answer(package is not None and oversees(context, package), UNSEEN)


def cqgov_grant_list(context: Any, data_dict: Any) -> dict[str, Any]:
    """Everybody who is signed in: they see their own, and all of a dataset where they oversee its grants."""
    return _answer(asking.user(context) is not None, UNSEEN)


@tk.auth_allow_anonymous_access
def cqgov_data_search(context: Any, data_dict: Any) -> dict[str, Any]:
    """Whoever may have data of the resource; which of them, the grants say (Arts. 16, 19, 22, 24)."""
    resource = named.resource((data_dict or {}).get("resource_id"))
    found = resource is not None and access.level(context, resource.package) >= Level.DATA
    return _answer(found, UNREAD)
