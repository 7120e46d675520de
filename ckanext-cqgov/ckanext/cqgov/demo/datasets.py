"""Demo datasets: invented entries, and real files that can be previewed as tables."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import ckan.model as model
import ckan.plugins as p
import ckan.plugins.toolkit as tk
from werkzeug.datastructures import FileStorage

from ckanext.cqgov.demo import city
from ckanext.cqgov.domain.vault import URL_TYPE
from ckanext.cqgov.tabular import read_table
from ckanext.cqgov.tabular.datastore import store

VIEW = "datatables_view"
LISTED = ("unconditional", "conditional")  # opening types whose complete entries may be public

Say = Callable[[str], None]
Context = Callable[[], dict[str, Any]]


def load(datasets: Iterable[Mapping[str, Any]], context: Context, say: Say) -> int:
    """Make what is missing of ``datasets``: entry, files, tables, views; return how many things were made.

    Each step is its own transaction, so a run that was cut short is taken up where it ended. A dataset that somebody
    deleted stays deleted.
    """
    made = 0
    for wanted in datasets:
        found = model.Package.get(wanted["name"])
        if found is not None and found.state == model.State.DELETED:
            say(f"{wanted['title']}：已被删除，不再创建 / was deleted: left so")
            continue
        if found is None:
            tk.get_action("package_create")(context(), _entry(wanted))
            made += 1
        if wanted.get("resources"):
            made += _files(wanted, context)
    return made


def _entry(wanted: Mapping[str, Any]) -> dict[str, Any]:
    entry = {key: value for key, value in wanted.items() if key not in ("resources", "tags")}
    entry["tags"] = [{"name": tag} for tag in wanted.get("tags", [])]
    entry["private"] = wanted.get("opening_type") not in LISTED
    return entry


def _files(wanted: Mapping[str, Any], context: Context) -> int:
    made = 0
    package = tk.get_action("package_show")(context(), {"id": wanted["name"]})
    there = {resource["name"]: resource for resource in package["resources"]}
    for file in wanted["resources"]:
        resource = there.get(file["name"])
        if resource is None:
            resource = _link(package["id"], file, context) if "url" in file else _upload(package["id"], file, context)
            made += 1
        if resource.get("url_type") != URL_TYPE:  # what is not open has no table and no preview
            made += _preview(resource, file, context)
    return made


def _link(package_id: str, link: Mapping[str, Any], context: Context) -> dict[str, Any]:
    return tk.get_action("resource_create")(context(), {"package_id": package_id, **link})


def _upload(package_id: str, file: Mapping[str, Any], context: Context) -> dict[str, Any]:
    upload = FileStorage(stream=io.BytesIO(city.content(file)), filename=file["original_name"])
    return tk.get_action("resource_create")(
        context(),
        {
            "package_id": package_id,
            "name": file["name"],
            "description": file["description"],
            "format": "CSV",
            "upload": upload,
        },
    )


def _preview(resource: Mapping[str, Any], file: Mapping[str, Any], context: Context) -> int:
    """Put the file's table into the DataStore and give it a view; nothing where the portal has no DataStore."""
    if not p.plugin_loaded("datastore"):
        return 0
    made = 0
    if not resource.get("datastore_active"):
        store(context(), resource["id"], read_table(city.content(file), file["file"]))
        made += 1
    if p.plugin_loaded(VIEW):
        views = tk.get_action("resource_view_list")(context(), {"id": resource["id"]})
        if not any(view["view_type"] == VIEW for view in views):
            view = {"resource_id": resource["id"], "view_type": VIEW, "title": "表格"}
            tk.get_action("resource_view_create")(context(), view)
            made += 1
    return made
