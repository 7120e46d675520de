"""Template helper of an entry that is being reclassified."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.cqgov.catalogue import access
from ckanext.cqgov.domain import access as domain
from ckanext.cqgov.logic.action.reclassification import told
from ckanext.cqgov.model import reclassification as rows

__all__ = ["cqgov_reclassification"]


def cqgov_reclassification(pkg: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return how far the entry's unfinished reclassification is, for its provider and those who oversee it; else None.

    Nothing is asked for a visitor.
    """
    if not tk.current_user.is_authenticated:
        return None
    found = rows.unfinished([pkg["id"]])
    package = model.Package.get(pkg["id"]) if found else None
    if package is None or not domain.concerned(access.viewer_of(tk.current_user), access.of_package(package)):
        return None
    return told(found[0], package.name, package.title)
