"""How a dataset search reaches Solr: CKAN's own query with all its checks, our plan for plain words, a kept connection.

CKAN's ``PackageSearchQuery.run`` runs as it is, on what the client sent; only where it would make a connection does it get
ours, which puts the plan in the place of ``q`` at the very last moment. So a check that CKAN adds counts here too, and what a
plan may say (phrase boosts, collapsing) can be said by no client.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any

import ckan.lib.search as search
from ckan.lib.search.common import SearchError, SearchQueryError
from ckan.lib.search.query import PackageSearchQuery

from ckanext.cqgov import page_cache
from ckanext.cqgov.catalogue import freshness, hits
from ckanext.cqgov.catalogue.solr import connection
from ckanext.cqgov.domain import search_input
from ckanext.cqgov.domain.search_weights import ENOUGH

KEY = "cqgov"
"""Under this key of the search parameters the plan travels from ``before_dataset_search`` to the query."""

ALIKE = "cqgov_alike"
"""The field of the index that entries of one series share."""

ALL = "cqgov.datasets"
FEW_VALUES = frozenset(
    "res_format license_id cqgov_opening_type cqgov_sharing_type cqgov_update_cycle cqgov_theme cqgov_format_class "
    "cqgov_region cqgov_origin".split()
)
"""Facets with some tens of values: Solr keeps the set of entries for each, and counting them by sets is several times
quicker than entry by entry."""

TYPE = re.compile(r"\+?dataset_type:\w+")
"""The only filter that the page of all datasets sends by itself."""


@dataclass
class Plan:
    """What is asked of Solr instead of, and besides, what the client sent.

    ``instead`` replaces Solr parameters (``q``, ``defType`` …), ``filters`` are further ``fq``. ``wider`` is asked when fewer
    than ``ENOUGH`` entries are found: whatever the filters ``given`` by the client (``fq`` and ``fq_list``), so that
    choosing a filter never changes what is counted. ``collapse`` shows one entry of each series. ``answer`` is Solr's whole
    answer, for whoever made the plan.
    """

    instead: Mapping[str, str] = field(default_factory=dict)
    filters: tuple[str, ...] = ()
    wider: Plan | None = None
    given: tuple[str, tuple[str, ...]] = ("", ())
    collapse: bool = False
    answer: dict[str, Any] = field(default_factory=dict)

    @property
    def datasets(self) -> int:
        """Return how many entries were found, those included that stand behind another one of their series."""
        counted = self.answer.get("facet_counts", {}).get("facet_queries", {})
        return counted.get(ALL, self.answer.get("response", {}).get("numFound", 0))

    @property
    def similar(self) -> dict[str, int]:
        """Return for the ids of shown entries how many more of their series were found."""
        expanded = self.answer.get("expanded", {})
        docs = self.answer.get("response", {}).get("docs", ())
        groups = {doc["id"]: expanded.get(doc.get(ALIKE)) for doc in docs if "id" in doc}
        return {id_: group["numFound"] for id_, group in groups.items() if group and group["numFound"]}


class Planned:
    """Stands in for the connection that CKAN's code asks for: sends the plan."""

    def __init__(self, plan: Plan, labels: Collection[str] | None = None) -> None:
        self._plan, self._labels = plan, labels

    def search(self, **params: Any) -> Any:
        """Return Solr's answer as pysolr gives it, without hits that the bearer of ``labels`` may no longer see."""
        plan = self._plan
        params, added = hits.identified(freshness.translated(params))
        found = self._found(plan, params)
        if plan.wider is not None and plan.datasets < ENOUGH and self._few(params):
            found = self._found(plan.wider, params)
            plan.answer = plan.wider.answer
        return hits.checked(freshness.counted(found, params), self._labels, added, ALL)

    def _found(self, plan: Plan, params: dict[str, Any]) -> Any:
        asked = {**params, **plan.instead}
        asked["fq"] = [*params["fq"], *plan.filters]
        for name in FEW_VALUES.intersection(_listed(asked.get("facet.field"))):
            asked[f"f.{name}.facet.method"] = "enum"
        found = _asked(_collapsed(asked) if self._plan.collapse else asked)
        plan.answer = found.raw_response
        return found

    def _few(self, params: dict[str, Any]) -> bool:
        """Say whether the asker finds fewer than ``ENOUGH`` entries without the filters given."""
        plan = self._plan
        words, more = plan.given
        kept = " ".join(TYPE.findall(words))
        if words.strip() == kept and not more:
            return True
        left = [each.replace(words, kept) if place == 0 else each for place, each in enumerate(params["fq"])]
        for each in more:
            left.remove(each)
        asked = {"fq": [*left, *plan.filters], "rows": 0, "q.op": params["q.op"], "df": params["df"], **plan.instead}
        return _asked(asked).hits < ENOUGH


def _asked(params: dict[str, Any]) -> Any:
    try:
        return connection().search(**params)
    except Exception:  # whoever makes do without an answer: what it makes is not to be kept
        page_cache.passing()
        raise


def _collapsed(asked: dict[str, Any]) -> dict[str, Any]:
    """Return the search with one entry of each series; facets still count them all."""
    by_score = str(asked.get("sort") or "score").startswith("score")
    head = "" if by_score else " sort=$sort"
    facets = [f"{{!ex={ALIKE}}}{name}" for name in _listed(asked.get("facet.field"))]
    queries = [query.replace("{!", f"{{!ex={ALIKE} ", 1) for query in _listed(asked.get("facet.query"))]
    return {
        **asked,
        "fq": [*asked["fq"], f"{{!collapse tag={ALIKE} field={ALIKE} nullPolicy=expand{head}}}"],
        "fl": f"{asked['fl']} id {ALIKE}",
        "expand": "true",
        "expand.rows": 0,
        "facet": "true",
        "facet.field": facets,
        "facet.query": [*queries, f"{{!ex={ALIKE} key={ALL}}}*:*"],
    }


def _listed(value: Any) -> list[str]:
    return [] if value is None else [value] if isinstance(value, str) else list(value)


def _with(connect: Any, core: Any = PackageSearchQuery.run) -> FunctionType:
    """Return a private copy of CKAN's method that gets its connection from ``connect`` (nothing in CKAN is changed)."""
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
        if permission_labels is not None and (hidden := search_input.magic(query)):
            raise SearchError(
                f"Magic fields are not supported in param '{hidden[0]}'."
            )  # as CKAN says of those it knows
        planned = Planned(plan, permission_labels)
        if permission_labels is not None and str(query.get("facet.mincount", 1)).strip("0") == "":
            query["facet.mincount"] = 1  # a count of 0 tells the words of entries that the asker may not see
        given = query.pop(KEY, None)
        try:
            return _with(lambda **_options: planned)(self, query, permission_labels, **kwargs)
        finally:
            if given is not None:
                query[KEY] = given

    get_index = _with(lambda **_options: connection(), PackageSearchQuery.get_index)
    """What ``package_show`` reads a dataset with, over the kept connection; without an answer it reads the database."""


def register() -> None:
    """Let CKAN search datasets by our query."""
    search._QUERIES["package"] = CataloguePackageQuery
