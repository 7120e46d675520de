"""Pages that tell how far reclassifications are: all that concern the reader, and one with its steps and its proof."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint

from ckanext.cqgov.logic import asking

__all__ = ["blueprint"]

blueprint = Blueprint("cqgov_reclassification", __name__)


@blueprint.get("/reclassification")
def index() -> Any:
    """Show the reclassifications of the entries that the reader provides, oversees or inspects."""
    try:
        found = tk.get_action("cqgov_reclassification_list")(asking.reader(), {"limit": 100})
    except tk.NotAuthorized as error:
        return tk.abort(403, str(error))
    return tk.render("cqgov/reclassification/list.html", {"jobs": found})


@blueprint.get("/dataset/<id>/reclassification")
def show(id: str) -> Any:
    """Show how far the entry's latest reclassification is."""
    try:
        job = tk.get_action("cqgov_reclassification_show")(asking.reader(), {"id": id})
        may = tk.h.check_access("cqgov_reclassification_resume", {"id": job["dataset_id"]})
    except (
        tk.ObjectNotFound,
        tk.NotAuthorized,
    ):  # the same answer: whether there is such an entry is nobody's business
        return tk.abort(404, tk._("Dataset not found"))
    return tk.render("cqgov/reclassification/show.html", {"job": job, "may": may})


@blueprint.post("/dataset/<id>/reclassification/resume")
def resume(id: str) -> Any:
    """Take the entry's reclassification up again, and go back to its page."""
    try:
        tk.get_action("cqgov_reclassification_resume")(asking.reader(), {"id": id})
    except tk.ObjectNotFound:
        return tk.abort(404, tk._("Dataset not found"))
    except tk.NotAuthorized as error:
        return tk.abort(403, str(error))
    except tk.ValidationError as refusal:
        for sentences in refusal.error_dict.values():
            for sentence in sentences:
                tk.h.flash_error(sentence)
    return tk.h.redirect_to("cqgov_reclassification.show", id=id)
