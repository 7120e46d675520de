"""Writing many admitted entries with one statement per table: what ``package_create`` and ``package_update`` write, in sets.

The order is the door's: dataset, tags, membership, our row, ledger, activity; the caller commits and then indexes. Which of
CKAN's hooks and signals this path fires is said in ``docs/adr/0002-bulk-path.md``.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

import ckan.model as model
import ckan.plugins as plugins
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.lib.plugins import get_permission_labels

from ckanext.cqgov.catalogue import door, vault
from ckanext.cqgov.catalogue.access import facts_remembered
from ckanext.cqgov.domain import catalogue, names
from ckanext.cqgov.domain.catalogue_entry import row
from ckanext.cqgov.domain.catalogue_fields import FIELDS
from ckanext.cqgov.domain.classification import opening
from ckanext.cqgov.domain.publication import Before
from ckanext.cqgov.domain.vault import is_open
from ckanext.cqgov.exchange.judging import Actor, Judged
from ckanext.cqgov.model import dataset, ledger
from ckanext.cqgov.reclassification import asking
from ckanext.cqgov.reindexing.showing import Showing, Shown

package, tag, link, member = model.package_table, model.tag_table, model.package_tag_table, model.member_table


@dataclass
class Written:
    """What one batch wrote: ids in the order of its entries, and the datasets as CKAN shows them."""

    ids: list[str] = field(default_factory=list)
    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    shown: dict[str, Shown] = field(default_factory=dict)
    loaded: list[model.Package] = field(default_factory=list)  # CKAN's indexing asks the session for each dataset


def unchanged(judged: Judged) -> bool:
    """Say whether writing the entry would change nothing."""
    existing = judged.existing
    return bool(
        existing
        and existing.content_hash == catalogue.content_hash(judged.admission.record)
        and existing.private == judged.admission.decision.private
        and existing.owner_org == judged.admission.core.owner_org
    )


def write(batch: Iterable[Judged], actor: Actor, showing: Showing) -> Written:
    """Write admitted entries into the session's transaction; commits nothing. ``showing`` is the import's.

    Raises ``sqlalchemy.exc.IntegrityError`` when another transaction took a name or key in the meantime.
    """
    batch = list(batch)
    session, now = model.Session, datetime.now(UTC)
    written = Written()
    if not batch:
        return written
    ids = [each.existing.id if each.existing else str(uuid4()) for each in batch]
    new = [(id_, each) for id_, each in zip(ids, batch, strict=True) if each.existing is None]
    old = [(id_, each) for id_, each in zip(ids, batch, strict=True) if each.existing is not None]
    if new:
        session.execute(
            sa.insert(package),
            [_new_package(id_, each, actor, stamp) for (id_, each), stamp in zip(new, _stamps(now), strict=False)],
        )
        _own((id_, each.admission.core.owner_org) for id_, each in new)
    if old:
        _update_packages(old, now)
    _tag(zip(ids, batch, strict=True))
    rows = [
        row(id_, each.admission, now, each.existing.published_at if each.existing else None)
        for id_, each in zip(ids, batch, strict=True)
    ]
    left = dataset.write(rows, leaving=[id_ for id_, each in old if each.admission.leaves])
    vault.withhold(id_ for id_, each in old if not _open(each))
    asking.ask(
        (asking.change(id_, _before(each), each.admission, retracted=id_ in left) for id_, each in old), actor.id
    )
    acts = [
        ledger.Act(
            actor.id,
            f"dataset.{move}",
            "dataset",
            id_,
            door.publication(each.admission, entry),
        )
        for id_, each, entry in zip(ids, batch, rows, strict=True)
        for move in filter(None, ["retract" if id_ in left else None, each.admission.decision.move])
    ]
    ledger.record_many(session, acts)
    written.ids = ids
    written.created, written.updated = [id_ for id_, _ in new], [id_ for id_, _ in old]
    loaded = _loaded(ids)
    written.shown = showing.all(loaded)
    with facts_remembered(ids):
        _activities(loaded, written, actor)
    written.loaded = loaded
    return written


def _before(judged: Judged) -> Before:
    """Return how a known dataset stood before the file was read."""
    assert judged.existing
    known = judged.existing
    sharing = str(known.values.get("sharing_type") or "")
    return Before(known.state, known.private, opening(known.values), known.owner_org, sharing)


def _open(judged: Judged) -> bool:
    """Say whether everybody may have the data of a known dataset once it is written."""
    state = judged.existing.state if judged.existing else None
    return is_open(state, judged.admission.decision.private, opening(judged.admission.values))


def _stamps(now: datetime) -> Iterator[datetime]:
    """Yield creation times a microsecond apart, so that the order of the file stays the order of the catalogue."""
    naive = now.replace(tzinfo=None)
    return (naive + timedelta(microseconds=each) for each in count())


def _new_package(id_: str, judged: Judged, actor: Actor, stamp: datetime) -> dict[str, Any]:
    """Return the row of a new dataset."""
    core = judged.admission.core
    return {
        "id": id_,
        "name": judged.name or names.generated(secrets.token_bytes(names.NOISE)),
        "title": core.title,
        "notes": core.notes,
        "type": "dataset",
        "owner_org": core.owner_org,
        "creator_user_id": actor.id,
        "metadata_created": stamp,
        "metadata_modified": stamp,
        "private": judged.admission.decision.private,
        "state": core.state,
        "extras": catalogue.storage(judged.admission.values),
    }


def _update_packages(old: list[tuple[str, Judged]], now: datetime) -> None:
    """Replace what the file says of known datasets; other plugins' extras stay."""
    session, stamp = model.Session, now.replace(tzinfo=None)
    changed = []
    for id_, each in old:
        assert each.existing
        core = each.admission.core
        extras = {key: value for key, value in each.existing.extras.items() if key not in FIELDS}
        changed.append(
            {
                "target": id_,
                "title": core.title,
                "notes": core.notes,
                "owner_org": core.owner_org,
                "private": each.admission.decision.private,
                "metadata_modified": stamp,
                "extras": {**extras, **catalogue.storage(each.admission.values)},
            }
        )
    columns = {name: sa.bindparam(name, type_=package.c[name].type) for name in changed[0] if name != "target"}
    session.connection().execute(
        sa.update(package).where(package.c.id == sa.bindparam("target")).values(columns), changed
    )
    moved = {
        id_: each.admission.core.owner_org
        for id_, each in old
        if each.existing and each.existing.owner_org != each.admission.core.owner_org
    }
    if moved:
        owner = sa.and_(member.c.table_id.in_(moved), member.c.capacity == "organization")
        session.execute(sa.update(member).where(owner).values(state="deleted"))
        _own(moved.items())


def _own(owned: Iterable[tuple[str, str | None]]) -> None:
    """Make each dataset, by its id, a member of the organisation that owns it, as CKAN does."""
    rows = [
        {
            "id": str(uuid4()),
            "table_name": "package",
            "table_id": id_,
            "capacity": "organization",
            "group_id": group,
            "state": "active",
        }
        for id_, group in owned
    ]
    model.Session.execute(sa.insert(member), rows)


def _tag(batch: Iterable[tuple[str, Judged]]) -> None:
    """Give each dataset its tags: unknown tags are made, links no longer wanted are marked deleted, as CKAN does."""
    session = model.Session
    wanted = {id_: set(each.admission.core.tags) for id_, each in batch}
    tags = _tag_ids(set().union(*wanted.values()))
    rows = session.execute(
        sa.select(link.c.id, link.c.package_id, link.c.state, tag.c.name)
        .join(tag, tag.c.id == link.c.tag_id)
        .where(link.c.package_id.in_(list(wanted)), tag.c.vocabulary_id.is_(None))
    ).all()
    linked = {(each.package_id, each.name) for each in rows}
    added = [
        {"id": str(uuid4()), "package_id": id_, "tag_id": tags[name], "state": "active"}
        for id_, chosen in wanted.items()
        for name in sorted(chosen)
        if (id_, name) not in linked
    ]
    if added:
        session.execute(sa.insert(link), added)
    for state, ids in (
        ("active", [each.id for each in rows if each.name in wanted[each.package_id] and each.state != "active"]),
        ("deleted", [each.id for each in rows if each.name not in wanted[each.package_id] and each.state == "active"]),
    ):
        if ids:
            session.execute(sa.update(link).where(link.c.id.in_(ids)).values(state=state))


def _tag_ids(chosen: set[str]) -> dict[str, str]:
    """Return the ids of free tags by name; tags that do not exist yet are made."""
    session = model.Session
    known = sa.select(tag.c.name, tag.c.id).where(tag.c.name.in_(chosen), tag.c.vocabulary_id.is_(None))
    found = {each.name: each.id for each in session.execute(known)}
    missing = [{"id": str(uuid4()), "name": name} for name in sorted(chosen - found.keys())]
    if missing:
        session.execute(sa.insert(tag), missing)
    return found | {each["name"]: each["id"] for each in missing}


def _loaded(ids: list[str]) -> list[model.Package]:
    """Return the datasets as objects of the session, in the order of ``ids``; one query."""
    query = sa.select(model.Package).where(package.c.id.in_(ids)).execution_options(populate_existing=True)
    found = {each.id: each for each in model.Session.execute(query).scalars()}
    return [found[id_] for id_ in ids]


def _activities(loaded: list[model.Package], written: Written, actor: Actor) -> None:
    """Write what the activity plugin writes for each dataset, when it is on."""
    if not plugins.plugin_loaded("activity") or not tk.config.get("ckan.activity_streams_enabled"):
        return
    from ckanext.activity.model import Activity

    labels, created = get_permission_labels(), set(written.created)
    rows = [
        {
            "id": str(uuid4()),
            "timestamp": datetime.now(UTC).replace(tzinfo=None),
            "user_id": actor.id,
            "object_id": each.id,
            "activity_type": "new package" if each.id in created else "changed package",
            "data": {"package": written.shown[each.id][1], "actor": actor.name},
            "permission_labels": labels.get_dataset_labels(each),
        }
        for each in loaded
    ]
    model.Session.execute(sa.insert(Activity.__table__), rows)
