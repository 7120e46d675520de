"""What of a catalogue entry goes into the search index, and how plain words are searched.

CKAN's own index fields stay as they are; ours are the Chinese fields (overlapping pairs of characters) and filters
declared in ``config/solr/core/schema.xml``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from ckanext.cqgov.domain import typed
from ckanext.cqgov.domain.catalogue_fields import BOOL, FIELDS, ITEMS, LIST
from ckanext.cqgov.domain.catalogue_storage import restore
from ckanext.cqgov.domain.search import FIELDS_AND_WEIGHTS, TIE, chinese, parsed
from ckanext.cqgov.model import organization

STRUCTURED = tuple(key for key, field in FIELDS.items() if field.kind in (BOOL, LIST, ITEMS))
"""Keys whose stored form is JSON: never a value of a Solr string (32,766 bytes at most), nor words to be found."""

FILTERS = {
    "cqgov_opening_type": "opening_type",
    "cqgov_sharing_type": "sharing_type",
    "cqgov_update_cycle": "update_cycle",
    "cqgov_theme": "opening_theme",
    "cqgov_format_class": "format_class",
    "cqgov_region": "region",
    "cqgov_origin": "origin",
}


class CatalogueIndex:
    """``IPackageController`` of the index."""

    def before_dataset_index(self, pkg_dict):
        """Return the search document with our filters and Chinese fields, and without raw JSON."""
        return document(pkg_dict)

    def before_dataset_search(self, search_params):
        """Return the query with plain words searched over the Chinese fields; advanced queries pass as they are."""
        return searched(search_params)


def document(pkg_dict: dict[str, Any]) -> dict[str, Any]:
    """Return the Solr document of an entry (pure but for the organisation's place in the tree)."""
    raw = {key: pkg_dict.get(f"extras_{key}", pkg_dict.get(key)) for key in FIELDS}
    values = restore({key: value for key, value in raw.items() if value is not None})
    for key in STRUCTURED:
        pkg_dict.pop(key, None)
        pkg_dict.pop(f"extras_{key}", None)
    values.setdefault("origin", "compiled")
    for target, key in FILTERS.items():
        if values.get(key):
            pkg_dict[target] = values[key]
    items = values.get("items")
    named = [item.get("name") for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    pkg_dict["items_zh"] = [name for name in named if name]
    owner = pkg_dict.get("owner_org")
    if owner:
        place(pkg_dict, owner)
    pkg_dict.update(typed.fields(pkg_dict.get("title") or "", pkg_dict.get("org_zh", ())))
    return pkg_dict


def place(pkg_dict: dict[str, Any], owner: str) -> None:
    """Add the provider's names and its ancestors in the organisation tree."""
    aliases, line = _place_of(owner)
    title = _title(pkg_dict)
    pkg_dict["org_zh"] = list(dict.fromkeys(name for name in (title, *aliases) if name))
    pkg_dict["cqgov_org_ancestors"] = line


Place = tuple[tuple[str, ...], list[str]]
_places: ContextVar[dict[str, Place] | None] = ContextVar("cqgov_places", default=None)


@contextmanager
def places_remembered() -> Iterator[None]:
    """Ask for each organisation's place only once within the block: for whoever indexes many documents at a time."""
    token = _places.set({})
    try:
        yield
    finally:
        _places.reset(token)


def _place_of(owner: str) -> Place:
    """Return an organisation's further names, and its line from itself to the root of the tree."""
    known = _places.get()
    if known is not None and owner in known:
        return known[owner]
    found = organization.get(owner)
    place = (tuple(found.aliases) if found else (), list(dict.fromkeys([owner, *organization.ancestors(owner)])))
    if known is not None:
        known[owner] = place
    return place


def _title(pkg_dict: dict[str, Any]) -> str:
    """Return the provider's title from the stored dataset (CKAN has by now replaced the organisation by its name)."""
    stored = json.loads(pkg_dict.get("data_dict") or "{}")
    return (stored.get("organization") or {}).get("title") or ""


def searched(params: dict[str, Any]) -> dict[str, Any]:
    """Return search parameters with plain Chinese words in ``q`` turned into an edismax query over the Chinese fields.

    A query that names a field, uses Solr's syntax, has no Chinese in it or comes with its own parser or fields stays as it is.
    """
    query = params.get("q")
    if any(params.get(key) for key in ("defType", "qf", "mm")) or not chinese(query):
        return params
    found = parsed(query)
    edismax = {"defType": "edismax", "qf": FIELDS_AND_WEIGHTS, "mm": str(found.match), "tie": params.get("tie", TIE)}
    return {**params, "q": found.text, **edismax}
