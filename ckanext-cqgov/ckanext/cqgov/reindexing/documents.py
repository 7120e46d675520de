"""The search documents of many datasets, each exactly as CKAN's own indexing makes it.

CKAN's ``index_package`` builds a document and sends it in one go. Here its code runs with a connection that gathers the
documents instead of sending them (a private copy of the function; nothing in CKAN is changed), so that whatever CKAN or a
plugin's ``before_dataset_index`` puts into a document is in ours too. A test compares the documents of both ways.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from functools import cache
from types import FunctionType, SimpleNamespace
from typing import Any

import ckan.logic as logic
from ckan.lib.search.index import PackageSearchIndex
from ckan.plugins import PluginImplementations

from ckanext.cqgov.catalogue.access import facts_remembered
from ckanext.cqgov.catalogue.index import LEAN, places_remembered
from ckanext.cqgov.reindexing.showing import Shown

log = logging.getLogger(__name__)

Document = dict[str, Any]


class Gathering:
    """Stands in for the Solr connection while documents are made."""

    url = "gathering documents"

    def __init__(self) -> None:
        self.documents: list[Document] = []

    def add(self, docs: list[Document], **_options: Any) -> None:
        """Keep the documents."""
        self.documents.extend(docs)


class GatheringIndex(PackageSearchIndex):
    """CKAN's index of datasets, but for deletions: CKAN deletes a dataset that is deleted and not to be found."""

    def __init__(self) -> None:
        super().__init__()
        self.gone: list[str] = []

    def delete_package(self, pkg_dict: dict[str, Any]) -> None:
        """Remember whose document is to go."""
        self.gone.append(pkg_dict["id"])


def documents(
    shown: Mapping[str, Shown], failed: dict[str, Exception] | None = None
) -> tuple[list[Document], list[str]]:
    """Return the documents of datasets given as CKAN shows them, and the ids of those that are to have none.

    The datasets should be in the session, for CKAN asks it for each. Where a plugin fails, the exception goes into
    ``failed`` by the dataset's id and the others go on; without ``failed`` it is raised.
    """
    gathering, index = Gathering(), GatheringIndex()
    made = _index_package(gathering)
    owners = (default["owner_org"] for default, _custom in shown.values() if default.get("owner_org"))
    with places_remembered(owners), facts_remembered(shown):
        for id_, (default, custom) in shown.items():
            try:
                made(index, {**default, "with_custom_schema": custom}, True)
            except Exception as error:  # whatever a plugin's before_dataset_index may raise
                if failed is None:
                    raise
                log.exception("The dataset %s cannot be indexed", default.get("name"))
                failed[id_] = error
    return gathering.documents, index.gone


def _index_package(gathering: Gathering) -> Callable[..., None]:
    """Return CKAN's ``index_package`` for one batch: it gathers, and asks only once for each vocabulary and
    for the plugins."""
    core = PackageSearchIndex.index_package
    vocabulary = cache(lambda id_: logic.get_action("vocabulary_show")({}, {"id": id_}))

    def get_action(name: str) -> Callable[..., Any]:
        if name == "vocabulary_show":
            return lambda _context, data: vocabulary(data["id"])
        return logic.get_action(name)

    def dumps(value: Any, **options: Any) -> str:
        return json.dumps(value, **options, **LEAN)

    changed = {
        "make_connection": lambda: gathering,
        "PluginImplementations": cache(lambda interface: list(PluginImplementations(interface))),
        "logic": SimpleNamespace(get_action=get_action),
        "json": SimpleNamespace(dumps=dumps),  # as our before_dataset_index would write it anew
    }
    return FunctionType(
        core.__code__, {**core.__globals__, **changed}, core.__name__, core.__defaults__, core.__closure__
    )
