"""Which packages somebody may see, for the questions that are answered from the database: ``domain.access`` as conditions of SQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache

import ckan.model as model
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from ckanext.cqgov.domain import access
from ckanext.cqgov.domain.access import Audience, Level, Rule, Standing, Viewer
from ckanext.cqgov.domain.organization import districts
from ckanext.cqgov.model import generation, lookup, organization
from ckanext.cqgov.model.dataset import table as _side

_package = model.package_table
_tag, _tagged = model.tag_table, model.package_tag_table
_opening = _package.c.extras["opening_type"].astext
_sharing = _package.c.extras["sharing_type"].astext
_active = _package.c.state == "active"
_listed = sa.and_(
    _active, _package.c.private.is_(False), _opening.in_([access.CONDITIONAL, access.UNCONDITIONAL])
)  # in SQL a condition on a missing type is NULL, so what negates it says so
_released = sa.and_(
    _active,
    sa.func.coalesce(_opening, "") == access.CLOSED,
    sa.exists().where(_side.c.package_id == _package.c.id, _side.c.released_at.is_not(None)),
)
STANDINGS: Mapping[Standing, sa.ColumnElement[bool]] = {
    Standing.DRAFT: _package.c.state.not_in(["active", "deleted"]),
    Standing.REGISTERED: sa.and_(_active, sa.not_(sa.func.coalesce(_listed, sa.false())), sa.not_(_released)),
    Standing.RELEASED: _released,
    Standing.PUBLISHED: sa.func.coalesce(_listed, sa.false()),
    Standing.DELETED: _package.c.state == "deleted",
}

areas = generation.Remembered("organizations", lambda: districts(organization.everything()))
"""The district (id of its government, None in the city's own) of every organisation by id."""


def at_least(viewer: Viewer, level: Level) -> sa.ColumnElement[bool]:
    """Return the condition on ``package`` for what ``viewer`` sees at ``level`` or more: the rows of the table that may apply."""
    found = [each for rule in access.TABLE if rule.level >= level and (each := _condition(rule, viewer)) is not None]
    return sa.or_(sa.false(), *found)


def catalogue(viewer: Viewer) -> sa.ColumnElement[bool]:
    """Return the condition on ``package`` for those whose catalogue entry is open to ``viewer``."""
    return at_least(viewer, Level.CATALOGUE)


def grantable() -> sa.ColumnElement[bool]:
    """Return the condition on ``package`` for those whose data a grant opens to somebody: the table's rows that ask for one."""
    holder = Viewer(staff=True)
    found = [_condition(replace(rule, granted=False), holder) for rule in access.TABLE if rule.granted]
    return sa.or_(sa.false(), *(each for each in found if each is not None))


def concerning(viewer: Viewer) -> sa.ColumnElement[bool]:
    """Return the condition on ``package`` for those that concern ``viewer`` by a duty or an office: ``access.concerned``."""
    found = [_bound(audience, viewer) for audience in access.CONCERNED]
    return sa.or_(sa.false(), *(sa.true() if each is True else each for each in found if each is not None))


def packages(ids: Iterable[str], viewer: Viewer, level: Level = Level.CATALOGUE) -> set[str]:
    """Return those of ``ids`` that ``viewer`` may see at ``level``; one query, two for who oversees a district."""
    query = sa.select(_package.c.id).where(_package.c.id.in_(list(ids)), at_least(viewer, level))
    return set(model.Session.execute(query).scalars())


def names(found: Iterable[str], viewer: Viewer) -> set[str]:
    """Return those of the names of packages whose entry ``viewer`` may see; one query, two for who oversees a district."""
    query = among(_package.c.name, (_package.c.name,), viewer)
    return {row[0] for row in lookup.rows(query, {WANTED: list(found)})}


WANTED = "wanted"
"""The parameter of ``among``: a list of keys."""


def among(key: sa.Column, columns: tuple[sa.ColumnElement, ...], viewer: Viewer) -> sa.Select:
    """Return the query for columns of those packages whose ``key`` is in ``WANTED`` and whose entry ``viewer`` may see.

    Every page of hits asks it, so it is made once for each viewer; but for who oversees a district, whose organisations change.
    """
    changes = (viewer.oversees | viewer.inspects) - {access.CITY}
    return (_among.__wrapped__ if changes else _among)(key, columns, viewer)


@lru_cache(maxsize=1_000)
def _among(key: sa.Column, columns: tuple[sa.ColumnElement, ...], viewer: Viewer) -> sa.Select:
    wanted = sa.bindparam(WANTED, type_=ARRAY(sa.Text))
    return sa.select(*columns).where(key == sa.any_(wanted), catalogue(viewer))


def tags(names: Iterable[str], viewer: Viewer) -> set[str]:
    """Return those of the free tags ``names`` that stand at a package whose entry ``viewer`` may see; one query."""
    joined = _tag.join(_tagged, _tagged.c.tag_id == _tag.c.id).join(_package, _package.c.id == _tagged.c.package_id)
    query = sa.select(_tag.c.name).select_from(joined).distinct()
    query = query.where(
        _tag.c.name.in_(list(names)), _tag.c.vocabulary_id.is_(None), _tagged.c.state == "active", catalogue(viewer)
    )
    return set(model.Session.execute(query).scalars())


def counts(viewer: Viewer, *, organizations: bool, group: str | None = None) -> dict[str, int]:
    """Return how many active datasets of each organisation, or of each group, ``viewer`` may see: by id, without those that have none.

    ``group``: only of that one. One query, two for who oversees a district.
    """
    if organizations:
        key, source = _package.c.owner_org, sa.select(_package.c.owner_org, sa.func.count()).select_from(_package)
    else:
        member = model.member_table
        joined = sa.and_(
            member.c.table_id == _package.c.id, member.c.table_name == "package", member.c.state == "active"
        )
        key, source = member.c.group_id, sa.select(member.c.group_id, sa.func.count()).join(_package, joined)
    query = source.where(_active, _package.c.type == "dataset", key.is_not(None), catalogue(viewer)).group_by(key)
    if group is not None:
        query = query.where(key == group)
    return {id_: number for id_, number in model.Session.execute(query)}


def _condition(rule: Rule, viewer: Viewer) -> sa.ColumnElement[bool] | None:
    """Return what a row of the table asks of a package, None when it can't apply to ``viewer``."""
    whose = _bound(rule.audience, viewer)
    if whose is None or (rule.granted and not viewer.granted):
        return None
    asked = [] if whose is True else [whose]
    if rule.standings != access.ANY:
        asked.append(_standing(rule.standings))
    if rule.opening is not None:
        asked.append(_opening == rule.opening)
    if rule.sharing is not None:
        asked.append(_sharing == rule.sharing)
    if rule.granted:
        asked.append(_package.c.id.in_(sorted(viewer.granted)))
    return sa.and_(sa.true(), *asked)


def _standing(standings: frozenset[Standing]) -> sa.ColumnElement[bool]:
    if standings == access.NO_DRAFT:
        return _package.c.state.in_(["active", "deleted"])
    return sa.or_(*(STANDINGS[each] for each in sorted(standings)))


def _bound(audience: Audience, viewer: Viewer) -> sa.ColumnElement[bool] | bool | None:
    """Return which packages ``viewer`` looks at as one of the audience; True for all, None for none."""
    keys = access.viewer_keys(audience, viewer)
    if not keys:
        return None
    if audience in (Audience.MEMBER, Audience.REVIEWER):
        return _package.c.owner_org.in_(sorted(keys))
    if audience is Audience.CREATOR:
        ownerless = sa.func.coalesce(_package.c.owner_org, "") == ""
        return sa.and_(ownerless, _package.c.creator_user_id.in_(sorted(keys)))
    if audience in (Audience.AUTHORITY, Audience.INSPECTOR) and access.CITY not in keys:
        return _package.c.owner_org.in_(sorted(id_ for id_, district in areas.get().items() if district in keys))
    return True
