"""Who holds which grants today, asked of every plugin that knows of grants; the portal's own table is one of them."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from datetime import date

import ckan.plugins as plugins

from ckanext.cqgov.domain import grant as domain
from ckanext.cqgov.domain.grant import Grant
from ckanext.cqgov.interfaces import IGrants
from ckanext.cqgov.model import grant

log = logging.getLogger(__name__)


class OwnGrants:
    """The part of ``IGrants`` that answers from the portal's own table, ``cqgov_grant``."""

    def grants(self, user_id: str, organization_ids: Collection[str], day: date) -> Iterable[Grant]:
        """Return the grants that the person, staff of these organisations, may use on the legal day; one query."""
        return grant.running(user_id, organization_ids, day)


def held(user_id: str, organization_ids: Collection[str], day: date) -> list[Grant]:
    """Return the grants that the person, staff of ``organization_ids``, may use on the legal day ``day`` (Arts. 19, 24).

    Asked anew each time, so that a grant that was revoked opens nothing any more. What a plugin answers is held against the
    rules again; a plugin that fails opens nothing and is logged.
    """
    found: list[Grant] = []
    for plugin in plugins.PluginImplementations(IGrants):
        try:
            answered = list(plugin.grants(user_id, organization_ids, day))
        except Exception:  # whatever a plugin trips over, its grants are then not there
            log.exception("%s does not say which grants are held; they count as none", plugin)
            continue
        found += [each for each in answered if domain.holds(each, user_id, organization_ids, day)]
    return found
