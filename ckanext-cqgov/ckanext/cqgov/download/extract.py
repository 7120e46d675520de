"""What is sent instead of a file of which only columns and rows were granted: an extract made of its table, or a reason."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

import ckan.plugins.toolkit as tk
from flask import Response, request

from ckanext.cqgov import ledger
from ckanext.cqgov.catalogue import access, grants
from ckanext.cqgov.domain.vault import Holding
from ckanext.cqgov.download.streaming import PIECE, PRIVATE
from ckanext.cqgov.filenames import disposed
from ckanext.cqgov.language import pick

LATER, NEVER = 503, 404


def answer(context: Any, resource: Any, served: grants.Extract | grants.Nothing, held: Holding) -> Response:
    """Send what ``served`` leaves of the CKAN resource, and record it; 403 with the article where that is nothing (Art. 34(5)).

    ``held`` is what the vault has of it: only its name is used. Answers 503 while the table is being loaded, and 404 with the
    reason where there is none to be loaded.
    """
    if isinstance(served, grants.Nothing):
        ledger.refused(context, "data.extract", "dataset", resource.package_id, {"resource_id": resource.id})
        return tk.abort(403, pick(served.text))
    try:
        made = grants.extract(resource.id, served.windows, held.original_name or resource.id)
    except grants.NoTable as error:
        return tk.abort(LATER if error.later else NEVER, pick(error.text))
    try:
        if request.method != "HEAD":
            told = {"how": "extract", "rows": made.rows, "grants": _grants(context, resource)}
            ledger.read(context, resource.package_id, resource.id, told)
    except BaseException:
        made.file.close()
        raise
    response = Response(_pieces(made.file), headers=PRIVATE, content_type="text/csv; charset=utf-8")
    response.call_on_close(made.file.close)
    response.headers["Content-Disposition"] = disposed("attachment", made.name)
    response.headers["Content-Length"] = str(made.size)
    return response


def _grants(context: Any, resource: Any) -> list[str]:
    return sorted(each.id for each in grants.of_resource(access.viewer(context), resource) if each.storage)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece
