"""How large a request may be, known before any of it is read into memory or on disk."""

from __future__ import annotations

from flask import Blueprint, Response, g, request

from ckanext.cqgov.domain.text import Text
from ckanext.cqgov.limits.answers import refusal
from ckanext.cqgov.limits.settings import setting

blueprint = Blueprint("cqgov_body_size", __name__)

MB = 1_000_000
FIELDS = 1 * MB
"""Room for the fields of a form beside its file."""

TOO_LARGE = Text(
    "请求超过上限 {limit} MB。请分成几次，或请管理员调整 {key}。",
    "The request is larger than {limit} MB. Send it in parts, or ask the administrator about {key}.",
)


@blueprint.before_app_request
def refuse_too_large() -> Response | None:
    """Refuse a body that says it is too large (413), and have one that doesn't say so cut off while it is read.

    A visitor has nothing large to send, and of a megabyte of JSON Python makes more than twenty.
    """
    name = "upload.max_size" if request.mimetype == "multipart/form-data" else "request.max_size"
    if not g.get("userobj"):
        name = "request.max_size_visitor"
    limit = setting(name)
    most = limit * MB + (FIELDS if name == "upload.max_size" else 0)
    request.max_content_length = most
    if (request.content_length or 0) > most:
        return refusal(413, TOO_LARGE.filled(limit=limit, key=f"ckanext.cqgov.limits.{name}"), {"Connection": "close"})
    return None
