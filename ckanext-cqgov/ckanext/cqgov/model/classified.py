"""How the datasets that somebody sees are classified now: for whoever shows copies of them that were made earlier."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import ckan.model as model

from ckanext.cqgov.domain.access import UNCONDITIONAL, Viewer
from ckanext.cqgov.domain.vault import is_open
from ckanext.cqgov.model import lookup, visibility

_package = model.package_table
_COLUMNS = (
    _package.c.id,
    _package.c.state,
    _package.c.private,
    _package.c.extras["opening_type"].astext.label("opening"),
)


class Classified(NamedTuple):
    """The opening type that is stored of a dataset, and whether everybody may have its data."""

    opening_type: str | None
    open: bool

    def outdates(self, opening_type: str | None) -> bool:
        """Say whether a copy of the time when the dataset had ``opening_type`` may tell addresses that are not open any more."""
        return opening_type == UNCONDITIONAL != self.opening_type


def seen(ids: Iterable[str], viewer: Viewer) -> dict[str, Classified]:
    """Return those of the datasets whose entry ``viewer`` may see, by id; one query, two for who oversees a district."""
    query = visibility.among(_package.c.id, _COLUMNS, viewer)
    rows = lookup.rows(query, {visibility.WANTED: list(ids)})
    return {row.id: Classified(row.opening, is_open(row.state, row.private, row.opening)) for row in rows}
