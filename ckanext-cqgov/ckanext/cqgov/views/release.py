"""The button by which the head lets a closed entry into the sharing catalogue for departments, or takes it back."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint

from ckanext.cqgov.logic import asking

blueprint = Blueprint("cqgov_release", __name__)

SAID = {
    "release": lambda: tk._("Released: departments now see this entry as its sharing type says."),
    "retract": lambda: tk._("Taken back: other departments no longer see this entry."),
}


@blueprint.route("/dataset/<id>/release", methods=["POST"], defaults={"act": "release"}, endpoint="release")
@blueprint.route("/dataset/<id>/retract", methods=["POST"], defaults={"act": "retract"}, endpoint="retract")
def change(id: str, act: str) -> Any:
    """Release or retract an entry, and go back to its page."""
    try:
        done = tk.get_action(f"cqgov_dataset_{act}")(asking.reader(), {"id": id})
    except tk.ObjectNotFound:
        return tk.abort(404, tk._("Dataset not found"))
    except tk.NotAuthorized as error:
        return tk.abort(403, str(error))
    except tk.ValidationError as refusal:
        for sentences in refusal.error_dict.values():
            for sentence in sentences:
                tk.h.flash_error(sentence)
        return tk.h.redirect_to("dataset.read", id=id)
    tk.h.flash_success(SAID[act]())
    return tk.h.redirect_to("dataset.read", id=done["name"])
