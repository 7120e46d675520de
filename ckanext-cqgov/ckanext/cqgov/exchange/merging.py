"""What an entry will be once the file's word is laid over what is stored: fields the file does not speak of stay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ckanext.cqgov.domain.catalogue_entry import Core
from ckanext.cqgov.domain.catalogue_fields import FIELDS, ITEM_FIELDS
from ckanext.cqgov.domain.exchange import Entry, Identity
from ckanext.cqgov.exchange.existing import Existing

ITEM_FLAGS = tuple(each.key for each in ITEM_FIELDS if each.key not in ("name", "type", "length"))


@dataclass(frozen=True)
class Wishes:
    """What the caller wants done with the entries: whose they are, and whether they become public or drafts."""

    organization_id: str | None = None
    publish: bool = False
    draft: bool = False


def further(entry: Entry, key: Identity) -> Identity | None:
    """Return a second key by which an entry with a code may be known: a listing that has been given a code since."""
    if key.kind != "code" or not entry.values.get("source_key"):
        return None
    return Identity("source", entry.values.get("source_portal") or "", entry.values["source_key"])


def raw_over(values: Mapping[str, Any], covered: Iterable[str], existing: Existing | None) -> dict[str, Any]:
    """Return our keys as they are to be judged: the file's over what is stored."""
    given = {key: values[key] for key in values if key in FIELDS}
    if existing is None:
        return given
    told = {key: values.get(key) for key in covered if key in FIELDS}
    if "items" in told:
        told["items"] = _with_flags(told["items"] or [], existing.values.get("items") or [])
    return {**existing.values, **told}


def _with_flags(items: list[dict[str, Any]], stored: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return items that keep the stored marks (key, personal, base) of items of the same name, where the file has none."""
    if any(flag in item for item in items for flag in ITEM_FLAGS):
        return items
    known = {item.get("name"): item for item in stored}
    return [{**{flag: known.get(item["name"], {}).get(flag) for flag in ITEM_FLAGS}, **item} for item in items]


def core_over(
    values: Mapping[str, Any], covered: Iterable[str], existing: Existing | None, owner: str, wishes: Wishes
) -> Core:
    """Return what CKAN will say of the entry after the write."""
    asked = False if wishes.publish else None
    tags = tuple(tag["name"] for tag in values.get("tags") or ())
    if existing is None:
        state = "draft" if wishes.draft else "active"
        return Core(
            title=values.get("title"), notes=values.get("notes"), owner_org=owner, tags=tags, state=state, asked=asked
        )
    return Core(
        title=values.get("title") if "title" in covered else existing.title,
        notes=values.get("notes") if "notes" in covered else existing.notes,
        owner_org=owner,
        tags=tags if "tags" in covered else existing.tags,
        license_id=existing.license_id,
        url=existing.url,
        state=existing.state,
        asked=asked,
        resources=existing.resources,
    )
