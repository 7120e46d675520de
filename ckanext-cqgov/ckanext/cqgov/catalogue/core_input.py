"""What a client may send under CKAN's own keys of a dataset, where CKAN's validators would fail instead of answering."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ckan.model as model
import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.cqgov.domain import catalogue
from ckanext.cqgov.domain.catalogue_problem import Problem, problem
from ckanext.cqgov.domain.catalogue_values import CONTROL
from ckanext.cqgov.language import pick

LINE = 2000
LONGEST = {
    **{
        key: LINE
        for key in ("url", "license_id", "author", "maintainer", "version", "state", "type", "creator_user_id")
    },
    **{key: LINE for key in ("author_email", "maintainer_email", "owner_org", "name")},
    "tag_string": 20_000,
    **{key: catalogue.CORE[key].max_length for key in ("title", "notes")},
}
"""Texts, and how many characters each may have: the search index refuses a word of more than 32,766 bytes, the database an
indexed title of more than 2,700."""

NO_NUMBERS = ("name", "owner_org", "tag_string", "state", "type")
"""Texts in which CKAN takes no number for a text. (``id`` is not among them: CKAN's own bulk actions hand on a database row.)"""

TABLES = ("resources", "tags", "groups", "extras", "relationships_as_subject", "relationships_as_object")

STATES = ("active", "draft", "deleted")

ROW_KEYS = {"tags": "name", "extras": "key", "resources": "url"}
"""Where CKAN expects one dictionary of errors per row, and under which key the sentence stands."""


def refuse_misshapen(data: Mapping[str, Any]) -> None:
    """Raise ``ValidationError`` where a dataset's values have a shape that CKAN would trip over.

    This comes before CKAN asks for permission, because its auth functions are among what trips (a list as ``owner_org``).
    """
    key = data.get("id") or data.get("name")
    package = model.Package.get(key) if isinstance(key, str) and not CONTROL.search(key) else None
    errors: dict[str, list[Any]] = {}
    if package is None and unknown_type(data.get("type")):
        errors["type"] = [pick(problem("type", "type", value=data["type"][:60]).text)]
    for each in core_problems(data, package.state if package else None):
        sentence, row_key = pick(each.text), ROW_KEYS.get(each.field)
        errors.setdefault(each.field, []).append({row_key: [sentence]} if row_key else sentence)
    if errors:
        raise tk.ValidationError(errors)


def unknown_type(kind: Any) -> bool:
    """Say whether a type of datasets is nobody's: every page that lists one of those would fail for want of an address."""
    known = {kind for plugin in p.PluginImplementations(p.IDatasetForm) for kind in plugin.package_types()}
    return isinstance(kind, str) and bool(kind) and kind not in {"dataset", *known}


def core_problems(data: Mapping[str, Any], state: str | None = None) -> list[Problem]:
    """Return what is wrong with the shape of CKAN's own values; ``state`` is the stored one, which may be sent back."""
    found: list[Problem] = []
    for key, longest in LONGEST.items():
        value = data.get(key)
        if value is None:
            continue
        if not isinstance(value, str):
            if key in NO_NUMBERS or not isinstance(value, int | float):
                found.append(problem(key, "not-text"))
        elif CONTROL.search(value):
            found.append(problem(key, "control-character"))
        elif len(value) > longest:
            found.append(problem(key, "too-long", cap=longest, length=len(value)))
    for key in TABLES:
        rows = data.get(key)
        if rows in (None, ""):
            continue
        if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
            found.append(problem(key, "not-table"))
    told = data.get("state")
    if isinstance(told, str) and told and told not in (*STATES, state):
        found.append(problem("state", "state", value=told[:60], permitted=", ".join(STATES)))
    return found
