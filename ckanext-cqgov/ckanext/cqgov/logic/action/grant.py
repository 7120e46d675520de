"""Grants (数据使用授权): giving, revoking and reading them (Arts. 19, 24, 34)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import uuid4

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.cqgov.catalogue import access
from ckanext.cqgov.clock import LEGAL_ZONE, today
from ckanext.cqgov.domain import duties as duties_of
from ckanext.cqgov.domain import grant as domain
from ckanext.cqgov.domain import grant_faults, grant_rows
from ckanext.cqgov.domain.access import Level
from ckanext.cqgov.domain.text import Text
from ckanext.cqgov.language import pick
from ckanext.cqgov.logic import asking, named
from ckanext.cqgov.logic.auth.grant import oversees
from ckanext.cqgov.logic.input import Input
from ckanext.cqgov.model import duty, grant, granted_table, ledger, membership

__all__ = ["cqgov_grant_create", "cqgov_grant_list", "cqgov_grant_revoke", "cqgov_grant_show"]

NO_USER = Text("没有这个用户：{name}", "there is no such user: {name}")
NO_ORGANIZATION = Text("没有这个机构", "there is no such organisation")
NOT_LIST = Text("应为文字的列表", "must be a list of texts")
NO_GRANT = Text("没有这项授权", "there is no such grant")
MOST = 500
"""Entries of a list, and characters of each."""


def cqgov_grant_create(context: Any, data_dict: Any) -> dict[str, Any]:
    """Grant the data of a dataset, or a part of them, to a person or to named staff of an organisation; one ledger row.

    ``dataset_id`` (id or name); ``holder_user`` or ``holder_organization`` (id or name) with ``staff`` (ids or names);
    ``resources`` (ids; none: all), ``columns`` (names; none: all) and ``rows`` (list of ``{column, op, value}`` with op ``=``,
    ``in`` or ``range``, or of lines such as ``区县 = 渝中区``; none: all); ``purpose``; ``terms_version``; ``valid_from`` (ISO
    date, today by default), ``valid_until`` (last day, none by default); ``storage``: the provider consents to storing, without it
    the data are queried and not downloaded, and only the provider's head consents (Art. 34(5)). Days are legal days
    (Asia/Shanghai). Lists may be texts with commas.
    The head of the provider and the competent department of the area may (Arts. 5, 6, 19, 24).

    :returns: as an element of ``cqgov_grant_list``.
    :raises ValidationError: what is wrong with the grant, by field, with the article
    :raises NotFound: where there is no such dataset for whoever asks
    """
    package = named.required_package(data_dict.get("dataset_id"))
    tk.check_access("cqgov_grant_create", context, {**data_dict, "dataset_id": package.id})
    given = Input(data_dict)
    wanted = _read(given, package.id)
    given.done()
    giver = asking.user(context)
    consents = bool(context.get("ignore_auth")) or domain.may_consent(asking.person(context), package.owner_org or None)
    _refuse_faults(grant_faults.faults(wanted, _around(package, wanted, giver.id if giver else None, consents)))
    one = grant.row(wanted, asking.actor(context))
    model.Session.add(one)
    model.Session.flush()
    _record(context, "grant.create", one, {"owner_org": package.owner_org})
    return _shown(context, [one])[0]


def cqgov_grant_revoke(context: Any, data_dict: Any) -> dict[str, Any]:
    """Revoke a grant: ``id``, ``reason``. It opens nothing from this moment on; one ledger row.

    Whoever may give it may revoke it; what was revoked stays revoked, and is given anew by another grant.

    :returns: as an element of ``cqgov_grant_list``.
    :raises NotFound: where there is no such grant for whoever asks
    """
    _seen(context, data_dict)
    tk.check_access("cqgov_grant_revoke", context, data_dict)
    given = Input(data_dict)
    reason = given.text("reason", limit=1000)
    given.done()
    one = grant.locked(data_dict["id"])
    if one is None:
        raise tk.ObjectNotFound(pick(NO_GRANT))
    _refuse_faults(grant_faults.faults_of_revoking(one.value(), reason, today()))
    one.revoked_at, one.revoked_by, one.revoke_reason = sa.func.now(), asking.actor(context), reason
    model.Session.flush()
    package = model.Package.get(one.dataset_id)
    _record(context, "grant.revoke", one, {"owner_org": package.owner_org, "reason": reason})
    return _shown(context, [one])[0]


@tk.side_effect_free
def cqgov_grant_show(context: Any, data_dict: Any) -> dict[str, Any]:
    """Return one grant by ``id``: for its holder, and for who oversees the grants of the dataset.

    :returns: as an element of ``cqgov_grant_list``.
    :raises NotFound: where there is no such grant for whoever asks
    """
    return _shown(context, [_seen(context, data_dict)])[0]


@tk.side_effect_free
def cqgov_grant_list(context: Any, data_dict: Any) -> list[dict[str, Any]]:
    """Return grants, the newest first: one's own, or those of ``dataset_id`` (id or name); ``limit`` (100, at most 1,000), ``offset``.

    Head and handlers of the provider, the competent department of the area and inspectors see all grants of a dataset, everybody
    else their own. The portal's own grants are listed; what another plugin grants, that plugin shows.

    :returns: list of ``{id, dataset_id, dataset_name, dataset_title, provider_title, holder_user, holder_organization,
        holder_title, staff, staff_titles, resources, resource_titles, columns, rows, purpose, terms_version, valid_from,
        valid_until, storage, state, state_title, next, may_revoke, created_by, created_at, revoked_by, revoked_at,
        revoke_reason}``; name and title of a dataset that does not exist for whoever asks (any more) are null
    """
    tk.check_access("cqgov_grant_list", context, data_dict)
    given = Input(data_dict)
    limit, offset = given.number("limit", 1, 1000, 100), given.number("offset", 0, 10**6, 0)
    given.done()
    package = named.required_package(data_dict["dataset_id"]) if data_dict.get("dataset_id") else None
    user = asking.user(context)
    everything = bool(context.get("ignore_auth")) or (package is not None and oversees(context, package))
    holder = None if everything else (user.id, membership.organizations(user.id))
    rows = grant.listing(package.id if package else None, holder, limit=limit or 100, offset=offset or 0)
    return _shown(context, rows)


def _seen(context: Any, data_dict: Any) -> grant.Grant:
    """Return the grant that is meant; for who may not see it there is none."""
    try:
        tk.check_access("cqgov_grant_show", context, data_dict)
    except tk.NotAuthorized as error:
        raise tk.ObjectNotFound(pick(NO_GRANT)) from error
    one = grant.get(data_dict.get("id"))
    if one is None:
        raise tk.ObjectNotFound(pick(NO_GRANT))
    return one


def _read(given: Input, dataset_id: str) -> domain.Grant:
    """Return the grant that a client describes; what can't be read is noted at its field."""
    user_key, place_key = given.text("holder_user"), given.text("holder_organization")
    place = model.Group.get(place_key) if place_key else None
    if place_key and (place is None or not place.is_organization or place.state != "active"):
        given.wrong("holder_organization", NO_ORGANIZATION)
    rows: tuple[grant_rows.Condition, ...] = ()
    try:
        rows = grant_rows.read(given.data.get("rows"))
    except grant_rows.RowFault as fault:
        given.wrong("rows", fault.text)
    return domain.Grant(
        id=str(uuid4()),
        dataset_id=dataset_id,
        holder_user=_user(given, "holder_user", user_key) if user_key else None,
        holder_organization=place.id if place is not None else None,
        staff=frozenset(filter(None, (_user(given, "staff", each) for each in _texts(given, "staff")))),
        resources=frozenset(_texts(given, "resources")),
        columns=tuple(_texts(given, "columns")),
        rows=rows,
        purpose=given.text("purpose", limit=2000) or "",
        terms_version=given.text("terms_version", limit=100) or "",
        valid_from=given.day("valid_from") or today(),
        valid_until=given.day("valid_until"),
        storage=given.flag("storage"),
    )


def _texts(given: Input, field: str) -> list[str]:
    """Return a list of texts, or the parts of a text between commas or line ends, without doubles."""
    value = given.data.get(field) or []
    if isinstance(value, str):
        value = value.replace("，", ",").replace("、", ",").replace("\n", ",").split(",")
    if not isinstance(value, list) or len(value) > MOST or not all(isinstance(each, str) for each in value):
        given.wrong(field, NOT_LIST)
        return []
    return list(dict.fromkeys(text for each in value if (text := each.replace("\0", "").strip()[:MOST])))


def _user(given: Input, field: str, key: str) -> str | None:
    found = model.User.get(key)
    if found is None or found.state != "active":
        given.wrong(field, NO_USER.filled(name=key))
        return None
    return found.id


def _around(package: Any, wanted: domain.Grant, giver: str | None, consents: bool) -> grant_faults.Circumstances:
    """Return what the rules need to know about the world."""
    day, people = today(), [*wanted.staff, *filter(None, [wanted.holder_user])]
    place = wanted.holder_organization
    return grant_faults.Circumstances(
        dataset=access.of_package(package),
        day=day,
        giver=giver,
        consents=consents,
        tables=granted_table.columns_of(package.id),
        members=[each for each in wanted.staff if place in membership.organizations(each)],
        officials=[
            each for each in people if any(held.duty in duties_of.SHARING for held in duty.duties_of(each, day))
        ],
    )


def _refuse_faults(faults: Collection[grant_faults.Fault]) -> None:
    errors: dict[str, list[str]] = {}
    for each in faults:
        errors.setdefault(each.field, []).append(pick(each.told()))
    if errors:
        raise tk.ValidationError(errors)


def _record(context: Any, verb: str, one: grant.Grant, detail: dict[str, Any]) -> None:
    """Write the ledger row and commit: the act and its row are one transaction."""
    scope = ("dataset_id", "holder_user", "holder_organization", "staff", "resources", "columns", "rows")
    terms = ("purpose", "terms_version", "valid_from", "valid_until", "storage")
    described = {name: getattr(one, name) for name in (*scope, *terms)}
    ledger.record(model.Session, asking.actor(context), verb, "grant", one.id, {**described, **detail})
    if not context.get("defer_commit"):
        model.repo.commit()


def _shown(context: Any, rows: Collection[grant.Grant]) -> list[dict[str, Any]]:
    """Return the rows as the API gives them, with names: some queries, and some for each dataset, however many there are."""
    day = today()
    packages = {id_: model.Package.get(id_) for id_ in {one.dataset_id for one in rows}}
    seen = {id_: access.level(context, each) >= Level.CATALOGUE for id_, each in packages.items()}
    person, known, all_ = asking.person(context), asking.directory(), bool(context.get("ignore_auth"))
    giving = {id_: all_ or domain.may_give(person, each.owner_org or None, known) for id_, each in packages.items()}
    ids = {key for one in rows for key in (one.holder_user, one.holder_organization, *one.staff)}
    ids |= {key for one in rows for key in (one.created_by, one.revoked_by)}
    ids |= {each.owner_org for each in packages.values()}
    called = grant.titles(ids) | grant.resource_titles(
        key for one in rows if seen[one.dataset_id] for key in one.resources
    )
    return [
        _one(one, packages[one.dataset_id], seen[one.dataset_id], giving[one.dataset_id], called, day) for one in rows
    ]


def _one(
    one: grant.Grant, package: Any, seen: bool, gives_it: bool, called: dict[str, str], day: Any
) -> dict[str, Any]:
    value = one.value()
    stands = domain.state(value, day)
    holder = one.holder_user or one.holder_organization or ""
    provider = called.get(package.owner_org or "", "")
    revoked = one.revoked_at.astimezone(LEGAL_ZONE) if one.revoked_at else None
    next_ = domain.next_step(
        value,
        day,
        holder=called.get(holder, holder),
        provider=provider or pick(Text("提供部门", "the provider")),
        revoked_on=revoked.date() if revoked else None,
    )
    return {
        "id": one.id,
        "dataset_id": one.dataset_id,
        "dataset_name": package.name if seen else None,
        "dataset_title": (package.title or package.name) if seen else None,
        "provider_title": provider or None,
        "holder_user": one.holder_user,
        "holder_organization": one.holder_organization,
        "holder_title": called.get(holder, holder),
        "staff": list(one.staff),
        "staff_titles": [called.get(each, each) for each in one.staff],
        "resources": list(one.resources),
        "resource_titles": [called.get(each, each) for each in one.resources],
        "columns": list(one.columns),
        "rows": [each.told() for each in value.rows],
        "purpose": one.purpose,
        "terms_version": one.terms_version,
        "valid_from": one.valid_from.isoformat(),
        "valid_until": one.valid_until.isoformat() if one.valid_until else None,
        "storage": one.storage,
        "state": stands.value,
        "state_title": pick(domain.STATES[stands]),
        "next": pick(next_),
        "may_revoke": gives_it and stands in (domain.State.UPCOMING, domain.State.RUNNING),
        "created_by": called.get(one.created_by, one.created_by),
        "created_at": one.created_at.astimezone(LEGAL_ZONE).isoformat(timespec="seconds"),
        "revoked_by": called.get(one.revoked_by, one.revoked_by) if one.revoked_by else None,
        "revoked_at": revoked.isoformat(timespec="seconds") if revoked else None,
        "revoke_reason": one.revoke_reason,
    }
