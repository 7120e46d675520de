"""Template helpers of grants: what the page of an entry tells the reader about them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.cqgov.logic import asking
from ckanext.cqgov.logic.auth.grant import gives, oversees

__all__ = ["cqgov_grants"]

MOST = 20


def cqgov_grants(pkg: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the grants of an entry as far as the reader sees them, None where there is nothing to tell.

    ``{grants, gives, oversees}``: the newest that are in force or will be, whether the reader may give and revoke them, and
    whether all are shown. A visitor, and an entry that is open to everybody, cost no query.
    """
    if not tk.current_user.is_authenticated or pkg.get("opening_type") not in ("conditional", "closed"):
        return None
    context: Any = asking.reader()
    package = model.Session.get(model.Package, pkg["id"])
    if package is None:
        return None
    found = tk.get_action("cqgov_grant_list")(dict(context), {"dataset_id": pkg["id"], "limit": MOST})
    may = gives(context, package)
    whole = may or oversees(context, package)
    current = [each for each in found if each["state"] in ("running", "upcoming")]
    return {"grants": current, "gives": may, "oversees": whole} if current or whole else None
