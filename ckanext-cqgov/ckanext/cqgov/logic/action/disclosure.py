"""CKAN's lists that are read from the database and so tell of closed entries: their tags, formats, and who owns them.

Parameters, result keys and order are CKAN's; what stands only at entries that the caller may not see is left out.
"""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.cqgov.catalogue import access
from ckanext.cqgov.logic.chained import chained
from ckanext.cqgov.model import classified, resource_format, visibility

__all__ = ["format_autocomplete", "member_list", "tag_autocomplete", "tag_list", "tag_search", "tag_show"]


FORMATS = 5
"""How many formats CKAN returns of itself."""


@chained
def format_autocomplete(original: Any, context: Any, data_dict: Any) -> list[str]:
    """Return the matching formats of what the caller may see, by how often they are there."""
    original(context, data_dict)  # reads the parameters and asks whether the caller may
    limit = _number(data_dict, "limit")
    return resource_format.with_text(str(data_dict["q"]), FORMATS if limit is None else limit, access.viewer(context))


@chained
def tag_list(original: Any, context: Any, data_dict: Any) -> list[Any]:
    """Return the free tags of what the caller may see; a vocabulary's tags are the operator's own and stay."""
    found = original(context, data_dict)
    if data_dict.get("vocabulary_id"):
        return found
    return _kept(context, found)


@chained
def tag_autocomplete(original: Any, context: Any, data_dict: Any) -> list[str]:
    """Return the matching tags of what the caller may see."""
    if data_dict.get("vocabulary_id"):
        return original(context, data_dict)
    return _page(_kept(context, original(context, _whole(data_dict))), data_dict)


@chained
def tag_search(original: Any, context: Any, data_dict: Any) -> dict[str, Any]:
    """Return the matching tags of what the caller may see, and how many there are."""
    if data_dict.get("vocabulary_id"):
        return original(context, data_dict)
    kept = _kept(context, original(context, _whole(data_dict))["results"])
    return {"count": len(kept), "results": _page(kept, data_dict)}


@chained
def tag_show(original: Any, context: Any, data_dict: Any) -> dict[str, Any]:
    """Return a tag as CKAN does; one that stands only at entries that the caller may not see is not found."""
    try:
        shown = original(
            context, {**data_dict, "include_datasets": False}
        )  # which would ask the index, of a hidden one too
    except tk.ObjectNotFound:
        _kept(context, [str(data_dict.get("id"))])  # as many queries as for one that is there
        raise
    if not shown.get("vocabulary_id") and not _kept(context, [shown]):
        raise tk.ObjectNotFound  # as CKAN does for a tag that nobody wrote
    if tk.asbool(data_dict.get("include_datasets", False)):
        shown = original(context, data_dict)
        shown["packages"] = _present(context, shown["packages"])
    return shown


def _present(context: Any, packages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return those of the index's own copies of packages that the caller may see as they are: CKAN asks for them without labels."""
    viewer = access.viewer(context)
    if viewer.sysadmin:
        return packages
    seen = classified.seen({each["id"] for each in packages}, viewer)
    return [each for each in packages if each["id"] in seen and not seen[each["id"]].outdates(_opening_type(each))]


def _opening_type(package: dict[str, Any]) -> Any:
    extras = {each["key"]: each["value"] for each in package.get("extras") or ()}
    return package.get("opening_type") or extras.get("opening_type")


@chained
def member_list(original: Any, context: Any, data_dict: Any) -> list[Any]:
    """Return the members of a group without the packages that the caller may not see."""
    found = original(context, data_dict)
    ids = [key for key, kind, _capacity in found if kind == "package"]
    if not ids or context.get("ignore_auth"):
        return found
    seen = visibility.packages(ids, access.viewer(context))
    return [each for each in found if each[1] != "package" or each[0] in seen]


def _kept(context: Any, found: list[Any]) -> list[Any]:
    """Return those of the tags (names, or dictionaries with one) that the caller may know of."""
    if not found or context.get("ignore_auth"):
        return found
    names = [each["name"] if isinstance(each, dict) else each for each in found]
    seen = visibility.tags(names, access.viewer(context))
    return [each for each, name in zip(found, names, strict=True) if name in seen]


def _whole(data_dict: Any) -> dict[str, Any]:
    return {key: value for key, value in data_dict.items() if key not in ("limit", "offset")}


def _page(found: list[Any], data_dict: Any) -> list[Any]:
    """Return the part of the list that was asked for."""
    start, count = (_number(data_dict, key) for key in ("offset", "limit"))
    return found[start or 0 :][: count if count is not None else None]


def _number(data_dict: Any, key: str) -> int | None:
    value = data_dict.get(key)
    try:
        number = None if value in (None, "") else int(value)
    except (TypeError, ValueError, OverflowError):
        number = -1
    if number is not None and number < 0:
        raise tk.ValidationError({key: [tk._("Must be a natural number")]})
    return number
