"""What an activity may keep of an entry that was open and is no longer: that it happened, not where the data were (Art. 22).

CKAN's activities hold the whole dataset as it was at the time. Of each resource only what the catalogue still says stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ckanext.cqgov.domain.vault import URL_TYPE

KEPT = (
    "id",
    "package_id",
    "name",
    "description",
    "format",
    "position",
    "state",
    "created",
    "last_modified",
    "metadata_modified",
    "resource_type",
    "url_type",
)
"""Keys of a resource that tell neither where its data are nor what is in them."""

TELLING = ("url", "cache_url", "original_url", "ckan_url", "download_url")
"""Keys of a resource under which an address may stand."""

Page = Callable[[str], str]
"""Returns the address of a resource's page on the portal, from the resource's id."""


def resources(data: Any) -> Iterator[Mapping[str, Any]]:
    """Yield every resource that an activity's data hold, as they were written."""
    package = data.get("package") if isinstance(data, Mapping) else None
    found = package.get("resources") if isinstance(package, Mapping) else None
    yield from (each for each in found or () if isinstance(each, Mapping))
    alone = data.get("resource") if isinstance(data, Mapping) else None
    if isinstance(alone, Mapping):
        yield alone


def addresses(data: Any, page: Page) -> frozenset[str]:
    """Return the addresses in an activity's data that are not the resource's own page."""
    return frozenset(
        value
        for each in resources(data)
        for key in TELLING
        if isinstance(value := each.get(key), str) and "://" in value and value != page(str(each.get("id")))
    )


def cleaned(data: Mapping[str, Any], page: Page) -> dict[str, Any]:
    """Return an activity's data without what its resources told, and without their addresses wherever else they stand."""
    kept: dict[str, Any] = dict(data)
    if isinstance(data.get("package"), Mapping):
        package = kept["package"] = dict(data["package"])
        if isinstance(package.get("resources"), list):
            package["resources"] = [_kept(each, page) for each in package["resources"]]
    if isinstance(data.get("resource"), Mapping):
        kept["resource"] = _kept(data["resource"], page)
    return _without(kept, sorted(addresses(data, page), key=len, reverse=True))


def is_clean(data: Mapping[str, Any], page: Page) -> bool:
    """Say whether ``cleaned`` would change nothing."""
    return cleaned(data, page) == dict(data)


def _kept(resource: Any, page: Page) -> Any:
    if not isinstance(resource, Mapping):
        return None
    kept = {key: value for key, value in resource.items() if key in KEPT or value in (None, "", False, [], {})}
    if resource.get("url"):
        kept |= {"url": page(str(resource.get("id"))), "url_type": URL_TYPE}
    return kept


def _without(value: Any, gone: list[str]) -> Any:
    if not gone:
        return value
    if isinstance(value, str):
        for each in gone:
            value = value.replace(each, "")
        return value
    if isinstance(value, Mapping):
        return {key: _without(each, gone) for key, each in value.items()}
    return [_without(each, gone) for each in value] if isinstance(value, list) else value
