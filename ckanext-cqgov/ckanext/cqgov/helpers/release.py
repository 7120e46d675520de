"""Template helper of a closed entry's way to the departments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.cqgov import rules
from ckanext.cqgov.catalogue import access, release
from ckanext.cqgov.domain.access import CLOSED
from ckanext.cqgov.language import pick
from ckanext.cqgov.model import dataset

__all__ = ["cqgov_release"]


def cqgov_release(pkg: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return for the provider's people how far a closed entry is on its way to departments: ``{state, released_at, next, may}``.

    ``next`` is the name of the duty whose holder acts next, ``may`` whether the reader may act. ``None`` for an entry that is
    not closed, and for who is not of the provider: one query for the others, two where something can be done.
    """
    if pkg.get("opening_type") != CLOSED or pkg.get("state") != "active":
        return None
    package = model.Package.get(pkg["id"])
    viewer = access.viewer_of(tk.current_user)
    if package is None or not (viewer.sysadmin or package.owner_org in viewer.member_of):
        return None
    found = release.shown(package, dataset.row(package.id))
    duty = rules.current().duties.get(found["next"] or "")
    may = tk.h.check_access("cqgov_dataset_release", {"id": package.id})
    return {**found, "next": pick(duty.text) if duty else "", "may": may}
