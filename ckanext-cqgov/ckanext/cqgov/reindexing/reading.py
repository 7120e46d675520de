"""Many datasets as CKAN's own ``package_dictize`` gives them, from one query per table instead of nine per dataset.

Rows become dictionaries by CKAN's own functions wherever those take rows; only the asking is done here, in sets.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import ckan.lib.dictization as dictization
import ckan.lib.dictization.model_dictize as model_dictize
import ckan.model as model
import sqlalchemy as sa

Dictized = dict[str, Any]


@dataclass
class Surroundings:
    """What belongs to the datasets of a batch, by dataset id where it is many, by its own id where it is shared."""

    resources: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    tags: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    groups: dict[str, list[Dictized]] = field(default_factory=lambda: defaultdict(list))
    subject_of: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    object_of: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    organizations: dict[str, Dictized] = field(default_factory=dict)
    related: list[model.Package] = field(default_factory=list)
    """Datasets at the other end of relationships: the session forgets what nobody holds, and CKAN asks it for each."""


def loaded(ids: Iterable[str]) -> list[model.Package]:
    """Return the datasets that exist, fresh from the database, as objects of the session; one query."""
    query = sa.select(model.Package).where(model.Package.id.in_(list(ids))).execution_options(populate_existing=True)
    return list(model.Session.execute(query).scalars())


def surroundings(packages: Sequence[model.Package]) -> Surroundings:
    """Return what belongs to the datasets; at most seven queries, whatever their number."""
    ids, found = [package.id for package in packages], Surroundings()
    execute = model.Session.execute
    resource, tag, link = model.resource_table, model.tag_table, model.package_tag_table
    relation, group = model.package_relationship_table, model.group_table
    for row in execute(sa.select(resource).where(resource.c.package_id.in_(ids))):
        found.resources[row.package_id].append(row)
    tagged = sa.select(tag, link.c.state, link.c.package_id).join(link, tag.c.id == link.c.tag_id)
    for row in execute(tagged.where(link.c.package_id.in_(ids))):
        found.tags[row.package_id].append(row)
    ends = relation.c.subject_package_id.in_(ids) | relation.c.object_package_id.in_(ids)
    others: set[str] = set()
    for row in execute(sa.select(relation).where(ends)):
        found.subject_of[row.subject_package_id].append(row)
        found.object_of[row.object_package_id].append(row)
        others |= {row.subject_package_id, row.object_package_id}
    found.related = loaded(others - set(ids)) if others - set(ids) else []
    owners = {package.owner_org for package in packages if package.owner_org}
    for row in execute(sa.select(group).where(group.c.id.in_(owners), group.c.state == "active")):
        organization = _named(dictization.table_dictize(row, {}))
        del organization["extras"]
        found.organizations[row.id] = organization
    _groups(ids, found)
    return found


def _groups(ids: list[str], found: Surroundings) -> None:
    """Add the groups of each dataset, each dictized once, with what CKAN's schema lets through."""
    member, group = model.member_table, model.group_table
    joined = (
        sa.select(member.c.table_id, model.Group)
        .join(model.Group, group.c.id == member.c.group_id)
        .where(member.c.table_id.in_(ids), member.c.state == "active", group.c.is_organization == sa.false())
    )
    shown: dict[str, Dictized] = {}
    for package_id, one in model.Session.execute(joined):
        if one.id not in shown:
            one_shown = model_dictize.group_dictize(
                one, {}, include_groups=False, include_users=False, include_extras=False, packages_field=None
            )
            shown[one.id] = _named(one_shown)
        found.groups[package_id].append(shown[one.id])


def _named(dictized: Dictized) -> Dictized:
    """Return what a row became with its keys as plain text: SQLAlchemy's own kind of text is slow in all that follows."""
    return {str(key): value for key, value in dictized.items()}


COLUMNS = tuple(str(column.name) for column in model.package_table.c if column.name != "plugin_data")


def _plain(value: Any) -> Any:
    """Return a column's value as ``table_dictize`` does, which asks for the columns once more for each dataset."""
    if value is None or isinstance(value, str | int | dict | list):
        return value
    return value.isoformat() if isinstance(value, datetime) else str(value)


def dictized(package: model.Package, around: Surroundings) -> Dictized:
    """Return a dataset as ``package_dictize`` does (groups without their number of members, which nothing shows)."""
    shown = {name: _plain(getattr(package, name)) for name in COLUMNS}
    if shown.get("title"):
        shown["title"] = shown["title"].strip()
    resources = [_named(each) for each in model_dictize.resource_list_dictize(around.resources.get(package.id, []), {})]
    tags = [
        {str(key): value for key, value in each.items() if key != "package_id"}
        for each in dictization.obj_list_dictize(around.tags.get(package.id, []), {}, lambda one: one["name"])
    ]
    organization = around.organizations.get(package.owner_org or "")
    groups = around.groups.get(package.id, [])
    licence = package.license
    if licence and licence.url:
        shown["license_url"] = licence.url
    shown.update(
        resources=resources,
        num_resources=len(resources),
        tags=[{**each, "display_name": each["name"]} for each in tags],
        num_tags=len(tags),
        extras=[{"key": key, "value": value} for key, value in (package.extras or {}).items()],
        groups=sorted((dict(each) for each in groups), key=lambda one: model_dictize.h.strxfrm(one["display_name"])),
        organization=dict(organization) if organization else None,
        relationships_as_subject=dictization.obj_list_dictize(around.subject_of.get(package.id, []), {}),
        relationships_as_object=dictization.obj_list_dictize(around.object_of.get(package.id, []), {}),
        isopen=package.isopen(),
        type=package.type or "dataset",
        license_title=_licence_title(package),
        metadata_modified=package.metadata_modified.isoformat(),
        metadata_created=package.metadata_created.isoformat() if package.metadata_created else None,
    )
    return shown


def _licence_title(package: model.Package) -> str | None:
    """Return the licence's title as ``package_dictize`` shows it."""
    if not package.license:
        return package.license_id
    return package.license.title.split("::")[-1] if package.license.url else package.license.title
