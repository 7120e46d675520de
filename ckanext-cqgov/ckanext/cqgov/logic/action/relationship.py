"""Relationships of datasets, as CKAN has them."""

from __future__ import annotations

from typing import Any

import ckan.model as model

from ckanext.cqgov.logic.chained import chained

__all__ = ["package_relationship_create"]


@chained
def package_relationship_create(up, context, data_dict) -> Any:
    """Relate two datasets, as CKAN does, and commit after the answer was made.

    CKAN commits and lets its session go first; then it cannot tell the relationship that it has made, and answers 500.
    """
    later = context.get("defer_commit")
    context["defer_commit"] = True
    try:
        made = up(context, data_dict)
    finally:
        context["defer_commit"] = later
    if not later:
        model.repo.commit()
    return made
