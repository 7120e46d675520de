"""What is answered while PostgreSQL does not: that it is so just now (503), on a page of its own that needs no query."""

from __future__ import annotations

import logging

from flask import Blueprint, Response, current_app, g
from sqlalchemy.exc import InterfaceError, OperationalError

from ckanext.cqgov.domain.text import Text
from ckanext.cqgov.limits.answers import refusal

__all__ = ["blueprint"]

blueprint = Blueprint("cqgov_database_away", __name__)

log = logging.getLogger(__name__)

RETRY = "10"
"""Seconds after which to ask again."""

AWAY = Text(
    "数据库暂时没有响应，平台暂不可用；没有数据丢失，请过几分钟再试",
    "The database does not answer at the moment, so the portal is away. Nothing is lost; please try again in a few minutes.",
)


@blueprint.app_errorhandler(OperationalError)
@blueprint.app_errorhandler(InterfaceError)
def unavailable(error: Exception) -> Response:
    """Answer whatever could not be asked of the database; the log alone has the reason."""
    log.error("The database does not answer: %s", error)
    g._login_user = current_app.login_manager.anonymous_user()  # type: ignore[attr-defined]  # to ask who asks would fail again
    return refusal(503, AWAY, {"Retry-After": RETRY})
