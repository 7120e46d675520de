"""API tokens with a scope and an end: chosen when a token is made, kept with it, enforced for whatever it asks."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
from ckan.lib.api_token import into_seconds
from flask import Blueprint, Response, g, has_request_context, request

from ckanext.cqgov.domain import limits_tokens as domain
from ckanext.cqgov.language import pick
from ckanext.cqgov.limits.answers import refusal
from ckanext.cqgov.limits.settings import setting

blueprint = Blueprint("cqgov_tokens", __name__)

EXTRA = "cqgov"
USED = "cqgov_token_scope"


class Tokens:
    """The ``IApiToken`` of the plugin."""

    def create_api_token_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Let a new token have a ``scope`` and an ``expires_in`` (days)."""
        schema["scope"] = [tk.get_validator("ignore_empty"), known_scope]
        schema["expires_in"] = [tk.get_validator("ignore_missing"), permitted_days]
        return schema

    def postprocess_api_token(self, data: dict[str, Any], jti: str, data_dict: dict[str, Any]) -> dict[str, Any]:
        """Note scope and end with a new token; the end also stands in the token itself."""
        scope = data_dict.get("scope") or setting("token.default_scope")
        days = data_dict.get("expires_in") or min(setting("token.default_days"), setting("token.most_days"))
        token = model.ApiToken.get(jti)
        assert token
        ends = token.created_at + timedelta(days=days)
        token.set_extra(EXTRA, {"scope": scope, "expires": ends.isoformat(timespec="seconds")}, True)
        return {**data, "exp": into_seconds(ends)}

    def preprocess_api_token(self, data: Any) -> Any:
        """Let a token that has ended open nothing; remember the scope of the one that the request is made with."""
        token = model.ApiToken.get(data.get("jti")) if data else None
        if token is None or facts(token)["expired"]:
            return {}
        if has_request_context():
            g.setdefault(USED, facts(token)["scope"])
        return data

    def decode_api_token(self, encoded: str, **kwargs: Any) -> None:
        """Leave the reading of tokens to CKAN."""
        return None

    def encode_api_token(self, data: dict[str, Any], **kwargs: Any) -> None:
        """Leave the writing of tokens to CKAN."""
        return None

    def add_extra_fields(self, data_dict: dict[str, Any]) -> dict[str, Any]:
        """Tell scope and end of a new token."""
        token = model.ApiToken.get(data_dict.get("id"))
        found = facts(token) if token else {}
        return {**data_dict, **{key: found[key] for key in ("scope", "expires_at") if key in found}}


def facts(token: Any) -> dict[str, Any]:
    """Return ``scope``, ``expires_at`` (UTC, ISO 8601) and ``expired`` of a stored token.

    A token from before there were scopes may do everything, as it could.
    """
    noted = (token.plugin_extras or {}).get(EXTRA) or {}
    ends = domain.expiry(token.created_at, noted.get("expires"), setting("token.most_days"))
    scope = noted.get("scope", domain.FULL)
    return {"scope": scope, "expires_at": ends.isoformat(timespec="seconds"), "expired": ends <= now()}


def now() -> datetime:
    """Return the present moment as CKAN stores moments: UTC, without zone."""
    return datetime.utcnow()


def known_scope(value: Any) -> str:
    """Refuse a scope that there is not."""
    if value not in domain.SCOPES:
        raise tk.Invalid(pick(domain.UNKNOWN_SCOPE.filled(scopes=", ".join(domain.SCOPES))))
    return value


def permitted_days(value: Any) -> int | None:
    """Return the days that a token shall be valid, nothing for an empty field; refuse what is not permitted."""
    if value == "":
        return None
    days = int(value) if isinstance(value, str) and value.strip().isdecimal() and len(value) < 9 else value
    if problem := domain.days_problem(days, setting("token.most_days")):
        raise tk.Invalid(pick(problem))
    return days


@blueprint.before_app_request
def within_scope() -> Response | None:
    """Refuse what the request's token is not for (403)."""
    scope = g.get(USED)
    if scope is None or scope == domain.FULL or not g.get("userobj"):
        return None
    endpoint = request.endpoint or ""
    if endpoint != "api.action":
        allowed, asked = domain.allows_page(scope, endpoint, request.method), f"{request.method} {request.path}"
    else:
        asked = (request.view_args or {}).get("logic_function", "")
        try:
            reads = bool(getattr(tk.get_action(asked), "side_effect_free", False))
        except KeyError:
            return None  # CKAN says that there is no such action
        allowed = domain.allows_action(scope, asked, reads=reads)
    return None if allowed else refusal(403, domain.refused(scope, asked), {})


def choices() -> list[dict[str, str]]:
    """Return the scopes as a form offers them, the narrowest first: ``value``, ``text``, ``may``."""
    return [{"value": scope, "text": pick(name), "may": pick(may)} for scope, (name, may) in domain.SCOPES.items()]
