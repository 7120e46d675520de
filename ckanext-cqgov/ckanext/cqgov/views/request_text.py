"""What no request may carry, and what no request may leave behind: text that can't be stored, a broken database session."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
from flask import Blueprint, Response, got_request_exception, request

blueprint = Blueprint("cqgov_request_text", __name__)

NUL = "\x00"
SUSPECT = re.compile(r"\\u(?:0000|d[89a-f]..)|nan|infinity|e\+?\d{3}", re.IGNORECASE)
"""A NUL, or half of a pair, which may be whole; what Python reads as a number though JSON and databases know none such."""
DEEPEST = 60
"""Levels of lists and objects in the body of a request; Python's own functions give up at some hundreds."""


@blueprint.before_app_request
def storable() -> Response | None:
    """Refuse what PostgreSQL can't store (NUL, half a surrogate pair, infinity) and JSON too deep to walk, before anything reads it.

    Without it such text fails deep inside, as an error of the server; with it the answer is CKAN's own for a body that
    is not JSON (400).
    """
    if bearable():
        return None
    text = tk._("The request contains characters or numbers that cannot be stored, or is nested too deeply")
    if (request.endpoint or "").startswith("api."):
        return Response(json.dumps(tk._("Bad request - %s") % text), 400, content_type="application/json;charset=utf-8")
    return tk.abort(400, text)


def bearable() -> bool:
    """Say whether path, parameters, form and JSON body of the request can be read and stored."""
    words: list[str] = [request.path]
    for fields in (request.args, request.form):
        words.extend(fields.keys())
        words.extend(value for values in fields.listvalues() for value in values)
    words.extend(file.filename or "" for files in request.files.listvalues() for file in files)
    if any(NUL in word for word in words):
        return False
    if request.is_json:
        return walkable(request.get_data(as_text=False).decode(errors="replace"), request.get_json)
    # CKAN also takes JSON as the only key of a form
    return all(walkable(key, lambda key=key, **_: json.loads(key)) for key in request.form if key.startswith("{"))


def walkable(text: str, read: Any) -> bool:
    """Say whether JSON can be stored; ``read`` gives its value. What is not JSON at all is left to CKAN's own answer."""
    if not SUSPECT.search(text) and text.count("[") + text.count("{") <= DEEPEST:
        return True
    try:
        value = read(silent=True)
    except RecursionError:
        return False
    except ValueError:
        return True
    return clean(value)


def clean(value: Any) -> bool:
    """Say whether a JSON value is at most ``DEEPEST`` deep and all its texts can be stored."""
    level: list[Any] = [value]
    for _depth in range(DEEPEST):
        below: list[Any] = []
        for each in level:
            if isinstance(each, str):
                if not text_of(each):
                    return False
            elif isinstance(each, float):
                if not math.isfinite(each):
                    return False
            elif isinstance(each, dict):
                if not all(map(text_of, each)):
                    return False
                below.extend(each.values())
            elif isinstance(each, Iterable):
                below.extend(each)
        if not below:
            return True
        level = below
    return False


def text_of(word: str) -> bool:
    """Say whether PostgreSQL can store a text."""
    if NUL in word:
        return False
    try:
        word.encode()
    except UnicodeEncodeError:
        return False
    return True


@got_request_exception.connect
def roll_back(*_: Any, **__: Any) -> None:
    """End the failed transaction before the error page is drawn, which reads the account of whoever asked.

    Otherwise drawing it fails too, CKAN's clean-up after the response never runs, and the broken session answers the
    next visitors of the same thread with errors.
    """
    model.Session.rollback()


@blueprint.teardown_app_request
def forget(error: BaseException | None) -> None:
    """Leave no session behind after an error, even where there was no response to clean up after."""
    if error is not None:
        model.Session.remove()
