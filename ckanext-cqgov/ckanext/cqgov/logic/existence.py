"""What somebody may not see does not exist for them: the same answer, made the same way, as for a name that nobody bears (Art. 22).

Before an action or an auth function of ``REFERENCES`` runs, the datasets that its parameters name are looked up. The name of one
that the asker sees nothing of is replaced by one that nobody bears, so that CKAN itself says what it says of such a name: the
same status, message and order of checks. The queries are the same too, so that the time taken tells no more than the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, NamedTuple
from uuid import uuid4

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.cqgov.catalogue import access
from ckanext.cqgov.domain.access import ANONYMOUS, Level
from ckanext.cqgov.logic import asking, passed_on
from ckanext.cqgov.model import dataset, visibility


class Reference(NamedTuple):
    """A parameter that names a dataset, or something of one.

    ``key`` is a path (``match.id``); ``instead`` is read where there is nothing at ``key``.
    """

    key: str
    kind: str
    instead: str | None = None


PACKAGE, RESOURCE, VIEW, ACTIVITY, FILE = "package", "resource", "view", "activity", "file"


def _named(kind: str, *names: str, key: str = "id") -> dict[str, tuple[Reference, ...]]:
    return dict.fromkeys(names, (Reference(key, kind),))


REFERENCES: Mapping[str, tuple[Reference, ...]] = {
    "package_show": (Reference("id", PACKAGE, "name_or_id"),),
    "package_update": (Reference("id", PACKAGE, "name"),),
    "package_revise": tuple(
        Reference(key, PACKAGE) for key in ("match__id", "match.id", "match__name", "match.name", "update.id")
    ),
    **_named(
        PACKAGE,
        *("package_patch", "package_delete", "dataset_purge", "package_resource_reorder", "package_change_state"),
        *("package_owner_org_update", "package_collaborator_list", "package_collaborator_create"),
        *("package_collaborator_delete", "follow_dataset", "unfollow_dataset", "am_following_dataset"),
        *("dataset_follower_list", "dataset_follower_count", "package_activity_list"),
        *("cqgov_dataset_check", "cqgov_dataset_release", "cqgov_dataset_retract"),
        *("cqgov_reclassification_show", "cqgov_reclassification_resume"),
    ),
    "package_relationships_list": (Reference("id", PACKAGE), Reference("id2", PACKAGE)),
    **dict.fromkeys(
        ("package_relationship_create", "package_relationship_update", "package_relationship_delete"),
        (Reference("subject", PACKAGE), Reference("object", PACKAGE)),
    ),
    "package_create_default_resource_views": (Reference("package.id", PACKAGE),),
    **_named(PACKAGE, "member_create", "member_delete", key="object"),
    **_named(PACKAGE, "cqgov_grant_create", "cqgov_grant_list", key="dataset_id"),
    "cqgov_data_search": (Reference("resource_id", RESOURCE, "id"),),
    "resource_create": (Reference("package_id", PACKAGE), Reference("id", RESOURCE)),
    **_named(RESOURCE, "resource_show", "resource_update", "resource_patch", "resource_delete", "resource_view_list"),
    **_named(RESOURCE, "resource_view_create", key="resource_id"),
    **_named(RESOURCE, "cqgov_download_link", "cqgov_resource_address"),
    "resource_view_reorder": (Reference("id", RESOURCE), Reference("resource_id", RESOURCE)),
    "resource_create_default_resource_views": (Reference("resource.id", RESOURCE), Reference("package.id", PACKAGE)),
    **_named(VIEW, "resource_view_show", "resource_view_delete"),
    "resource_view_update": (Reference("id", VIEW), Reference("resource_id", RESOURCE)),
    **_named(ACTIVITY, "activity_show", "activity_data_show", "activity_diff"),
    **_named(
        FILE,
        *("file_show", "file_delete", "file_rename", "file_pin", "file_unpin", "file_ownership_transfer"),
        *("permission_read_file", "permission_download_file"),
    ),
}
"""Action or auth function -> what of its parameters names a dataset. A name that a plugin does not offer is passed over."""

OTHER_KINDS = {"member_create": "object_type", "member_delete": "object_type"}
"""Where the parameter may name something else: the parameter that says ``package`` when it names a dataset."""

EXPECTING = ("package_collaborator_create", "package_collaborator_delete", "package_collaborator_list")
"""What of CKAN's takes for granted that the dataset is there, and ends in an error of the server when it is not."""


def actions(parts: Mapping[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """Return the actions ``parts`` and those of CKAN and its activity plugin that name datasets, each behind the guard."""
    return _guarded(parts, passed_on.action, _behind_guard)


def auth_functions(parts: Mapping[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """Return the auth functions ``parts`` and those of CKAN and its activity plugin that name datasets, each behind the guard."""
    return _guarded(parts, passed_on.auth, _asked_or_looked)


def _guarded(parts: Mapping[str, Any], chained: Callable[[str], Any], guard: Callable[..., Any]) -> dict[str, Any]:
    found = dict(parts)
    for name in REFERENCES:
        function = parts.get(name) or chained(name)
        if function is not None:
            found[name] = guard(name, function)
    return found


class Missing(dict):
    """An auth function's answer about what does not exist for the asker.

    ``check_access`` takes ``["success"]`` and gets the error that it gets for a name that nobody bears; who only looks
    (``is_authorized_boolean``, to leave out of a list of CKAN's what the asker may not see) gets a no.
    """

    def __init__(self, error: Exception) -> None:
        super().__init__(success=False)
        self.error = error

    def __getitem__(self, key: str) -> Any:
        """Return what CKAN asks for; raises ``ObjectNotFound`` for ``success``."""
        if key == "success":
            raise self.error
        return super().__getitem__(key)


def _asked_or_looked(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    guarded = _behind_guard(name, function)

    @wraps(function)
    def answered(*args: Any) -> Any:
        try:
            return guarded(*args)
        except tk.ObjectNotFound as error:
            return Missing(error)

    return answered


def _behind_guard(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def guarded(*args: Any) -> Any:
        *original, context, data = args
        given, replaced, held = stood_in(name, context, data)
        try:
            return function(*original, context, given)
        except tk.ObjectNotFound as error:
            raise tk.ObjectNotFound(_as_asked(error.message, replaced)) from None
        except tk.ValidationError as error:
            error.error_dict = _as_asked(error.error_dict, replaced)
            raise
        finally:
            held.clear()  # until here the session finds them again without asking

    return guarded


def _as_asked(said: Any, replaced: Mapping[str, str]) -> Any:
    """Return what an error says, with the names that were asked for."""
    if isinstance(said, dict):
        return {key: _as_asked(value, replaced) for key, value in said.items()}
    if isinstance(said, list):
        return [_as_asked(each, replaced) for each in said]
    for stand_in, asked in replaced.items():
        said = said.replace(stand_in, asked) if isinstance(said, str) else said
    return said


def stood_in(name: str, context: Any, data: Any) -> tuple[Any, dict[str, str], list[Any]]:
    """Return the parameters as CKAN is to get them, the names put in with those asked for, and what was looked up."""
    replaced: dict[str, str] = {}
    held: list[Any] = []
    if context.get("ignore_auth") or not isinstance(data, dict):
        return data, replaced, held
    other = OTHER_KINDS.get(name)
    if other and data.get(other) != PACKAGE:
        return data, replaced, held
    user = asking.user(context)
    if user is not None and user.sysadmin:
        return data, replaced, held
    for reference in REFERENCES[name]:
        key = reference.key
        asked = _at(data, key)
        if not asked and reference.instead:
            asked = _at(data, reference.instead)
        if not isinstance(asked, str) or not asked:
            continue
        package = LOOKED_UP[reference.kind](asked, held)
        if package is None:
            _as_if_found(context, asked)
        elif access.level(context, package) is Level.NONE:
            _also_by_name(asked, held)
            _forgotten(held)
            stand_in = str(uuid4())
            replaced[stand_in] = asked
            data, package = _with(data, key, stand_in), None
        elif reference.kind == PACKAGE and key == "id" and _at(data, key):
            data = _with(data, key, package.id)  # known by its id, it is not asked for again
        if package is None and name in EXPECTING:
            raise tk.ObjectNotFound(tk._("Dataset not found"))
    return data, replaced, held


def _at(data: Any, path: str) -> Any:
    for key in path.split("."):
        data = data.get(key) if isinstance(data, dict) else None
    return data


def _with(data: dict[str, Any], path: str, value: str) -> dict[str, Any]:
    key, _, rest = path.partition(".")
    return {**data, key: _with(data[key], rest, value) if rest else value}


def _package(reference: str, held: list[Any]) -> Any:
    held.append(model.Package.get(reference))
    return held[-1]


def _resource(reference: str, held: list[Any]) -> Any:
    resource = model.Resource.get(reference)
    held += [resource, model.Session.get(model.Package, resource.package_id if resource is not None else reference)]
    return held[-1] if resource is not None else None


def _view(reference: str, held: list[Any]) -> Any:
    view = model.ResourceView.get(reference)
    resource = model.Session.get(model.Resource, view.resource_id if view is not None else reference)
    package = model.Session.get(model.Package, resource.package_id if resource is not None else reference)
    held += [view, resource, package]
    return package if resource is not None and view is not None else None


def _activity(reference: str, held: list[Any]) -> Any:
    from ckanext.activity.model import Activity

    activity = model.Session.get(Activity, reference)
    about = activity is not None and "package" in (activity.activity_type or "")
    package = model.Session.get(model.Package, activity.object_id if activity is not None else reference)
    held += [activity, package]
    return package if about else None


def _file(reference: str, held: list[Any]) -> Any:
    file = model.Session.get(model.File, reference)
    owner = file.owner if file is not None else None
    kind, key = (owner.owner_type, owner.owner_id) if owner is not None else ("", reference)
    resource = model.Session.get(model.Resource, key)
    package = model.Session.get(model.Package, resource.package_id if resource is not None else key)
    held += [file, resource, package]
    return package if kind in (PACKAGE, RESOURCE) else None


LOOKED_UP: Mapping[str, Callable[[str, list[Any]], Any]] = {
    PACKAGE: _package,
    RESOURCE: _resource,
    VIEW: _view,
    ACTIVITY: _activity,
    FILE: _file,
}


def _also_by_name(reference: str, held: list[Any]) -> None:
    """Ask for the name too where ``reference`` was found as an id: for one that nobody bears both are asked."""
    found = next((each for each in held if each is not None and each.id == reference), None)
    if isinstance(found, model.Package | model.Resource):
        type(found).by_name(reference)


def _forgotten(held: list[Any]) -> None:
    """Have the session forget what was looked up, so that it is asked for again as often as what is not there."""
    for each in held:
        if each is not None and each in model.Session and each not in model.Session.dirty:
            model.Session.expunge(each)
    held.clear()


def _as_if_found(context: Any, reference: str) -> None:
    """Ask what is asked of a dataset that is there: who looks, and whether it is released, and where it belongs."""
    if access.viewer(context) != ANONYMOUS:
        dataset.released([reference])
        visibility.areas.get()
