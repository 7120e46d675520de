"""What of a catalogue entry goes into the search index.

CKAN's own index fields stay as they are; ours are the Chinese fields (overlapping pairs of characters) and filters
declared in ``config/solr/core/schema.xml``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from typing import Any, NamedTuple

from ckanext.cqgov.catalogue.search_plan import searched
from ckanext.cqgov.domain import search_alike, typed
from ckanext.cqgov.domain.catalogue_fields import BOOL, FIELDS, ITEMS, LIST, TEXT
from ckanext.cqgov.domain.catalogue_storage import restore
from ckanext.cqgov.domain.search_freshness import DUE, due_on
from ckanext.cqgov.domain.search_reading import exact_title
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

UNSAID = ("source_url", "source_key", "source_id", "contact_phone", "contact_email")
"""Texts that are addresses and keys: nobody finds an entry by a part of them."""

SAID = tuple(key for key, field in FIELDS.items() if field.kind == TEXT and key not in UNSAID)


class CatalogueIndex:
    """``IPackageController`` of the index."""

    def before_dataset_index(self, pkg_dict):
        """Return the search document with our filters and Chinese fields, and without raw JSON."""
        return document(pkg_dict)

    def before_dataset_search(self, search_params):
        """Return the search with our plan for plain words; advanced queries pass as they are."""
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
    changed = _changed_on(values, pkg_dict)
    if changed is not None:
        pkg_dict["cqgov_changed_on"] = _midnight(changed)
        due = due_on(values.get("update_cycle"), changed)
        if due is not None:
            pkg_dict[DUE] = _midnight(due)
    title = pkg_dict.get("title") or ""
    pkg_dict["title_exact"] = exact_title(title)
    pkg_dict["cqgov_alike"] = search_alike.key(owner, title)
    pkg_dict["text_zh"] = said(pkg_dict, values)
    pkg_dict.update(typed.fields(pkg_dict.get("title") or "", pkg_dict.get("org_zh", ())))
    for key in ("data_dict", "validated_data_dict"):
        if key in pkg_dict:
            pkg_dict[key] = lean(pkg_dict[key])
    return pkg_dict


LEAN: dict[str, Any] = {"ensure_ascii": False, "separators": (",", ":")}


def lean(text: str) -> str:
    """Return the same JSON with its characters as themselves, and no blanks.

    CKAN writes six letters for each Chinese character; Solr keeps them, and sends them escaped once more with every result.
    """
    if not text.isascii():
        return text  # whoever indexes many at a time writes it so at once
    return json.dumps(json.loads(text), **LEAN)


def said(pkg_dict: dict[str, Any], values: dict[str, Any]) -> list[str]:
    """Return what an entry says beside its title, abstract, items and provider: tags, resources, texts of any extra."""
    texts: list[Any] = [pkg_dict.get("name"), *(pkg_dict.get("tags") or ())]
    texts += [values.get(key) for key in SAID]
    texts += [value for key, value in pkg_dict.items() if key.startswith("extras_") and key[7:] not in FIELDS]
    texts += [text for key in ("res_name", "res_description", "res_format") for text in pkg_dict.get(key) or ()]
    texts += [pkg_dict.get("author"), pkg_dict.get("maintainer")]
    return list(dict.fromkeys(text for text in texts if isinstance(text, str) and text))


def _changed_on(values: dict[str, Any], pkg_dict: dict[str, Any]) -> date | None:
    """Return the day on which the content last changed: as stated, else of publication, else of the entry's edit."""
    for written in (values.get("updated_on"), values.get("published_on"), pkg_dict.get("metadata_modified")):
        try:
            return date.fromisoformat(str(written)[:10])
        except ValueError:
            continue
    return None


def _midnight(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def place(pkg_dict: dict[str, Any], owner: str) -> None:
    """Add the provider's names and its ancestors in the organisation tree."""
    found = _place_of(owner)
    pkg_dict["org_zh"] = list(found.titles)
    pkg_dict["cqgov_org_ancestors"] = list(found.line)
    pkg_dict["cqgov_provider"] = list(found.names)


class Place(NamedTuple):
    """An organisation's title and aliases, and its line from itself to the root of the tree by id and by name."""

    titles: tuple[str, ...]
    line: tuple[str, ...]
    names: tuple[str, ...]


_places: ContextVar[dict[str, Place] | None] = ContextVar("cqgov_places", default=None)


@contextmanager
def places_remembered(owners: Iterable[str] = ()) -> Iterator[None]:
    """Ask for each organisation's place only once within the block, and for all of ``owners`` at once: for whoever
    indexes many documents at a time."""
    token = _places.set(_places_of(set(owners)))
    try:
        yield
    finally:
        _places.reset(token)


def _place_of(owner: str) -> Place:
    known = _places.get()
    if known is None:
        return _places_of({owner})[owner]
    if owner not in known:
        known.update(_places_of({owner}))
    return known[owner]


def _places_of(owners: set[str]) -> dict[str, Place]:
    """Return the places of organisations by id; two queries however many there are."""
    if not owners:
        return {}
    lines = {owner: tuple(dict.fromkeys([owner, *line])) for owner, line in organization.ancestors_many(owners).items()}
    found = organization.by_id({each for line in lines.values() for each in line})
    places = {}
    for owner, line in lines.items():
        titles = (found[owner].title, *found[owner].aliases) if owner in found else ()
        names = tuple(found[each].name for each in line if each in found)
        places[owner] = Place(tuple(dict.fromkeys(filter(None, titles))), line, names)
    return places
