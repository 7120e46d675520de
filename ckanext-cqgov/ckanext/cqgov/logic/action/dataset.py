"""Actions of the dataset."""

from __future__ import annotations

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.cqgov import rules
from ckanext.cqgov.catalogue import door, granted_tables
from ckanext.cqgov.catalogue.core_input import refuse_misshapen
from ckanext.cqgov.catalogue.surroundings import surroundings
from ckanext.cqgov.domain import catalogue
from ckanext.cqgov.domain.catalogue_entry import Core, admit
from ckanext.cqgov.domain.catalogue_fields import Field
from ckanext.cqgov.domain.catalogue_problem import Missing, Problem
from ckanext.cqgov.language import pick
from ckanext.cqgov.logic import asking
from ckanext.cqgov.logic.chained import chained
from ckanext.cqgov.model import free_tag, ledger
from ckanext.cqgov.reclassification import asking as reclassification
from ckanext.cqgov.reclassification import attending

__all__ = [
    "cqgov_dataset_check",
    "cqgov_dataset_schema",
    "dataset_purge",
    "package_create",
    "package_delete",
    "package_owner_org_update",
    "package_patch",
    "package_update",
]


@tk.side_effect_free
def cqgov_dataset_check(context, data_dict):
    """Say what is wrong with a catalogue entry and what it still lacks; writes nothing.

    :param id: the id or name of a stored entry; its values are checked, with those given here laid over them
    (optional) :param ...: any key of a dataset, as for ``package_create``

    :returns: ``{"complete": bool, "problems": [{field, code, message, article, row}], "missing": [{field, form_id,
    message, article}]}``; messages are in the language of the request (both languages where there is none)
    :raises NotAuthorized: for whom may neither edit the entry nor create one
    :raises NotFound: when there is no entry ``id``
    """
    if data_dict.get("id") and not model.Package.get(data_dict["id"]):
        raise tk.ObjectNotFound(tk._("Dataset not found"))
    tk.check_access("cqgov_dataset_check", context, data_dict)
    stored: dict[str, Any] = {}
    if data_dict.get("id"):
        stored = tk.get_action("package_show")(tk.fresh_context(context), {"id": data_dict["id"]})
    given = {**stored, **data_dict}
    _, raw, twice = door.parted(given)
    core = Core(
        title=given.get("title"),
        notes=given.get("notes"),
        owner_org=given.get("owner_org") or None,
        resources=bool(given.get("resources")),
    )
    owner = model.Group.get(core.owner_org) if core.owner_org else None
    found = admit(
        raw,
        core,
        rules=rules.current(),
        guide=rules.guide(),
        around=surroundings(owner.id if owner else None),
        stored={key: stored[key] for key in catalogue.FIELDS if key in stored},
        trusted=door.trusted(context, new=not stored),
    )
    return {
        "complete": found.complete and not twice,
        "problems": [_problem(each) for each in (*twice, *found.problems)],
        "missing": [_missing(each) for each in found.missing],
    }


@tk.side_effect_free
def cqgov_dataset_schema(context, data_dict):
    """Describe the fields of a catalogue entry: for form builders, importers and other programs.

    :returns: ``{"sections": [{key, label}], "fields": [...], "items": [...]}``; each field with key, kind, label and
    help in both languages, section, limits, whether it is needed for a complete entry, and its permitted values
    """
    tk.check_access("cqgov_dataset_schema", context, data_dict)
    words = catalogue.vocabulary(rules.current(), rules.guide())
    return {
        "sections": [{"key": key, "label": _both(label)} for key, label in catalogue.SECTIONS.items()],
        "fields": [_field(field, words) for field in catalogue.ALL],
        "items": [_field(field, words) for field in catalogue.ITEM_FIELDS],
    }


@chained
def dataset_purge(original, context, data_dict):
    """Purge as CKAN does, and keep in the ledger that it happened; parameters and result are CKAN's."""
    package, words = model.Package.get(tk.get_or_bust(data_dict, "id")), []
    if package is not None:
        tk.check_access("dataset_purge", context, data_dict)
        words = free_tag.of(package.id)
        granted_tables.drop(package.id)
        detail = {"name": package.name, "title": package.title, "owner_org": package.owner_org}
        ledger.record(model.Session, asking.actor(context), "dataset.purge", "dataset", package.id, detail)
        reclassification.gone(package.id, asking.actor(context))
    done, gone = original(context, data_dict), package.id if package is not None else ""
    free_tag.forget(words)
    attending.attend([gone])
    return done


@chained
def package_create(original, context, data_dict):
    """Refuse values of a shape that CKAN trips over, then create as CKAN does; parameters and result are CKAN's."""
    refuse_misshapen(data_dict)
    return granted_tables.followed(context, attending.attended(context, original(context, data_dict)))


@chained
def package_delete(original, context, data_dict):
    """Delete as CKAN does, and bring the files of what was open into the vault; parameters and result are CKAN's."""
    package = model.Package.get(tk.get_or_bust(data_dict, "id"))
    done = original(context, data_dict)
    if package is not None and not context.get("defer_commit"):
        attending.attend([package.id])
        granted_tables.follow(package.id)
    return done


@chained
def package_patch(original, context, data_dict):
    """Refuse values of a shape that CKAN trips over, then patch as CKAN does; parameters and result are CKAN's."""
    refuse_misshapen(data_dict)
    return original(context, data_dict)


@chained
def package_update(original, context, data_dict):
    """Refuse values of a shape that CKAN trips over, then update as CKAN does; parameters and result are CKAN's."""
    refuse_misshapen(data_dict)
    return granted_tables.followed(context, attending.attended(context, original(context, data_dict)))


@chained
def package_owner_org_update(original, context, data_dict):
    """Move a dataset through the same door as any other change; parameters and result are CKAN's."""
    package = model.Package.get(data_dict.get("id") or "")
    wanted = data_dict.get("organization_id")
    owner = model.Group.get(wanted) if wanted else None
    moves = package is not None and (owner.id if owner else None) != (package.owner_org or None)
    if not moves or (wanted and (owner is None or not owner.is_organization)):
        return original(context, data_dict)
    tk.check_access("package_owner_org_update", context, data_dict)
    tk.get_action("package_patch")(
        tk.fresh_context(context), {"id": package.id, "owner_org": owner.id if owner else ""}
    )
    return None


def _problem(each: Problem) -> dict[str, Any]:
    return {
        "field": each.field,
        "code": each.code,
        "message": pick(each.text),
        "article": each.article,
        "row": each.row,
    }


def _missing(each: Missing) -> dict[str, Any]:
    return {"field": each.field, "form_id": each.form_id, "message": pick(each.text), "article": each.article}


def _both(text: Any) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _field(field: Field, words: catalogue.Vocabulary) -> dict[str, Any]:
    described = {
        "key": field.key,
        "kind": field.kind,
        "label": _both(field.label),
        "help": _both(field.help),
        "section": field.section,
        "form_id": field.form_id,
        "required": field.required,
        "protected": field.protected,
        "core": field.core,
        "max_length": field.max_length,
        "max_entries": field.max_entries if field.kind in ("list", "items") else None,
        "values": None,
    }
    if field.vocabulary:
        described["values"] = [
            {"code": code, "label": _both(entry.text)} for code, entry in words.entries(field.vocabulary).items()
        ]
    return described
