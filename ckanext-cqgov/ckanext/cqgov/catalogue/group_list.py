"""CKAN's lists of organisations and groups: ordered by what whoever asks may see, and listed also while the search is away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.lib.search import SearchError, SolrConnectionError

from ckanext.cqgov.catalogue import access
from ckanext.cqgov.model import visibility

NAMES, WHOLE = "ckan.group_and_organization_list_max", "ckan.group_and_organization_list_all_fields_max"
"""Settings of CKAN: how many names, and how many whole organisations, a list has at most."""

BY_NUMBER = ("packages", "package_count")
INCLUDED = (
    "include_extras",
    "include_users",
    "include_groups",
    "include_followers",
    "include_tags",
    "include_member_count",
)
"""What a list may be asked to tell of each organisation or group, and tells only then."""

List = Callable[[Any, dict[str, Any]], list[Any]]
ORGANIZATION = "organization_show"


def listed(core: List, show: str, context: Any, data_dict: dict[str, Any]) -> list[Any]:
    """Return organisations or groups as CKAN's list ``core`` does; ``show`` is the action that tells of one.

    Ordered by the number of their datasets, those count that whoever asks may see: CKAN's own order counts every active dataset
    and leaves out who has none, so that it tells of closed ones (Art. 22). While Solr is away each is told of by itself.
    Raises what ``core`` raises.
    """
    tk.check_access(
        f"{show.removesuffix('_show')}_list", context, data_dict
    )  # where nothing is to be listed CKAN is not asked
    given = dict(data_dict)  # CKAN writes into it
    order = str(given.get("sort") or given.get("order_by") or tk.config["ckan.default_group_sort"]).split()
    if order and order[0] in BY_NUMBER:  # whatever follows: CKAN reads the first two words and no more
        return _by_number(core, show, context, given, ascending=[each.lower() for each in order[1:2]] == ["asc"])
    return _told(core, show, context, given)


def _told(core: List, show: str, context: Any, given: dict[str, Any]) -> list[Any]:
    try:
        return core({**context}, dict(given))
    except (SearchError, SolrConnectionError):
        if not tk.asbool(given.get("all_fields", False)):
            raise
    most = tk.config[WHOLE]
    found = core({**context}, {**given, "all_fields": False, "limit": min(_number(given.get("limit"), most), most)})
    told = {key: given.get(key, False) for key in INCLUDED}
    wanted = {"include_dataset_count": given.get("include_dataset_count", True), "include_datasets": False}
    return [tk.get_action(show)(tk.fresh_context(context), {"id": each, **told, **wanted}) for each in found]


def _by_number(core: List, show: str, context: Any, given: dict[str, Any], *, ascending: bool) -> list[Any]:
    """Return the list with most datasets first, or last; without those that have none, as CKAN's."""
    plain = {key: value for key, value in given.items() if key not in ("order_by", "limit", "offset")}
    plain["sort"] = "name asc"
    only = "organizations" if show == ORGANIZATION else "groups"  # what CKAN calls the names that a list is limited to
    counts = visibility.counts(access.viewer(context), organizations=show == ORGANIZATION)
    group = model.group_table
    query = sa.select(group.c.name, group.c.id).where(group.c.id.in_(list(counts)))
    numbers = {name: counts[id_] for name, id_ in model.Session.execute(query)}
    asked = _asked(given.get(only), numbers)
    names: list[str] = []
    for start in range(0, len(asked), tk.config[NAMES]):
        part = asked[start : start + tk.config[NAMES]]
        names += core({**context}, {**plain, only: part, "all_fields": False, "limit": len(part)})
    names.sort(key=lambda name: (numbers.get(name, 0) * (1 if ascending else -1), name))
    whole = tk.asbool(given.get("all_fields", False))
    most, first = tk.config[WHOLE if whole else NAMES], _number(given.get("offset"), 0)
    names = names[first : first + min(_number(given.get("limit"), most), most)]
    if not whole or not names:
        return names
    found = _told(core, show, context, {**plain, only: names, "limit": len(names)})
    return sorted(found, key=lambda each: names.index(each["name"]))


def _asked(wanted: Any, numbers: dict[str, int]) -> list[str]:
    """Return the names that are to be listed: those with datasets, of them only the ``wanted`` ones, if any are named."""
    if not wanted:
        return sorted(numbers)
    names = wanted if isinstance(wanted, list) else str(wanted).split(",")
    return sorted(set(map(str, names)) & set(numbers))


def _number(value: Any, default: int) -> int:
    """Return a limit or an offset; what is no number is CKAN's to refuse."""
    try:
        return default if value in (None, "") else max(int(value), 0)
    except (TypeError, ValueError):
        raise tk.ValidationError({"limit": [tk._("Must be a natural number")]}) from None
