"""Which packages somebody may see: what CKAN's search knows, for the questions that are answered from the database."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import ckan.model as model
import sqlalchemy as sa

_package, _member = model.package_table, model.member_table
_tag, _tagged = model.tag_table, model.package_tag_table


def seen(user: Any) -> sa.ColumnElement[bool]:
    """Return the condition on ``package`` for what ``user`` may see: public, or of an own organisation.

    ``user`` needs ``id`` and ``sysadmin``; ``None`` is a visitor.
    """
    if user is not None and user.sysadmin:
        return sa.true()
    public = sa.and_(_package.c.state == "active", _package.c.private.is_(False))
    if user is None:
        return public
    own = sa.select(_member.c.group_id).where(
        _member.c.table_name == "user", _member.c.table_id == user.id, _member.c.state == "active"
    )
    return sa.or_(public, _package.c.owner_org.in_(own))


def packages(ids: Iterable[str], user: Any) -> set[str]:
    """Return those of ``ids`` that ``user`` may see; one query."""
    query = sa.select(_package.c.id).where(_package.c.id.in_(list(ids)), seen(user))
    return set(model.Session.execute(query).scalars())


def tags(names: Iterable[str], user: Any) -> set[str]:
    """Return those of the free tags ``names`` that stand at a package which ``user`` may see; one query."""
    joined = _tag.join(_tagged, _tagged.c.tag_id == _tag.c.id).join(_package, _package.c.id == _tagged.c.package_id)
    query = sa.select(_tag.c.name).select_from(joined).distinct()
    query = query.where(
        _tag.c.name.in_(list(names)), _tag.c.vocabulary_id.is_(None), _tagged.c.state == "active", seen(user)
    )
    return set(model.Session.execute(query).scalars())
