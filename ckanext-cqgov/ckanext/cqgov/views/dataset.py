"""Pages of the dataset: the entry form, on CKAN's own addresses ``/dataset/new`` and ``/dataset/edit/<id>``.

CKAN's two views stay underneath and draw the pages; what differs is what a press of a button means. Whatever the clerk asked for, the
input is saved first when it may be saved, so that checking never loses work; what is missing is then shown at its place.
"""

from __future__ import annotations

from typing import Any

import ckan.logic as logic
import ckan.plugins.toolkit as tk
from ckan.lib.navl.dictization_functions import DataError, unflatten
from ckan.views.dataset import CreateView, EditView
from flask import Blueprint

from ckanext.cqgov.catalogue.core_input import TABLES
from ckanext.cqgov.domain import item_table
from ckanext.cqgov.domain.catalogue_values import SEPARATORS
from ckanext.cqgov.language import pick
from ckanext.cqgov.logic import asking

blueprint = Blueprint("cqgov_dataset", __name__)

TYPE = "dataset"
MORE_ROWS = 15
HOUSEKEEPING = ("save", "_ckan_phase", "pkg_name", "items_paste", "items_blank")
SAVES = ("draft", "data", "complete", "publish", "withdraw")


class NewEntry(CreateView):
    """The form of a new entry."""

    def post(self, package_type: str) -> Any:
        """Save a new entry as a draft, then do what the button asks."""
        self._prepare()
        data, wish, notes = submitted()
        data.pop("id", None)
        if wish == "rows":
            return self.get(package_type, data, notes)
        try:
            entry = tk.get_action("package_create")(acting(), {**data, "type": package_type, "state": "draft"})
        except tk.ValidationError as refusal:
            errors = {**notes, **refusal.error_dict}
            return self.get(package_type, {**data, "state": "none"}, errors, refusal.error_summary)
        except tk.NotAuthorized:
            return tk.abort(403, tk._("You may not create an entry for this organisation"))
        return afterwards(entry, wish, notes)


class EditEntry(EditView):
    """The form of an entry that exists, draft or not."""

    def get(
        self,
        package_type: str,
        id: str,
        data: dict[str, Any] | None = None,
        errors: dict[str, Any] | None = None,
        error_summary: dict[str, Any] | None = None,
    ) -> Any:
        """Show the form; with ``?check`` also what is missing or wrong, each at its place."""
        if data is None and errors is None and "check" in tk.request.args:
            errors = shortcomings(id)
        return super().get(package_type, id, data, errors, error_summary)

    def post(self, package_type: str, id: str) -> Any:
        """Save the entry, then do what the button asks."""
        data, wish, notes = submitted()
        data["id"] = id
        if wish == "rows":
            return self.get(package_type, id, data, notes, {})
        if wish == "withdraw":
            data["private"] = True
        try:
            entry = tk.get_action("package_patch")(acting(), data)
        except tk.ValidationError as refusal:
            errors = {**notes, **refusal.error_dict}
            return self.get(package_type, id, data, errors, refusal.error_summary)
        except tk.NotAuthorized:
            return tk.abort(403, tk._("You may not edit this entry"))
        except tk.ObjectNotFound:
            return tk.abort(404, tk._("Dataset not found"))
        return afterwards(entry, wish, notes)


def acting() -> dict[str, Any]:
    """Return the context of an action that the form calls: the person at the form, who may move a draft on (as CKAN's form may)."""
    return {**asking.reader(), "allow_state_change": True}


def submitted() -> tuple[dict[str, Any], str, dict[str, list[str]]]:
    """Return the form as a dataset, the button pressed, and notes on pasted items that could not be placed.

    Pasted items are appended to those of the table, in the words of the clerk: the catalogue's own check reads them. Aborts with 400 when
    the names of the inputs make no sense.
    """
    form = tk.request.form
    try:
        data = logic.clean_dict(unflatten(logic.tuplize_dict(logic.parse_params(form))))
    except (DataError, TypeError, AttributeError, LookupError):  # also names that contradict each other: a, a__0__b
        return tk.abort(400, tk._("The form could not be read"))
    if any(not isinstance(data.get(key, []), list) for key in TABLES):
        return tk.abort(400, tk._("The form could not be read"))
    wish = form.get("save", "")
    pasted = item_table.parse(str(form.get("items_paste") or ""))
    for key in HOUSEKEEPING:
        data.pop(key, None)
    if not isinstance(data.get("items"), list):
        data["items"] = []
    data["items"] = [*data["items"], *pasted.rows]
    if "tag_string" in data:
        tags = list(dict.fromkeys(word.strip() for word in SEPARATORS.split(str(data["tag_string"])) if word.strip()))
        data["tag_string"] = ", ".join(tags)  # CKAN reads this too, and splits at "," alone
        data["tags"] = [{"name": name} for name in tags]
    if not data.get("name"):
        data.pop("name", None)
    if wish == "rows":
        data["items_blank"] = MORE_ROWS
    notes = {"items": [pick(note) for note in pasted.notes]} if pasted.notes else {}
    return data, wish if wish == "rows" or wish in SAVES else "draft", notes


def afterwards(entry: dict[str, Any], wish: str, notes: dict[str, list[str]]) -> Any:
    """Return where to go after ``entry`` has been saved: on to its data, to its page, or back to the form with what is missing."""
    for note in notes.get("items", ()):
        tk.h.flash_notice(note)
    if wish == "data":
        return tk.h.redirect_to(f"{TYPE}_resource.new", id=entry["name"])
    if wish in ("complete", "publish"):
        return settled(entry, wish)
    said = tk._("Withdrawn: the entry is no longer public.") if wish == "withdraw" else tk._("Saved.")
    tk.h.flash_success(said)
    return tk.h.redirect_to(f"{TYPE}.read", id=entry["name"])


def settled(entry: dict[str, Any], wish: str) -> Any:
    """Make a saved entry complete, and public when ``wish`` asks for it; back to the form with the reasons when that may not be."""
    if shortcomings(entry["id"]):
        return tk.h.redirect_to(tk.url_for(f"{TYPE}.edit", id=entry["name"], check=1) + "#form-errors")
    change: dict[str, Any] = {"id": entry["id"], "state": "active"}
    if wish == "publish":
        change["private"] = False
    try:
        entry = tk.get_action("package_patch")(acting(), change)
    except tk.ValidationError as refusal:
        return EditEntry().get(TYPE, entry["id"], None, refusal.error_dict, refusal.error_summary)
    except tk.NotAuthorized:
        return tk.abort(403, tk._("You may not publish this entry"))
    said = tk._("The entry is complete and public.") if not entry["private"] else tk._("The entry is complete.")
    tk.h.flash_success(said)
    return tk.h.redirect_to(f"{TYPE}.read", id=entry["name"])


def shortcomings(id: str) -> dict[str, list[str]]:
    """Return what keeps a stored entry from being complete, as CKAN's form errors: field -> sentences with their article."""
    try:
        found = tk.get_action("cqgov_dataset_check")(acting(), {"id": id})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return {}  # the view that follows answers 404 or 403
    errors: dict[str, list[str]] = {}
    for each in [*found["missing"], *found["problems"]]:
        sentences = errors.setdefault(each["field"], [])
        if each["message"] not in sentences:
            sentences.append(each["message"])
    return errors


blueprint.add_url_rule(
    "/dataset/new", endpoint="new", view_func=NewEntry.as_view("new"), defaults={"package_type": TYPE}
)
blueprint.add_url_rule(
    "/dataset/edit/<id>", endpoint="edit", view_func=EditEntry.as_view("edit"), defaults={"package_type": TYPE}
)
