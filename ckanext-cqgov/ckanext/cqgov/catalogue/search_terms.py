"""The words that the search knows: what is managed, and the organisations' own names."""

from __future__ import annotations

from ckanext.cqgov.domain.organization_terms import of_organizations
from ckanext.cqgov.domain.search_terms import Terms
from ckanext.cqgov.model import generation, organization, search_term


def current() -> Terms:
    """Return all words as they are now; one small query when none of them was changed since the last time."""
    return _remembered.get()


def _load() -> Terms:
    managed = search_term.rows()
    return Terms.of([*managed, *of_organizations(organization.everything(), managed)])


_remembered = generation.Remembered(search_term.TOPIC, _load)
