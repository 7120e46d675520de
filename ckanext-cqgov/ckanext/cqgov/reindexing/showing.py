"""Many datasets as ``package_show`` gives them, with CKAN's default schema and with ours.

CKAN's validators take several milliseconds to find a stored dataset as it should be. What they do to one is known, so it is
done here directly; and because a release or another plugin may change it, the first dataset of every shape (which keys
it has) is shown both ways. Where they differ, all of that shape go CKAN's way.
"""

from __future__ import annotations

import logging
import marshal
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import ckan.lib.plugins as lib_plugins
import ckan.model as model
import ckan.plugins as plugins
import ckan.plugins.toolkit as tk
from ckan.logic.schema import default_show_package_schema

from ckanext.cqgov.catalogue.form import CatalogueForm, typed
from ckanext.cqgov.reindexing.reading import Dictized, dictized, surroundings

log = logging.getLogger(__name__)

Shown = tuple[Dictized, Dictized]  # with CKAN's default schema, and with ours

DROPPED_WHEN_NONE = ("state", "isopen", "license_url", "type")
SEVERALLY = 2  # the form of marshal in which what stands in two places becomes two things
GROUP = ("id", "name", "title", "description", "display_name", "image_display_url")
RESOURCE_DROPPED_WHEN_NONE = ("url", "format", "hash", "created", "datastore_active")


class Hooks:
    """The plugins that ``package_show`` calls, looked up once for many datasets."""

    def __init__(self) -> None:
        self.packages = list(plugins.PluginImplementations(plugins.IPackageController))
        self.resources = list(plugins.PluginImplementations(plugins.IResourceController))


@dataclass
class Showing:
    """One run of showing datasets: what it has learnt of the shapes it met, and the datasets it could not show."""

    user: str = ""  # whom the hooks see; CKAN's own rebuilding names nobody
    known: dict[Any, bool] = field(default_factory=dict)  # shape -> whether the quick way does what CKAN does
    failed: dict[str, Exception] = field(default_factory=dict)

    def shown(self, packages: Iterable[model.Package]) -> dict[str, Shown]:
        """Return ``{id: (default, custom)}`` for datasets of the session; those that fail are in ``failed`` instead."""
        packages = list(packages)
        around, hooks, found = surroundings(packages), Hooks(), {}
        for package in packages:
            try:
                found[package.id] = self._one(package, dictized(package, around), hooks)
            except Exception as error:  # whatever a plugin's hook may raise; the others go on
                log.exception("The dataset %s cannot be shown", package.name)
                self.failed[package.id] = error
        return found

    def all(self, packages: Iterable[model.Package]) -> dict[str, Shown]:
        """Return what ``shown`` returns, but raise what any dataset fails with."""
        found = self.shown(packages)
        for error in self.failed.values():
            raise error
        return found

    def _one(self, package: model.Package, data: Dictized, hooks: Hooks) -> Shown:
        """Return one dataset, with every hook that ``package_show`` calls."""
        for plugin in hooks.packages:
            plugin.read(package)
        for plugin in hooks.resources:
            for resource in data["resources"]:
                plugin.before_resource_show(resource)
        form = lib_plugins.lookup_package_plugin(data["type"])
        shape = self._shape(form, data)
        if shape is not None and shape not in self.known:
            self.known[shape] = self._agrees(package, form, data)
        default, custom = (
            _quickly(data) if shape is not None and self.known[shape] else self._validated(package, form, data)
        )
        context = self._context(package)
        for plugin in hooks.packages:
            plugin.after_dataset_show(context, custom)
        return default, custom

    def _context(self, package: model.Package) -> dict[str, Any]:
        """Return what ``package_show`` hands to hooks and validators while CKAN indexes."""
        named = {"user": self.user} if self.user else {}
        base = {"session": model.Session, "model": model, "ignore_auth": True, "use_cache": False, "validate": False}
        return {**named, **base, "package": package}

    def _shape(self, form: Any, data: Dictized) -> Any:
        """Return what decides how the validators treat a dataset; ``None`` where that is left to them."""
        if data["relationships_as_subject"] or data["relationships_as_object"]:
            return None
        if not isinstance(form, CatalogueForm) or not data.get("title"):
            return None
        resources = {(_present(each), each.get("url_type")) for each in data["resources"]}
        return (
            type(form),
            data["type"],
            data["state"],
            _present(data),
            frozenset(resources),
            frozenset(_present(each) for each in data["groups"]),
            bool(data["extras"]),
            bool(data["tags"]),
        )

    def _agrees(self, package: model.Package, form: Any, data: Dictized) -> bool:
        """Say whether the quick way gives what CKAN's validators give for this dataset."""
        wanted = self._validated(package, form, _copied(data))
        agrees = _quickly(_copied(data)) == wanted
        if not agrees:
            log.warning("Datasets like %s are indexed by CKAN's slower way: another plugin changes them", package.name)
        return agrees

    def _validated(self, package: model.Package, form: Any, data: Dictized) -> Shown:
        """Return a dataset as CKAN's validators leave it, with the default schema and with the form's."""
        context, schema = self._context(package), default_show_package_schema()
        default, _errors = lib_plugins.plugin_validate(object(), context, data, schema, "package_show")
        own = form.show_package_schema()
        if own == schema:
            return default, default
        custom, _errors = lib_plugins.plugin_validate(form, context, data, own, "package_show")
        return default, custom


def _present(values: Dictized) -> frozenset[str]:
    """Return the keys that have a value."""
    return frozenset(key for key, value in values.items() if value is not None)


def _quickly(data: Dictized) -> Shown:
    """Return a dataset as the validators leave a sound one with our form."""
    default = {key: value for key, value in data.items() if value is not None or key not in DROPPED_WHEN_NONE}
    default["groups"] = [{key: each[key] for key in GROUP if each.get(key) is not None} for each in data["groups"]]
    default["resources"] = [_resource(each) for each in data["resources"]]
    return default, typed(_copied(default))


def _copied(value: Any) -> Any:
    """Return a copy of what JSON can hold; a hook that changes a dataset must not change its other form."""
    try:
        return marshal.loads(marshal.dumps(value, SEVERALLY))
    except ValueError:  # it holds what only another program knows
        return _copied_by_hand(value)


def _copied_by_hand(value: Any) -> Any:
    """Return ``_copied`` for lists and dictionaries that hold any other thing."""
    if isinstance(value, dict):
        return {key: _copied_by_hand(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_copied_by_hand(each) for each in value]
    return value


def _resource(data: Dictized) -> Dictized:
    """Return a resource as the validators leave it."""
    shown = {key: value for key, value in data.items() if value is not None or key not in RESOURCE_DROPPED_WHEN_NONE}
    if shown.get("url"):
        shown["url"] = shown["url"].strip()
    if shown.get("format"):
        shown["format"] = tk.h.unified_resource_format(shown["format"])
    return shown
