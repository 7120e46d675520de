"""The previews of an entry: none of what is not open, CKAN's default ones of what is opened."""

from __future__ import annotations

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.cqgov.reclassification.subject import Subject

table = model.ResourceView.__table__


def remove(subject: Subject) -> int:
    """Delete the previews of the dataset's resources; returns how many. Commits nothing."""
    return model.Session.execute(sa.delete(table).where(table.c.resource_id.in_(subject.resources))).rowcount


def left(subject: Subject) -> int:
    """Return how many previews there still are."""
    query = sa.select(sa.func.count()).select_from(table).where(table.c.resource_id.in_(subject.resources))
    return model.Session.execute(query).scalar_one()


def make(subject: Subject) -> int:
    """Make CKAN's default previews of an open dataset, those of its tables too, where there are none; returns how many."""
    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    context = {"ignore_auth": True, "user": user}
    package = tk.get_action("package_show")({**context, "use_cache": False}, {"id": subject.id})
    made = 0
    for tables in (False, True):
        data = {"package": package, "create_datastore_views": tables}
        made += len(tk.get_action("package_create_default_resource_views")(dict(context), data) or ())
    return made
