"""The form of a resource that is not open: the provider sees there what they entered, and nobody sees it anywhere else.

CKAN's own views stay underneath; only what the inputs hold differs. What comes back unchanged leaves the vault as it is.
"""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.views.resource import CreateView, EditView
from flask import Blueprint

from ckanext.cqgov.domain.vault import FILE, UPLOAD, URL_TYPE
from ckanext.cqgov.views.dataset import acting

blueprint = Blueprint("cqgov_resource_form", __name__)

TYPE = "dataset"


class EditResource(EditView):
    """CKAN's form of a resource, filled with what the vault holds of it."""

    def get(
        self,
        package_type: str,
        id: str,
        resource_id: str,
        data: dict[str, Any] | None = None,
        errors: dict[str, Any] | None = None,
        error_summary: dict[str, Any] | None = None,
    ) -> Any:
        """Show the form; who may not edit the entry gets CKAN's refusal."""
        self._prepare(id)
        if data is None:
            data = entered(resource_id)
        if data is not None and draft(id):
            return CreateView().get(package_type, id, data, errors, error_summary)  # as CKAN, which forgets ``data``
        return super().get(package_type, id, resource_id, data, errors, error_summary)


def draft(id: str) -> bool:
    """Say whether the entry is a draft, whose resources have the form of new ones."""
    return tk.get_action("package_show")(acting(), {"id": id})["state"].startswith("draft")


def entered(resource_id: str) -> dict[str, Any] | None:
    """Return a resource as the provider entered it; None where nothing of it is in the vault, or it is not there."""
    try:
        shown = tk.get_action("resource_show")(acting(), {"id": resource_id})
        if shown.get("url_type") != URL_TYPE:
            return None
        told = tk.get_action("cqgov_resource_address")(acting(), {"id": resource_id})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return None
    if told["kind"] == FILE:
        return {**shown, "url": told["name"] or "", "url_type": UPLOAD, "original_name": told["name"]}
    return {**shown, "url": told["url"], "url_type": ""}


blueprint.add_url_rule(
    "/dataset/<id>/resource/<resource_id>/edit",
    endpoint="edit",
    view_func=EditResource.as_view("edit"),
    defaults={"package_type": TYPE},
)
