"""CKAN's list of API tokens, with what each may do and until when."""

from __future__ import annotations

from typing import Any

import ckan.model as model

from ckanext.cqgov.limits.tokens import facts
from ckanext.cqgov.logic.chained import chained

__all__ = ["api_token_list"]


@chained
def api_token_list(original: Any, context: Any, data_dict: Any) -> list[dict[str, Any]]:
    """Return CKAN's list, each token with ``scope``, ``expires_at`` (UTC) and ``expired``."""
    found = original(context, data_dict)
    return [{**each, **facts(model.ApiToken.get(each["id"]))} for each in found]
