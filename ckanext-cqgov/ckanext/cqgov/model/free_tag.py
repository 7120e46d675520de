"""The free tags of a dataset: words that are kept once for all datasets, and so stay behind when the last one goes."""

from __future__ import annotations

from collections.abc import Iterable

import ckan.model as model
import sqlalchemy as sa

_tag, _tagged = model.tag_table, model.package_tag_table


def of(package_id: str) -> list[str]:
    """Return the ids of a dataset's free tags; one query."""
    query = sa.select(_tag.c.id).join(_tagged, _tagged.c.tag_id == _tag.c.id)
    query = query.where(_tagged.c.package_id == package_id, _tag.c.vocabulary_id.is_(None))
    return list(model.Session.execute(query).scalars())


def forget(ids: Iterable[str]) -> None:
    """Delete those of the tags that no dataset bears any more, and commit: a word may say what its dataset held."""
    wanted = list(ids)
    if wanted:
        borne = sa.exists().where(_tagged.c.tag_id == _tag.c.id)
        model.Session.execute(sa.delete(_tag).where(_tag.c.id.in_(wanted), ~borne))
        model.Session.commit()
