"""Counts requests and refuses those that are too many. Behind the kept pages, which cost too little to be counted."""

from __future__ import annotations

from flask import Blueprint, Response, g, request

from ckanext.cqgov.domain import limits as domain
from ckanext.cqgov.limits import counting, settings
from ckanext.cqgov.limits.answers import refusal

blueprint = Blueprint("cqgov_limits", __name__)

STANDING = "cqgov_standing"


@blueprint.before_app_request
def count() -> Response | None:
    """Count the request for its account, or for its address where nobody is signed in; refuse it when it is one too many.

    A token that is not valid counts for the address, so that made-up tokens gain nothing. Attempts to log in have their own
    counts (``limits.login``). Without Redis everything goes on but what must never be unlimited.
    """
    kind = kind_asked()
    if kind is None or kind == domain.LOGIN or is_exempt():
        return None
    account = g.userobj.id if g.get("userobj") else None
    rate = settings.rate(kind, signed_in=account is not None)
    try:
        standing = counting.counter().hit(kind, account or place(), rate, exact=kind in domain.CLOSED)
    except counting.Uncounted:
        return closed() if kind in domain.CLOSED else None
    setattr(g, STANDING, standing)
    return too_many(standing) if standing.refused else None


@blueprint.after_app_request
def tell(response: Response) -> Response:
    """Say in the headers where the asker stands."""
    if standing := g.get(STANDING):
        response.headers.update(standing.headers())
    return response


def kind_asked() -> str | None:
    """Return the kind of the present request."""
    endpoint = request.endpoint or ""
    action = request.view_args.get("logic_function") if endpoint == "api.action" and request.view_args else None
    return domain.kind_of(endpoint, request.method, action if action is None else action[:100])


def place() -> str:
    """Return for which address the present request is counted."""
    return domain.place_of((request.remote_addr or "")[:64])


def is_exempt() -> bool:
    """Say whether the request comes from an address that the operator never limits."""
    networks = settings.setting("exempt")
    return bool(networks) and domain.is_within(request.remote_addr or "", networks)


def too_many(standing: domain.Standing) -> Response:
    """Return the answer to a request too many (429)."""
    return refusal(429, domain.TOO_MANY.filled(wait=domain.wait(standing.ends_in)), standing.headers())


def closed() -> Response:
    """Return the answer to what is closed while nobody can count (503)."""
    return refusal(503, domain.UNCOUNTED, {"Retry-After": str(int(counting.REST))})
