"""The translations that CKAN's scripts ask for before they start."""

from __future__ import annotations

from flask import Blueprint, request

blueprint = Blueprint("cqgov_script_language", __name__)


@blueprint.before_app_request
def name_locale() -> None:
    """Understand a page language with two hyphens where CKAN's own script asks for the translations of its texts.

    The script makes ``zh_Hans-CN`` of the page's ``zh-Hans-CN`` (it replaces one hyphen only), core answers 400, and
    then no script module starts at all: no table preview, no autocompletion, no file field.
    """
    if request.endpoint == "api.i18n_js_translations" and request.view_args:
        request.view_args["lang"] = request.view_args["lang"].replace("-", "_")
