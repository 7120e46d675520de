"""What the portal knows of an organisation beyond CKAN's own row: code, level, kind, place in the tree, validity.

CKAN's ``group`` keeps name and title. An organisation without a row here is one nobody has placed yet.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from ckanext.cqgov.domain import organization as domain

CORE = ("name", "title", "description")
DETAILS = (
    "uscc kind level parent_id valid_from valid_to successor_id division_code aliases former_names authority demo"
).split()


class Organization(tk.BaseModel):
    """The side table of CKAN's organisations; ``valid_to`` is the last day on which it existed."""

    __tablename__ = "cqgov_organization"

    group_id: Mapped[str] = mapped_column(sa.Text, sa.ForeignKey("group.id", ondelete="CASCADE"), primary_key=True)
    uscc: Mapped[str | None] = mapped_column(sa.Text, unique=True)
    kind: Mapped[str | None] = mapped_column(sa.Text)
    level: Mapped[str | None] = mapped_column(sa.Text)
    parent_id: Mapped[str | None] = mapped_column(sa.Text, sa.ForeignKey("group.id", ondelete="SET NULL"), index=True)
    valid_from: Mapped[date | None] = mapped_column(sa.Date)
    valid_to: Mapped[date | None] = mapped_column(sa.Date)
    successor_id: Mapped[str | None] = mapped_column(
        sa.Text, sa.ForeignKey("group.id", ondelete="SET NULL"), index=True
    )
    division_code: Mapped[str | None] = mapped_column(sa.Text)
    aliases: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), server_default="{}", default=list)
    former_names: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), server_default="{}", default=list)
    authority: Mapped[bool] = mapped_column(sa.Boolean, server_default=sa.false(), default=False)
    demo: Mapped[bool] = mapped_column(sa.Boolean, server_default=sa.false(), default=False)


_group = model.group_table
_side = Organization.__table__


def _rows(*where: Any) -> list[domain.Organization]:
    query = (
        sa.select(_group.c.id, _group.c.name, _group.c.title, _group.c.description, *(_side.c[key] for key in DETAILS))
        .select_from(_group.outerjoin(_side, _side.c.group_id == _group.c.id))
        .where(_group.c.is_organization, _group.c.type == "organization", _group.c.state == "active", *where)
        .order_by(_group.c.name)
    )
    return [domain.from_row(row._mapping) for row in model.Session.execute(query)]


def everything() -> list[domain.Organization]:
    """Return every active organisation as a value object, by name; one query however many there are."""
    return _rows()


class Branch(NamedTuple):
    """What a tree shows of an organisation; ``parent`` is the CKAN name of the one above."""

    name: str
    title: str
    parent: str | None


def branches(names: Iterable[str]) -> dict[str, Branch]:
    """Return where the active organisations that bear one of the CKAN ``names`` stand, by name; one light query."""
    above = _group.alias("above")
    query = (
        sa.select(_group.c.name, _group.c.title, above.c.name)
        .select_from(
            _group.outerjoin(_side, _side.c.group_id == _group.c.id).outerjoin(above, above.c.id == _side.c.parent_id)
        )
        .where(_group.c.is_organization, _group.c.type == "organization", _group.c.state == "active")
        .where(_group.c.name.in_(list(names)))
    )
    return {row[0]: Branch(row[0], row[1] or row[0], row[2]) for row in model.Session.execute(query)}


def by_id(group_ids: Iterable[str]) -> dict[str, domain.Organization]:
    """Return those active organisations that have one of the CKAN ids, by id; one query."""
    return {one.id: one for one in _rows(_group.c.id.in_(list(group_ids)))}


def get(group_id: str) -> domain.Organization | None:
    """Return one active organisation by its CKAN id or name."""
    found = _rows(sa.or_(_group.c.id == group_id, _group.c.name == group_id))
    return next((one for one in found if one.id == group_id), found[0] if found else None)


def related(one: domain.Organization) -> dict[str, domain.Organization]:
    """Return the parent and the successor of ``one`` by id; one query, none when it has neither."""
    ids = [key for key in (one.parent_id, one.successor_id) if key]
    return {other.id: other for other in _rows(_group.c.id.in_(ids))} if ids else {}


def resolve(name: str) -> str | None:
    """Return the group id that ``name`` means: id, title, ``name``, USCC, alias or former name; None when unknown.

    A name that two organisations share is nobody's: guessing would file a record under the wrong department.
    """
    return resolve_many([name]).get(name)


def resolve_many(names: Iterable[str]) -> dict[str, str]:
    """Return ``{name: group id}`` for those of ``names`` that are known; one query however many there are."""
    directory = domain.Directory(everything())
    found = {name: directory.find(name) for name in names}
    return {name: group_id for name, group_id in found.items() if group_id}


def ancestors(group_id: str) -> list[str]:
    """Return the ids from ``group_id`` itself up to the root of its tree; one query."""
    return ancestors_many([group_id])[group_id]


def ancestors_many(group_ids: Iterable[str]) -> dict[str, list[str]]:
    """Return ``ancestors`` for many organisations; one query however many there are."""
    parents = dict(model.Session.execute(sa.select(_side.c.group_id, _side.c.parent_id)).tuples().all())
    return {group_id: domain.line(group_id, parents) for group_id in group_ids}


def public_counts() -> dict[str, int]:
    """Return how many public datasets each organisation owns itself; one query."""
    package = model.package_table
    query = (
        sa.select(package.c.owner_org, sa.func.count())
        .where(package.c.state == "active", package.c.private.is_(False), package.c.type == "dataset")
        .group_by(package.c.owner_org)
    )
    return {owner: count for owner, count in model.Session.execute(query) if owner}


def names_in_use() -> set[str]:
    """Return every ``name`` that a group or organisation bears, deleted ones too: the column is unique over all."""
    return set(model.Session.execute(sa.select(_group.c.name)).scalars())


def usccs_in_use() -> set[str]:
    """Return every credit code that the table holds, those of deleted organisations too."""
    return set(model.Session.execute(sa.select(_side.c.uscc).where(_side.c.uscc.is_not(None))).scalars())


def write(created: Iterable[domain.Organization], updated: Iterable[domain.Organization]) -> None:
    """Write whole organisations, a few statements however many there are; commits nothing.

    CKAN's rows are written directly: through ``organization_create`` a city's list would take a minute.
    """
    created, updated = list(created), list(updated)
    session = model.Session()
    if created:
        fixed = {"type": "organization", "is_organization": True, "state": "active", "approval_status": "approved"}
        session.execute(
            sa.insert(_group), [{**_core(one), "id": one.id, "image_url": "", "extras": {}, **fixed} for one in created]
        )
    if updated:
        statement = sa.update(_group).where(_group.c.id == sa.bindparam("group_id"))
        statement = statement.values({key: sa.bindparam(f"new_{key}") for key in CORE})
        rows = [{"group_id": one.id, **{f"new_{key}": value for key, value in _core(one).items()}} for one in updated]
        session.connection().execute(statement, rows)
    if created or updated:
        # A whole list is one statement, so a parent may come after its child.
        insert = postgresql.insert(_side)
        upsert = insert.on_conflict_do_update(
            index_elements=[_side.c.group_id], set_={key: insert.excluded[key] for key in DETAILS}
        )
        session.execute(upsert, [_details(one) for one in (*created, *updated)])
    session.expire_all()


def _core(one: domain.Organization) -> dict[str, Any]:
    return {key: getattr(one, key) for key in CORE}


def _details(one: domain.Organization) -> dict[str, Any]:
    values = {key: getattr(one, key) for key in DETAILS}
    return {"group_id": one.id, **values, "aliases": list(one.aliases), "former_names": list(one.former_names)}


def lock(group_ids: Iterable[str]) -> None:
    """Lock organisations in the order of their ids until the transaction ends, so that two writers never deadlock."""
    query = sa.select(_group.c.id).where(_group.c.id.in_(list(group_ids))).order_by(_group.c.id)
    model.Session.execute(query.with_for_update(key_share=True))
