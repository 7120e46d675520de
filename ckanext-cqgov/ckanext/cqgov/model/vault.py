"""The vault's table: one row per resource of an entry that is not open, with what the catalogue must not say of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any, NamedTuple

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, mapped_column

from ckanext.cqgov.domain.access import UNCONDITIONAL
from ckanext.cqgov.domain.vault import FILE, URL_TYPE, Holding, is_open


class Vault(tk.BaseModel):
    """The address or file of a resource; see ``domain.vault.Holding`` for the columns."""

    __tablename__ = "cqgov_vault"

    resource_id: Mapped[str] = mapped_column(
        sa.Text, sa.ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True
    )
    package_id: Mapped[str] = mapped_column(sa.Text, sa.ForeignKey("package.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(sa.Text)
    address: Mapped[str] = mapped_column(sa.Text)
    public: Mapped[bool] = mapped_column(sa.Boolean)
    original_name: Mapped[str | None] = mapped_column(sa.Text)
    format: Mapped[str | None] = mapped_column(sa.Text)
    media_type: Mapped[str | None] = mapped_column(sa.Text)
    size: Mapped[int | None] = mapped_column(sa.BigInteger)
    sha256: Mapped[str | None] = mapped_column(sa.Text)
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"))


table = Vault.__table__
NAMES = tuple(Holding.__dataclass_fields__)
_columns = [table.c[name] for name in NAMES]


class Standing(NamedTuple):
    """How a resource stands: whose it is, whether its entry is open, and what it says of itself."""

    id: str
    package_id: str
    open: bool
    vaulted: bool
    extras: dict[str, Any]

    @property
    def public(self) -> bool:
        """Whether CKAN's own routes may serve it: the entry is open, and its address has been brought into the catalogue."""
        return self.open and not self.vaulted


def standing(resource_id: Any) -> Standing | None:
    """Return how the resource stands, None for one that does not exist; one query."""
    package, resource = model.package_table, model.resource_table
    if not isinstance(resource_id, str) or "\0" in resource_id:
        return None
    query = (
        sa.select(
            resource.c.id,
            resource.c.package_id,
            resource.c.url_type,
            resource.c.extras,
            package.c.state,
            package.c.private,
            package.c.extras["opening_type"].astext.label("opening_type"),
        )
        .join(package, package.c.id == resource.c.package_id)
        .where(resource.c.id == resource_id)
    )
    row = model.Session.execute(query).one_or_none()
    if row is None:
        return None
    opened = is_open(row.state, row.private, row.opening_type)
    return Standing(row.id, row.package_id, opened, row.url_type == URL_TYPE, row.extras or {})


def of_packages(package_ids: Iterable[str]) -> dict[str, Holding]:
    """Return what the vault holds of the datasets' resources, by resource id; one query."""
    return _found(table.c.package_id.in_(list(package_ids)))


def of_resource(resource_id: str) -> Holding | None:
    """Return what the vault holds of the resource, None where that is nothing; one query.

    Only of one that is still the dataset's for which it was taken in: who may have the data is asked of the resource's dataset.
    """
    resource = model.resource_table
    same = sa.exists().where(resource.c.id == table.c.resource_id, resource.c.package_id == table.c.package_id)
    return _found(sa.and_(table.c.resource_id == resource_id, same)).get(resource_id)


def _found(where: Any) -> dict[str, Holding]:
    rows = model.Session.execute(sa.select(*_columns).where(where))
    return {row.resource_id: Holding(**row._mapping) for row in rows}


def put(holdings: Iterable[Holding]) -> None:
    """Insert or replace rows in the caller's transaction; commits nothing. The resources must be stored."""
    rows = [asdict(each) for each in holdings]
    if not rows:
        return
    statement = insert(table)
    replaced = {name: statement.excluded[name] for name in NAMES if name != "resource_id"}
    model.Session.execute(statement.on_conflict_do_update(index_elements=[table.c.resource_id], set_=replaced), rows)


def drop(resource_ids: Iterable[str]) -> None:
    """Forget the rows of these resources in the caller's transaction; commits nothing."""
    ids = list(resource_ids)
    if ids:
        model.Session.execute(sa.delete(table).where(table.c.resource_id.in_(ids)))


def moved(before: Holding, after: Holding) -> bool:
    """Replace ``before`` by ``after`` unless somebody has given the resource another address; returns whether it was done."""
    values = {name: value for name, value in asdict(after).items() if name != "resource_id"}
    done = model.Session.execute(
        sa.update(table)
        .where(
            table.c.resource_id == before.resource_id,
            table.c.address == before.address,
            table.c.public == before.public,
        )
        .values(**values)
    )
    return bool(done.rowcount)


def lock(package_id: str) -> Any:
    """Lock the dataset's row until the transaction ends; returns its ``state``, ``private`` and ``extras``, None without it.

    Whoever changes how open a dataset is writes this row, so that a move and a reclassification never pass each other.
    """
    package = model.package_table
    query = sa.select(package.c.state, package.c.private, package.c.extras).where(package.c.id == package_id)
    return model.Session.execute(query.with_for_update()).one_or_none()


def open_datasets() -> sa.ColumnElement[bool]:
    """Return the condition on ``package`` for those that are open: ``domain.vault.is_open``; never NULL."""
    package = model.package_table
    opening = package.c.extras["opening_type"].astext
    met = sa.and_(package.c.state == "active", package.c.private.is_(False), opening == UNCONDITIONAL)
    return sa.func.coalesce(met, sa.false())


def unsettled(package_ids: Iterable[str] | None = None) -> list[str]:
    """Return the ids of datasets (of ``package_ids``, or of all) whose files or addresses have yet to be moved; one query.

    That is: something in the vault of a dataset that is open, or a file of one that is not where public files are.
    """
    package = model.package_table
    waiting = sa.or_(open_datasets(), sa.and_(table.c.kind == FILE, table.c.public))
    query = sa.select(table.c.package_id).join(package, package.c.id == table.c.package_id).where(waiting).distinct()
    if package_ids is not None:
        query = query.where(table.c.package_id.in_(list(package_ids)))
    return list(model.Session.execute(query).scalars())


def keys() -> set[str]:
    """Return the keys of all files that the vault's rows name; one query."""
    query = sa.select(table.c.address).where(table.c.kind == FILE, ~table.c.public, table.c.address != "")
    return set(model.Session.execute(query).scalars())


def opened(reference: Any) -> bool:
    """Say whether the dataset with this id or name is open; one that does not exist is not; one query."""
    package = model.package_table
    if not isinstance(reference, str) or "\0" in reference:
        return False
    named = sa.or_(package.c.id == reference, package.c.name == reference)
    opening = package.c.extras["opening_type"].astext
    rows = model.Session.execute(
        sa.select(package.c.state, package.c.private, opening.label("type")).where(named)
    ).all()
    return bool(rows) and all(is_open(*row) for row in rows)
