"""How a dataset search reaches Solr: CKAN's own query with all its checks, our plan for plain words, a kept connection.

CKAN's ``PackageSearchQuery.run`` runs as it is, on what the client sent; only where it would make a connection does it get
ours, which puts the plan in the place of ``q`` at the very last moment. So a check that CKAN adds counts here too, and what a
plan may say (phrase boosts, collapsing) can be said by no client.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import FunctionType
from typing import Any

import ckan.lib.search as search
from ckan.lib.search.common import SearchQueryError
from ckan.lib.search.query import PackageSearchQuery

from ckanext.cqgov import page_cache
from ckanext.cqgov.catalogue.solr import connection

KEY = "cqgov"
"""Under this key of the search parameters the plan travels from ``before_dataset_search`` to the query."""


@dataclass
class Plan:
    """What is asked of Solr instead of, and besides, what the client sent.

    ``instead`` replaces Solr parameters (``q``, ``defType``, ``qf`` …); ``filters`` are further ``fq``; ``fields`` are further
    fields of each result. ``answer`` is Solr's whole answer, for whoever made the plan.
    """

    instead: dict[str, Any] = field(default_factory=dict)
    filters: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    answer: dict[str, Any] = field(default_factory=dict)


class Planned:
    """Stands in for the connection that CKAN's code asks for: sends the plan."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def search(self, **params: Any) -> Any:
        """Return Solr's answer as pysolr gives it."""
        plan = self._plan
        asked = {**params, **plan.instead}
        asked["fq"] = [*params["fq"], *plan.filters]
        if plan.fields:
            asked["fl"] = " ".join((params["fl"], *plan.fields))
        try:
            found = connection().search(**asked)
        except Exception:  # whoever makes do without an answer: what it makes is not to be kept
            page_cache.passing()
            raise
        plan.answer = found.raw_response
        return found


def _with(connect: Any) -> FunctionType:
    """Return a private copy of CKAN's ``run`` that gets its connection from ``connect`` (nothing in CKAN is changed)."""
    core = PackageSearchQuery.run
    copy = FunctionType(
        core.__code__,
        {**core.__globals__, "make_connection": connect},
        core.__name__,
        core.__defaults__,
        core.__closure__,
    )
    copy.__kwdefaults__ = core.__kwdefaults__
    return copy


class CataloguePackageQuery(PackageSearchQuery):
    """CKAN's dataset query with a plan; without one its answers are CKAN's."""

    def run(self, query, permission_labels=None, **kwargs):
        """Return ``{results, count}`` as CKAN does; the plan stands in ``query[KEY]`` and is there again afterwards.

        Raises ``SearchQueryError`` for a plan that is not ours (a client sent the key) and whatever CKAN's query raises.
        """
        plan = query[KEY] if KEY in query else Plan()
        if not isinstance(plan, Plan):
            raise SearchQueryError(f"Invalid search parameters: {[KEY]}")
        planned = Planned(plan)
        given = query.pop(KEY, None)
        try:
            return _with(lambda **_options: planned)(self, query, permission_labels, **kwargs)
        finally:
            if given is not None:
                query[KEY] = given


def register() -> None:
    """Let CKAN search datasets by our query."""
    search._QUERIES["package"] = CataloguePackageQuery
