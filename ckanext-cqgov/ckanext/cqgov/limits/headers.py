"""Puts the headers that protect a reader on every answer (rules in ``domain/limits_headers.py``)."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import lru_cache

import ckan.plugins.toolkit as tk
from flask import Blueprint, Response, request

from ckanext.cqgov.domain import limits_headers as domain
from ckanext.cqgov.limits.settings import setting

blueprint = Blueprint("cqgov_headers", __name__)

FILES = ("*_resource.download", "*_download.*", "file.*")
"""Endpoints that send what somebody uploaded."""

VIEWS = ("*_resource.view",)
"""Endpoints of previews: other sites may show them in a frame, where the operator names them, and the library that draws tables
there sets styles of elements (which can run nothing)."""

STATIC = ("static", "webassets.index")


@blueprint.after_app_request
def guard(response: Response) -> Response:
    """Set the headers; a policy that the view itself has set stays."""
    endpoint = request.endpoint or ""
    embedders = tuple(setting("embedding"))
    embedded = bool(embedders) and fits(endpoint, VIEWS)
    https = tk.config["ckan.site_url"].startswith("https://")
    for name, value in _guarding(https, setting("hsts_seconds"), embedded).items():
        if (
            name != "Referrer-Policy" or name not in response.headers
        ):  # a view may tell less of where a reader comes from
            response.headers[name] = value
    if endpoint not in STATIC:
        sources = tuple(setting("csp.images")), tuple(setting("csp.frames")), embedders if embedded else ()
        response.headers.setdefault("Content-Security-Policy", _policy(kind(endpoint, response), *sources))
    return response


@blueprint.route("/cqgov-custom.css")
def custom_style() -> Response:
    """Return the style that an administrator entered in CKAN's settings, which CKAN would write into every page."""
    response = Response(str(tk.config.get("ckan.site_custom_css") or ""), content_type="text/css; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache"
    return response


def kind(endpoint: str, response: Response) -> str:
    """Return which policy an answer needs: ``page``, ``view``, ``file`` or ``answer``."""
    if fits(endpoint, FILES) and response.status_code < 300:
        return "file"
    if response.mimetype != "text/html":
        return "answer"
    return "view" if fits(endpoint, VIEWS) else "page"


@lru_cache(maxsize=1024)
def fits(endpoint: str, patterns: tuple[str, ...]) -> bool:
    """Say whether an endpoint fits one of the patterns."""
    return any(fnmatchcase(endpoint, pattern) for pattern in patterns)


@lru_cache(maxsize=64)
def _policy(kind: str, images: tuple[str, ...], frames: tuple[str, ...], embedders: tuple[str, ...]) -> str:
    policies = {"page": domain.PAGE, "view": domain.VIEW, "file": domain.FILE, "answer": domain.ANSWER}
    policy = policies[kind]
    if kind in ("page", "view"):
        policy = domain.widened(policy, {"img-src": images, "frame-src": frames, "frame-ancestors": embedders})
    return domain.text(policy)


@lru_cache(maxsize=8)
def _guarding(https: bool, seconds: int, embedded: bool) -> dict[str, str]:
    return domain.guarding(https=https, hsts_seconds=seconds, embedded_elsewhere=embedded)
