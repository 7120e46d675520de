"""An order in the address of a list that CKAN's view cannot even split: ``?sort=,`` is read as no order."""

from __future__ import annotations

from urllib.parse import urlencode

import ckan.plugins.toolkit as tk
from flask import Blueprint, request

from ckanext.cqgov.catalogue.list_page import PAGES

__all__ = ["blueprint"]

blueprint = Blueprint("cqgov_list_order", __name__)


@blueprint.before_app_request
def splittable():
    """Lead to the same list without its order when a part of the order is empty; CKAN's view would fail."""
    order = request.args.get("sort")
    if not order or request.endpoint not in PAGES or all(part.strip() for part in order.split(",")):
        return None
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != "sort"]
    return tk.redirect_to(tk.h.url_for(request.endpoint, **(request.view_args or {})) + "?" + urlencode(kept))
