"""How catalogue entries are validated, stored and shown: CKAN's ``IDatasetForm``.

Our keys are top-level keys of a dataset. On the way in they are taken out, judged and stored as extras; CKAN's own
validators see the rest. On the way out they are put back, typed.
"""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.lib.plugins import DefaultDatasetForm

from ckanext.cqgov import rules
from ckanext.cqgov.catalogue import door
from ckanext.cqgov.domain import catalogue
from ckanext.cqgov.domain.catalogue_fields import COMPUTED, FIELDS


class CatalogueForm(DefaultDatasetForm):
    """``IDatasetForm`` of the catalogue."""

    def is_fallback(self):
        """Every dataset is a catalogue entry."""
        return True

    def package_types(self):
        """The fallback handles the type ``dataset``."""
        return []

    def show_package_schema(self):
        """CKAN's schema with our keys: CKAN asks ``validate`` to show only where it is not the default one."""
        schema = super().show_package_schema()
        return {**schema, **{key: [tk.get_validator("ignore_missing")] for key in (*FIELDS, COMPUTED)}}

    def validate(self, context, data_dict, schema, action):
        """Judge (create, update) or type (show) the catalogue's keys; ``None`` leaves it to CKAN's validators."""
        if action in ("package_create", "package_update"):
            return door.admitted(context, data_dict, schema, new=action == "package_create")
        if action == "package_show" and COMPUTED in schema:
            return shown(context, data_dict, schema)
        return None


def shown(context: Any, data_dict: dict[str, Any], schema: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a stored dataset with our keys typed at the top level and out of ``extras``, and ``complete`` computed."""
    data, errors = tk.navl_validate(data_dict, schema, context)
    return typed(data), errors


def typed(data: dict[str, Any]) -> dict[str, Any]:
    """Put our keys of a validated stored dataset, typed, at its top level and out of ``extras``; returns ``data``."""
    extras = data.get("extras") or []
    data["extras"] = [extra for extra in extras if extra["key"] not in FIELDS]
    values = catalogue.restore({extra["key"]: extra["value"] for extra in extras if extra["key"] in FIELDS})
    values.setdefault("origin", "compiled")
    data.update(values)
    data[COMPUTED] = complete(data, values)
    return data


def complete(data: dict[str, Any], stored: dict[str, Any]) -> bool:
    """Whether a stored entry is complete; what another program left under our keys in another form makes it incomplete."""
    core = {key: data.get(key) for key in ("title", "notes", "owner_org")}
    if catalogue.evidently_incomplete({**stored, **core}):
        return False
    values, problems = catalogue.normalise(stored, rules.current(), rules.guide())
    return not problems and catalogue.is_complete({**values, **core}, rules.current(), rules.guide())
