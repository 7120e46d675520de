"""Who may import into an organisation: those who may create and edit its datasets, and its catalogue officers."""

from __future__ import annotations

from ckan import authz

from ckanext.cqgov.clock import today
from ckanext.cqgov.model import duty


def may_import(user_id: str, user_name: str, organization_id: str) -> bool:
    """Say whether this user may import into the organisation; sysadmins are not asked about here."""
    if not (user_id and organization_id):
        return False
    permissions = ("create_dataset", "update_dataset")
    if all(authz.has_user_permission_for_group_or_org(organization_id, user_name, each) for each in permissions):
        return True
    return duty.holds(user_id, organization_id, "catalogue-officer", today())
