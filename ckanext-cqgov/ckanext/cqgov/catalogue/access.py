"""Who asks and about which dataset: the facts that ``domain.access`` decides on, read once per request.

``level`` and ``require`` are the gate of everything that shows a dataset or its data. An open dataset costs no query; a visitor
never does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import Any

import ckan.plugins.toolkit as tk
from flask import g, has_request_context

from ckanext.cqgov.catalogue import held_grants
from ckanext.cqgov.clock import today
from ckanext.cqgov.domain import access as domain
from ckanext.cqgov.domain import duties
from ckanext.cqgov.domain.access import ANONYMOUS, SYSTEM, Dataset, Level, Viewer
from ckanext.cqgov.logic import asking
from ckanext.cqgov.model import dataset, duty, membership, visibility

_facts: ContextVar[tuple[frozenset[str], dict[str, str | None]] | None] = ContextVar("cqgov_access_facts", default=None)


def viewer(context: Any) -> Viewer:
    """Return who asks in an action's context; ``SYSTEM`` for code that ignores authorization.

    Read once per request and person: their memberships, duties and grants of today.
    """
    if context.get("ignore_auth"):
        return SYSTEM
    return viewer_of(asking.user(context))


def viewer_of(user: Any) -> Viewer:
    """Return the viewer that a CKAN user is; ``None``, a visitor and an account that is not active are ``ANONYMOUS``."""
    if user is None or not getattr(user, "is_authenticated", True) or user.state != "active":
        return ANONYMOUS
    if not has_request_context():
        return _read(user)
    known = g.setdefault("cqgov_viewers", {})
    if user.id not in known:
        known[user.id] = _read(user)
    return known[user.id]


def _read(user: Any) -> Viewer:
    day = today()
    if user.sysadmin:
        return Viewer(id=user.id, sysadmin=True)
    person, own = duty.person(user, day), membership.organizations(user.id)
    overseeing = any(held.duty in ("authority-officer", "inspector") for held in person.duties)
    known = asking.directory() if overseeing else {}
    return Viewer(
        id=user.id,
        staff=any(held.duty in duties.SHARING for held in person.duties),
        member_of=own,
        oversees=duties.areas(person, "authority-officer", known),
        inspects=duties.areas(person, "inspector", known),
        reviews=frozenset(held.organization_id for held in person.duties if held.duty == "confidentiality-reviewer"),
        granted=frozenset(each.dataset_id for each in held_grants.held(user.id, own, day)),
    )


def of_package(package: Any) -> Dataset:
    """Return what of a CKAN package decides over access, as it is stored; two small queries whatever it is."""
    released, districts = _facts.get() or (dataset.released([package.id]), visibility.areas.get())
    return replace(_outline(package), released=package.id in released, district=districts.get(package.owner_org or ""))


def of_listed(package: Any) -> Dataset:
    """Return ``of_package`` as far as the catalogue goes: nothing is asked for what everybody sees there."""
    outline = _outline(package)
    return outline if domain.access(ANONYMOUS, outline) else of_package(package)


@contextmanager
def facts_remembered(package_ids: Iterable[str]) -> Iterator[None]:
    """Ask once which of these datasets are released to staff, and where organisations stand: for whoever looks at many."""
    token = _facts.set((dataset.released(package_ids), visibility.areas.get()))
    try:
        yield
    finally:
        _facts.reset(token)


def level(context: Any, package: Any) -> Level:
    """Return how much of the CKAN package is open to whoever asks in this context."""
    return level_for(lambda: viewer(context), package)


def level_for(who: Any, package: Any) -> Level:
    """Return how much of the package is open to the viewer that ``who()`` returns; not asked for where all is open to all."""
    outline = _outline(package)
    public = domain.access(ANONYMOUS, outline)
    if public is Level.DATA:
        return public
    asker = who()
    if asker == ANONYMOUS:
        return public
    return domain.access(asker, of_package(package))


def require(context: Any, package: Any, wanted: Level) -> None:
    """Let pass who sees at least ``wanted`` of the package.

    Raises ``ObjectNotFound``, as for a name that nobody bears, when the package does not exist for whoever asks, and
    ``NotAuthorized`` when only its catalogue entry is open to them (Arts. 19, 22, 24).
    """
    found = level(context, package) if package is not None else Level.NONE
    if found is Level.NONE:
        raise tk.ObjectNotFound()
    if found < wanted:
        raise tk.NotAuthorized(tk._("The data are open to those who were granted them; the catalogue entry is public"))


def _outline(package: Any) -> Dataset:
    """Return what the package itself says; enough for a visitor."""
    extras = package.extras or {}
    opening = extras.get("opening_type")
    return Dataset(
        id=package.id,
        provider=package.owner_org or None,
        district=None,
        state=package.state,
        published=domain.is_listed(package.state, package.private, opening),
        released=False,
        opening_type=opening,
        sharing_type=extras.get("sharing_type"),
        creator=package.creator_user_id,
    )
