"""What other plugins may answer to this one: CKAN plugin interfaces."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from ckan.plugins.interfaces import Interface

from ckanext.cqgov.domain.grant import Grant


class IGrants(Interface):
    """Who knows of grants: leave to use the data of one dataset (Arts. 19, 24). Without anybody who answers nobody has one."""

    def grants(self, user_id: str, organization_ids: Collection[str], day: date) -> Iterable[Grant]:
        """Return the grants (``domain.grant.Grant``) that the person ``user_id``, staff of ``organization_ids``, holds on ``day``.

        Those that are revoked, not yet or no longer valid on that legal day, or name other staff, are left out.
        """
        return ()
