"""The words that the search knows: groups of synonyms, of names of one thing, of former names (managed data)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from ckanext.cqgov.domain.search_terms import RELATED, Row, key_of
from ckanext.cqgov.domain.term_groups import Group
from ckanext.cqgov.model import generation

TOPIC = "search-terms"


class SearchTermGroup(tk.BaseModel):
    """A group. ``shipped`` is the key of the shipped group that it came from, None for one that somebody entered."""

    __tablename__ = "cqgov_search_term_group"
    __table_args__ = (sa.UniqueConstraint("id", "kind", name="cqgov_search_term_group_kind"),)

    id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    kind: Mapped[str] = mapped_column(sa.Text)
    note: Mapped[str] = mapped_column(sa.Text, server_default="", default="")
    shipped: Mapped[str | None] = mapped_column(sa.Text, unique=True)
    modified_by: Mapped[str] = mapped_column(sa.Text)
    modified_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True), server_default=sa.func.now())


class SearchTerm(tk.BaseModel):
    """A word of a group, in its place; ``key`` is the word as it is compared. A kind knows a word once.

    ``present`` marks what the others lead to: today's name, or the catalogue's words, which many groups may lead to.
    """

    __tablename__ = "cqgov_search_term"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["group_id", "kind"],
            ["cqgov_search_term_group.id", "cqgov_search_term_group.kind"],
            ondelete="CASCADE",
            name="cqgov_search_term_of_group",
        ),
        sa.Index("cqgov_search_term_group_id", "group_id", "position"),
        sa.Index(
            "cqgov_search_term_one_present",
            "group_id",
            unique=True,
            postgresql_where=sa.text("present AND kind = 'renamed'"),
        ),
        sa.Index(
            "cqgov_search_term_one_group",
            "kind",
            "key",
            unique=True,
            postgresql_where=sa.text("NOT (present AND kind = 'related')"),
        ),
    )

    group_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    key: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    kind: Mapped[str] = mapped_column(sa.Text)
    word: Mapped[str] = mapped_column(sa.Text)
    present: Mapped[bool] = mapped_column(sa.Boolean, server_default=sa.false(), default=False)
    position: Mapped[int] = mapped_column(sa.Integer)


class SearchTermOffer(tk.BaseModel):
    """What was shipped and offered once, by its key: what became of it since is the operator's decision."""

    __tablename__ = "cqgov_search_term_offer"

    key: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    mark: Mapped[str] = mapped_column(sa.Text)


_groups, _words, _offers = SearchTermGroup.__table__, SearchTerm.__table__, SearchTermOffer.__table__


def rows() -> list[Row]:
    """Return every word as ``Terms`` are built from it, groups together, in their order; one query."""
    query = sa.select(_words.c.group_id, _words.c.word, _words.c.kind, _words.c.present)
    query = query.order_by(_words.c.group_id, _words.c.position)
    return [Row(*row) for row in model.Session.execute(query)]


def groups(ids: Iterable[str] | None = None) -> list[Group]:
    """Return groups with their words, all or those of ``ids`` in the order of these; one query."""
    query = (
        sa.select(_groups.c.id, _groups.c.kind, _groups.c.note, _words.c.word, _words.c.present)
        .join(_words, _words.c.group_id == _groups.c.id)
        .order_by(_groups.c.kind, _groups.c.id, _words.c.position)
    )
    wanted = None if ids is None else list(ids)
    if wanted is not None:
        query = query.where(_groups.c.id.in_(wanted))
    found: dict[str, dict[str, Any]] = {}
    for id, kind, note, word, present in model.Session.execute(query):
        one = found.setdefault(id, {"id": id, "kind": kind, "words": (), "present": "", "note": note, "related": ()})
        if present and kind == RELATED:
            one["related"] += (word,)
        elif present:
            one["present"] = word
        else:
            one["words"] += (word,)
    order = found if wanted is None else [id for id in wanted if id in found]
    return [Group(**found[id]) for id in order]


def get(id: str) -> Group | None:
    """Return one group, None when there is none."""
    return next(iter(groups([id])), None)


def sharing(group: Group) -> list[Group]:
    """Return the groups of its kind that hold a word of ``group`` as their own."""
    query = sa.select(_words.c.group_id).where(_words.c.kind == group.kind, _words.c.key.in_(list(group.keys())))
    if group.kind == RELATED:  # many may lead to a word of the catalogue
        query = query.where(~_words.c.present)
    return groups(model.Session.execute(query.distinct()).scalars())


def origin() -> dict[str, str]:
    """Return the id of each group that was shipped, by its key."""
    query = sa.select(_groups.c.shipped, _groups.c.id).where(_groups.c.shipped.is_not(None))
    return dict(model.Session.execute(query).tuples().all())


def offered() -> dict[str, str]:
    """Return the fingerprint of each shipped group that was offered, by its key."""
    return dict(model.Session.execute(sa.select(_offers.c.key, _offers.c.mark)).tuples().all())


def page(query: str, kind: str | None, limit: int, offset: int) -> tuple[int, list[str]]:
    """Return how many groups hold ``query`` in a word, and the ids of ``limit`` of them, by kind and first word."""
    wanted = key_of(query)
    matching = sa.select(_groups.c.id, _groups.c.kind, sa.func.min(_words.c.key).label("first"))
    matching = matching.join(_words, _words.c.group_id == _groups.c.id).group_by(_groups.c.id, _groups.c.kind)
    if wanted:
        words = _words.alias()
        found = sa.exists().where(words.c.group_id == _groups.c.id, words.c.key.contains(wanted, autoescape=True))
        matching = matching.where(found)
    if kind:
        matching = matching.where(_groups.c.kind == kind)
    chosen = matching.subquery()
    count = model.Session.execute(sa.select(sa.func.count()).select_from(chosen)).scalar_one()
    ordered = sa.select(chosen.c.id).order_by(chosen.c.kind, chosen.c.first.collate("C"), chosen.c.id)
    return count, list(model.Session.execute(ordered.limit(limit).offset(offset)).scalars())


def counts() -> dict[str, int]:
    """Return how many groups there are of each kind."""
    query = sa.select(_groups.c.kind, sa.func.count()).group_by(_groups.c.kind)
    return dict(model.Session.execute(query).tuples().all())


def write(session: Any, groups: Iterable[Group], actor: str, shipped: Mapping[str, str] | None = None) -> None:
    """Write whole groups, new or changed, few statements however many; commits nothing, but lets the topic advance.

    ``shipped`` holds the keys of those that a release brought, by their id; who changes one later leaves its key.
    """
    written = list(groups)
    if not written:
        return
    keys = shipped or {}
    now = sa.func.now()
    upsert = insert(_groups)
    changed = {"kind": upsert.excluded.kind, "note": upsert.excluded.note, "modified_by": actor, "modified_at": now}
    # The words go first: a group's kind is part of their key, and one group may take over a word of another.
    session.execute(sa.delete(_words).where(_words.c.group_id.in_([one.id for one in written])))
    session.execute(
        upsert.on_conflict_do_update(index_elements=[_groups.c.id], set_=changed),
        [
            {"id": one.id, "kind": one.kind, "note": one.note, "shipped": keys.get(one.id), "modified_by": actor}
            for one in written
        ],
    )
    session.execute(
        sa.insert(_words),
        [
            {
                "kind": one.kind,
                "key": key_of(row.word),
                "group_id": one.id,
                "word": row.word,
                "present": row.present,
                "position": position,
            }
            for one in written
            for position, row in enumerate(one.rows())
        ],
    )
    generation.advance(session, TOPIC)


def delete(session: Any, id: str) -> None:
    """Delete a group with its words; commits nothing, but lets the topic advance."""
    session.execute(sa.delete(_groups).where(_groups.c.id == id))
    generation.advance(session, TOPIC)


def offer(session: Any, marks: Mapping[str, str]) -> None:
    """Note what has been offered by now, by key; commits nothing."""
    if marks:
        upsert = insert(_offers)
        session.execute(
            upsert.on_conflict_do_update(index_elements=[_offers.c.key], set_={"mark": upsert.excluded.mark}),
            [{"key": key, "mark": mark} for key, mark in marks.items()],
        )
