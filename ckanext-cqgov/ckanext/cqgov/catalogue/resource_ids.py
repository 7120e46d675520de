"""Ids of resources that a client names: of the dataset's own, or of none yet.

CKAN stores a resource under the id that it is given, wherever that belongs, and refuses only what is active in another
dataset. A deleted resource keeps its row, and what the vault holds of it: whoever took over its id would take over that too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

_resource = model.resource_table


def refused(resources: Iterable[Mapping[str, Any]] | None, package: Any) -> list[dict[str, list[str]]]:
    """Return CKAN's errors of a dataset's ``resources``, one dictionary for each, where any has the id of another dataset's.

    ``package`` is the stored dataset, None for a new one. Empty where all is well; deleted resources count, and cost a query
    only where an id is not the dataset's own.
    """
    given = list(resources or ())
    own = {each.id for each in package.resources_all} if package is not None else set()
    named = {each["id"] for each in given if isinstance(each.get("id"), str) and each["id"]} - own
    if not named:
        return []
    taken = set(model.Session.execute(sa.select(_resource.c.id).where(_resource.c.id.in_(named))).scalars())
    if not taken:
        return []
    sentence = tk._("Resource id already exists.")
    return [{"id": [sentence]} if each.get("id") in taken else {} for each in given]
