"""From which address a request comes: the connection's, or what a trusted proxy says; never what a client claims."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.middleware.proxy_fix import ProxyFix

from ckanext.cqgov.circumstances import CLAIMED

CLAIMS = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_X_CLIENT_IP", "HTTP_TRUE_CLIENT_IP")
"""Headers by which anybody may claim to come from anywhere; CKAN itself believes the first of them. What the first that is there
claims is kept for the ledger."""

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def behind(application: Application, proxies: int) -> Application:
    """Return the application with ``REMOTE_ADDR`` and scheme as the last ``proxies`` proxies report them, claims dropped.

    :param proxies: how many proxies of the operator's own stand before the portal; 0 trusts none.
    """

    def without_claims(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        for claim in reversed(CLAIMS):
            if (claimed := environ.pop(claim, None)) is not None:
                environ[CLAIMED] = claimed
        return application(environ, start)

    return ProxyFix(without_claims, x_for=proxies, x_proto=proxies) if proxies > 0 else without_claims
