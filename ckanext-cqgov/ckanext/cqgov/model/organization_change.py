"""Notes that organisations changed: their names are words of the search, and processes remember their tree.

CKAN writes organisations through its model, from actions, pages and commands; ``watch`` notes all of these in the
transaction of the change. Whoever writes the tables by statements calls ``advance``.
"""

from __future__ import annotations

from typing import Any

import ckan.model as model
import sqlalchemy as sa

from ckanext.cqgov.model import generation, search_term

TOPIC = "organizations"


def advance(session: Any) -> None:
    """Let both topics grow when the transaction commits: that of the organisations, and that of the words."""
    generation.advance(session, TOPIC)
    generation.advance(session, search_term.TOPIC)


def watch() -> None:
    """Note from now on every organisation that CKAN's model writes; calling it again changes nothing."""
    for event, noted in (("after_insert", _written), ("after_update", _updated), ("after_delete", _written)):
        if not sa.event.contains(model.Group, event, noted):
            sa.event.listen(model.Group, event, noted)


def _updated(mapper: Any, connection: Any, group: Any) -> None:
    """Note a change of its own; SQLAlchemy also tells of an organisation that only gained a dataset."""
    session = sa.orm.object_session(group)
    if session is None or session.is_modified(group, include_collections=False):
        _written(mapper, connection, group)


def _written(_mapper: Any, connection: Any, group: Any) -> None:
    if group.is_organization:
        advance(connection)
