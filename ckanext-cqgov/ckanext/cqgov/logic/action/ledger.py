"""Reading the ledger; there is no action that writes to it."""

from __future__ import annotations

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.cqgov import circumstances, rules
from ckanext.cqgov.clock import LEGAL_ZONE
from ckanext.cqgov.domain import ledger as domain
from ckanext.cqgov.domain import ledger_verbs
from ckanext.cqgov.domain.text import Text
from ckanext.cqgov.language import pick
from ckanext.cqgov.ledger import export
from ckanext.cqgov.logic import ledger_filters
from ckanext.cqgov.logic.input import Input
from ckanext.cqgov.model import ledger, ledger_checkpoint, ledger_owner, organization

__all__ = ["cqgov_ledger_list", "cqgov_ledger_show", "cqgov_ledger_status"]

SYSADMIN = Text("系统管理员", "sysadmin")


@tk.side_effect_free
def cqgov_ledger_list(context: Any, data_dict: Any) -> dict[str, Any]:
    """Return entries of the ledger, newest first: all of them to sysadmins, and to those who oversee or inspect the city;
    to those of a district what is about the organisations of their district (Art. 5, 31).

    Filters: ``actor`` (user id or name), ``verb``, ``subject_type``, ``subject_id``, ``outcome`` (``done``, ``refused``,
    ``failed``), ``request_id``, ``organization_id`` (id or name), ``since`` and ``until`` (ISO; ``until`` is excluded),
    ``limit`` (1-1000, 100 by default), ``before`` (the last id of the page seen). All at once, streamed in the order of the
    chain: ``/ledger/export.jsonl`` and ``/ledger/export.csv``, with the same filters and the same token.

    :returns: ``{"results": [{id, at, actor, actor_name, duties, verb, verb_title, subject_type, subject_title, subject_id,
        organization_id, organization_title, outcome, outcome_title, detail, request_id, has_address, version, position,
        prev_hash, hash}]}``; ``position`` and the hashes are null until the sealer has run. The client's address stays
        encrypted and is not given out; whoever holds the key reads it by ``ckan cqgov ledger list --addresses``.
    """
    ledger_filters.require(context, "cqgov_ledger_list", data_dict)
    given = Input(data_dict)
    wanted = ledger_filters.wanted(context, given)
    before, limit = given.number("before", 1, 2**63 - 1), given.number("limit", 1, 1000, 100)
    given.done()
    rows = ledger.listing(model.Session, before=before, limit=limit or 100, **vars(wanted))
    return {"results": _shown(rows)}


@tk.side_effect_free
def cqgov_ledger_show(context: Any, data_dict: Any) -> dict[str, Any]:
    """Return the entry ``id`` (a number), as an element of ``cqgov_ledger_list``.

    :raises NotFound: when there is none, or when it is not whoever asks who may read it
    """
    ledger_filters.require(context, "cqgov_ledger_show", data_dict)
    given = Input(data_dict)
    number = given.number("id", 1, 2**63 - 1)
    given.done()
    found = ledger.show(model.Session, number, ledger_filters.scope(context)) if number else None
    if found is None:
        raise tk.ObjectNotFound(tk._("There is no such entry of the ledger"))
    return _shown([found])[0]


@tk.side_effect_free
def cqgov_ledger_status(context: Any, data_dict: Any) -> dict[str, Any]:
    """Say how the ledger stands, without walking it.

    :returns: ``{"sealed": n, "unsealed": n, "since": ISO time of the oldest unsealed entry or null, "head": hash,
        "checkpoint": {position, at, key} or null, "signing": whether a key is configured, "outside": whether checkpoints
        are kept outside the database, "guarded": whether the database keeps the portal itself from changing the ledger,
        "verified": {at, whole, sealed} of the last verification or null}``; ``unsealed`` counts the newest entries
    """
    ledger_filters.require(context, "cqgov_ledger_status", data_dict)
    session = model.Session
    (sealed, head), (unsealed, since) = ledger.last_seal(session), ledger.waiting(session, whole=False)
    last, standing = ledger_checkpoint.last(session), ledger_owner.standing(session)
    verified = next(iter(ledger.listing(session, verb="ledger.verify", limit=1)), None)
    return {
        "sealed": sealed,
        "unsealed": unsealed,
        "since": _legal(since) if since else None,
        "head": head,
        "checkpoint": {"position": last.position, "at": _legal(last.at), "key": last.key} if last else None,
        "signing": circumstances.key_file("key") is not None,
        "outside": circumstances.key_file("checkpoints") is not None,
        "guarded": not (standing.owned or standing.superuser or standing.unguarded),
        "verified": {
            "at": _legal(verified["at"]),
            "whole": verified["outcome"] == domain.DONE,
            "sealed": verified["detail"].get("sealed"),
        }
        if verified
        else None,
    }


def _duty(held: dict[str, Any]) -> str:
    """Return what a duty is called; a sysadmin's standing is none of the decree's."""
    law, code = rules.current().duties, held.get("duty", "")
    return pick(law[code].text) if code in law else pick(SYSADMIN) if code == "sysadmin" else code


def _legal(moment: Any) -> str:
    return moment.astimezone(LEGAL_ZONE).isoformat()


def _shown(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows as the API gives them, with names; two queries however many there are."""
    names = export.names(model.Session, (row["actor"] for row in rows))
    places = {row["organization_id"] for row in rows} | {
        held.get("organization_id") for row in rows for held in row["duties"]
    }
    titles = {id: one.title for id, one in organization.by_id(places - {None}).items()}
    return [
        {
            **{key: value for key, value in row.items() if key != "address"},
            "at": _legal(row["at"]),
            "actor_name": names.get(row["actor"]),
            "duties": [
                {**held, "duty_title": _duty(held), "organization_title": titles.get(held.get("organization_id"))}
                for held in row["duties"]
            ],
            "verb_title": pick(ledger_verbs.verb(row["verb"])),
            "subject_title": pick(ledger_verbs.subject(row["subject_type"])),
            "outcome_title": pick(domain.OUTCOMES.get(row["outcome"], Text(row["outcome"], row["outcome"]))),
            "organization_title": titles.get(row["organization_id"]),
            "has_address": row["address"] is not None,
        }
        for row in rows
    ]
