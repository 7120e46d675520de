"""The one door through which a catalogue entry is written: judged, gated, stored with its row and its ledger entry.

``admitted`` runs inside CKAN's own validation of ``package_create`` and ``package_update``, so patch, revise,
resource_*, bulk_* and every other action that ends there passes it. ``CatalogueDoor`` runs in the same transaction,
after CKAN has stored the package and before it indexes and commits. The importer calls ``catalogue_entry.admit`` and
``model.dataset.write`` for many at once.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
from sqlalchemy.exc import IntegrityError

from ckanext.cqgov import rules
from ckanext.cqgov.catalogue import resource_ids, vault_intake
from ckanext.cqgov.catalogue.surroundings import surroundings
from ckanext.cqgov.domain import catalogue, names
from ckanext.cqgov.domain.catalogue_entry import Admission, Core, admit, row
from ckanext.cqgov.domain.catalogue_fields import COMPUTED, FIELDS
from ckanext.cqgov.domain.catalogue_problem import Problem, problem
from ckanext.cqgov.domain.classification import opening
from ckanext.cqgov.domain.publication import Before
from ckanext.cqgov.domain.vault import is_open
from ckanext.cqgov.language import pick
from ckanext.cqgov.ledger import refused
from ckanext.cqgov.logic import asking
from ckanext.cqgov.model import dataset, ledger
from ckanext.cqgov.reclassification import asking as reclassification

TRUSTED = "cqgov_import"
"""Context flag (never reachable over the API): the caller may set origin, source and sample notice."""

HEAD_ONLY = {"private": "dataset.publish", "opening_type": "dataset.widen", "owner_org": "dataset.update"}
"""What only the head may do: field of the refusal -> verb under which the ledger tells it."""

RELATED = ("relationships_as_subject", "relationships_as_object")
"""What CKAN shows and would store half: a relationship without the other dataset, with which it can't show the entry any more."""

ADMISSION = "cqgov_admission"
"""Context key under which validation hands the judged entry to the hook that writes its row."""


def admitted(
    context: Any, data_dict: dict[str, Any], schema: dict[str, Any], *, new: bool
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Validate a dataset that is to be stored: CKAN's fields by CKAN's ``schema``, ours by the catalogue's rules.

    Returns ``(data, errors)`` as CKAN's own validation does: ``data`` holds our values as extras and ``private`` as it
    was decided, ``errors`` our refusals under our keys beside CKAN's.
    """
    context.pop(ADMISSION, None)
    rest, raw, twice = parted(data_dict)
    if new:
        if not rest.get("name") and rest.get("title"):
            rest["name"] = names.generated(secrets.token_bytes(names.NOISE))
    # asking for a draft is asking for less: nobody needs a right to do so
    drafting = {"allow_state_change": True} if new and rest.get("state") == "draft" else {}
    data, errors = tk.navl_validate(rest, schema, {**context, **drafting})
    for key in RELATED:
        data.pop(key, None)
    package = None if new else context["package"]
    stored = catalogue.restore(package.extras or {}) if package else None
    core = core_of(data, package)
    around = surroundings(core.owner_org)
    found = admit(
        raw,
        core,
        rules=rules.current(),
        guide=rules.guide(),
        around=around,
        stored=stored,
        before=standing(package, stored),
        trusted=trusted(context, new),
        may_publish=lambda: may_publish(context, core.owner_org),
    )
    refusals = [*twice, *found.refusals]
    if not refusals and not errors:
        held = dataset.taken(row(package.id if package else "", found, datetime.now(UTC)))
        refusals = [problem(held[0], held[1], value=found.values.get(held[0]))] if held else []
    for each in found.refusals:
        if each.code == "head-only":
            told = {"owner_org": core.owner_org, "name": rest.get("name")}
            refused(
                context, HEAD_ONLY.get(each.field, "dataset.publish"), "dataset", package.id if package else "", told
            )
    for key, sentences in said(refusals).items():
        errors[key] = [*errors.get(key, []), *sentences] if not isinstance(errors.get(key), dict) else errors[key]
    if not errors and (foreign := resource_ids.refused(data.get("resources"), package)):
        errors["resources"] = foreign
    if not errors:
        data["private"] = found.decision.private
        data["extras"] = [
            *(data.get("extras") or []),
            *({"key": key, "value": value} for key, value in catalogue.storage(found.values).items()),
        ]
        context[ADMISSION], context[reclassification.BEFORE] = found, standing(package, stored)
        opened = is_open(found.core.state, found.decision.private, opening(found.values))
        vault_intake.taken_in(context, data, package, is_open=opened)
        if "resources" in data_dict:
            data_dict["resources"] = vault_intake.redacted(data_dict["resources"], context[vault_intake.INTAKE])
    return data, errors


def parted(data_dict: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any], list[Problem]]:
    """Return CKAN's part of a dataset, our raw keys, and a problem for each of ours given twice with different values.

    Our keys are also accepted among ``extras`` (that is how a client of the default schema sees them).
    """
    rest = {key: value for key, value in data_dict.items() if key not in FIELDS and key != COMPUTED}
    raw = {key: data_dict[key] for key in FIELDS if key in data_dict}
    twice: list[Problem] = []
    extras = rest.get("extras")
    if isinstance(extras, list):
        rest["extras"] = []
        for extra in extras:
            key = extra.get("key") if isinstance(extra, dict) else None
            key = key if isinstance(key, str) else None
            if key not in FIELDS and key != COMPUTED:
                rest["extras"].append(extra)
            elif key in FIELDS and not extra.get("deleted"):
                value = extra.get("value")
                if raw.get(key) in (None, "", []):
                    raw[key] = value
                elif value not in (raw[key], catalogue.storage({key: raw[key]}).get(key)):
                    twice.append(problem(key, "given-twice"))
    return rest, raw, twice


def core_of(data: dict[str, Any], package: Any) -> Core:
    """Return what CKAN will say of the entry once ``data`` is stored over ``package`` (``None`` for a new one)."""

    def after(key: str) -> Any:
        return data[key] if key in data else getattr(package, key, None)

    tags = data["tags"] if "tags" in data else []
    resources = data["resources"] if "resources" in data else package.resources if package else []
    return Core(
        title=data.get("title"),
        notes=data.get("notes"),
        owner_org=after("owner_org") or None,
        tags=tuple(tag["name"] for tag in tags if tag.get("name")),
        license_id=data.get("license_id"),
        url=data.get("url"),
        state=after("state") or "active",
        asked=data.get("private"),
        resources=bool(resources),
    )


def standing(package: Any, stored: dict[str, Any] | None) -> Before | None:
    """Return how a stored package stands, ``None`` for a new one."""
    if package is None:
        return None
    known = stored or {}
    return Before(
        package.state, bool(package.private), opening(known), package.owner_org, str(known.get("sharing_type") or "")
    )


def trusted(context: Any, new: bool) -> bool:
    """Whether protected keys may be set: by the importer, and by a sysadmin who restores entries from a dump."""
    if context.get(TRUSTED):
        return True
    user = context.get("auth_user_obj")
    return new and (bool(context.get("ignore_auth")) or bool(getattr(user, "sysadmin", False)))


def may_publish(context: Any, owner_org: str | None) -> bool:
    """Whether the caller may publish entries of the organisation with this id."""
    fresh = tk.fresh_context(context)
    try:
        tk.check_access("cqgov_dataset_publish", fresh, {"owner_org": owner_org})
    except tk.NotAuthorized:
        return False
    return True


def said(problems: Iterable[Problem]) -> dict[str, list[Any]]:
    """Return problems as CKAN's error dictionary, in the language of the page."""
    errors: dict[str, list[Any]] = {}
    for each in problems:
        sentence = pick(each.text)
        # CKAN's errors of resources are one dictionary per resource; resource_create takes the last of them
        errors.setdefault(each.field, []).append({"url": [sentence]} if each.field == "resources" else sentence)
    return errors


class CatalogueDoor:
    """``IPackageController`` of the door: writes the row and the ledger entry in CKAN's own transaction."""

    def after_dataset_create(self, context, pkg_dict):
        """Write what validation admitted."""
        enter(context, pkg_dict["id"])

    def after_dataset_update(self, context, pkg_dict):
        """Write what validation admitted."""
        enter(context, pkg_dict["id"])

    def after_dataset_delete(self, context, data_dict):
        """Free the deleted entry's code and say in the ledger that it left the public catalogue."""
        package = model.Package.get(data_dict["id"])
        if package is None:
            return
        released = dataset.free(package.id)
        vault_intake.withhold([package.id])  # nobody sees a deleted entry's data, and its row stays
        reclassification.deleted(package, asking.actor(context), retracted=bool(released))
        if package.state == "active" and not package.private:
            detail = {"name": package.name, "owner_org": package.owner_org, "deleted": True}
            ledger.record(model.Session, asking.actor(context), "dataset.withdraw", "dataset", package.id, detail)
        elif released:
            detail = {"name": package.name, "owner_org": package.owner_org, "deleted": True}
            ledger.record(model.Session, asking.actor(context), "dataset.retract", "dataset", package.id, detail)


def enter(context: Any, package_id: str) -> None:
    """Write the admitted entry's row and, when it was published, widened or withdrawn, its ledger entry; commits nothing.

    Raises ``ValidationError`` naming the field when another transaction took a unique key in the meantime.
    """
    found: Admission | None = context.pop(ADMISSION, None)
    if found is None:
        return
    entry = row(package_id, found, datetime.now(UTC), dataset.published_at(package_id))
    try:
        left = dataset.write([entry], leaving=[package_id] if found.leaves else ())
    except IntegrityError as error:
        model.Session.rollback()
        held = dataset.violated(error)
        if held is None:
            raise
        refusal = problem(held[0], held[1], value=found.values.get(held[0]))
        raise tk.ValidationError(said([refusal])) from error
    vault_intake.kept(context, package_id)
    reclassification.entered(context, found, package_id, asking.actor(context), retracted=bool(left))
    for move in filter(None, ["retract" if left else None, found.decision.move]):
        ledger.record(
            model.Session, asking.actor(context), f"dataset.{move}", "dataset", package_id, publication(found, entry)
        )


def publication(found: Admission, entry: dict[str, Any]) -> dict[str, Any]:
    """Return what the ledger keeps of a publication, a release to staff, or the end of one."""
    return {
        "title": found.core.title,
        "owner_org": found.core.owner_org,
        "origin": entry["origin"],
        "opening_type": entry["opening_type"],
        "sharing_type": entry["sharing_type"],
        "content_hash": entry["content_hash"],
    }
