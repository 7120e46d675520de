"""Who may see which entries in the search index: CKAN's permission labels, for what asks Solr without ``package_search``."""

from __future__ import annotations

from typing import Any

import ckan.authz as authz
import ckan.lib.plugins as lib_plugins
from ckan.lib.search.query import solr_literal

from ckanext.cqgov.logic import asking

Labels = tuple[str, ...] | None
"""CKAN's permission labels of somebody, in order; ``None`` for who sees everything."""

PUBLIC: Labels = ("public",)


def labels(context: Any) -> Labels:
    """Return the labels of the asker of an action; ``None`` for sysadmins and for code that ignores authorization."""
    user = asking.user(context)
    if context.get("ignore_auth") or (user is not None and authz.is_sysadmin(user.name)):
        return None
    return tuple(sorted(lib_plugins.get_permission_labels().get_user_dataset_labels(user)))


def filters(seen: Labels) -> list[str]:
    """Return Solr's filters for entries with one of the labels ``seen``, as CKAN's query writes them; none for ``None``."""
    return [] if seen is None else [f"+permission_labels:({' OR '.join(map(solr_literal, seen))})"]
