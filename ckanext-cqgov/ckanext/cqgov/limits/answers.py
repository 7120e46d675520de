"""What is answered to a request that is not let in: a small page in both languages, or JSON in CKAN's shape of an error."""

from __future__ import annotations

import json
from collections.abc import Mapping

import ckan.plugins.toolkit as tk
from flask import Response, request

from ckanext.cqgov.domain.text import Text
from ckanext.cqgov.language import pick

TYPES = {
    403: "Authorization Error",
    413: "Request Too Large Error",
    429: "Rate Limit Error",
    503: "Service Unavailable Error",
}
"""The ``__type`` of an error by its status."""

TITLES = {
    403: Text("没有权限", "Not allowed"),
    413: Text("文件或请求过大", "Too large"),
    429: Text("请稍候", "Please wait a moment"),
    503: Text("暂时不可用", "Not available just now"),
}


def refusal(status: int, said: Text, headers: Mapping[str, str]) -> Response:
    """Return the answer to a refused request: JSON for the API, else a page of its own that costs next to nothing to make.

    The page does not use the portal's frame, whose making would be just what a flood of requests wants.
    """
    if (request.endpoint or "").startswith("api."):
        response = Response(_json(status, said), status, content_type="application/json;charset=utf-8")
    else:
        page = tk.render("cqgov/limits/refused.html", {"title": TITLES[status], "said": said, "status": status})
        response = Response(page, status, content_type="text/html; charset=utf-8")
    response.headers.update(headers)
    response.headers["Cache-Control"] = "private, no-store"
    request.environ["__no_cache__"] = True  # else CKAN adds that anybody may keep it
    return response


def _json(status: int, said: Text) -> str:
    error = {"__type": TYPES[status], "message": pick(said)}
    return json.dumps({"help": request.base_url, "success": False, "error": error}, ensure_ascii=False)
