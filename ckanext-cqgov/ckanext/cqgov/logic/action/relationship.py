"""Relationships of datasets, which CKAN has and the portal has not.

CKAN shows the other dataset of a relationship to whoever sees the one: by name in ``package_relationships_list`` and in fields of
the search index, by id and with its comment in ``package_show``. It asks nobody whether they may see the other.
"""

from __future__ import annotations

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.cqgov.domain.text import Text
from ckanext.cqgov.language import pick
from ckanext.cqgov.logic.chained import chained

__all__ = ["package_relationship_create"]

REFUSED = Text(
    "平台不登记条目之间的关系：能看到一个条目的人会由此得知其不能看到的另一个条目（规章第二十二条）",
    "the portal keeps no relationships of entries: whoever sees the one would learn of the other, which they may not see (Art. 22)",
)


@chained
def package_relationship_create(up: Any, context: Any, data_dict: Any) -> Any:
    """Refuse to relate two datasets, to who might; CKAN answers everybody else, and where anything is missing."""
    named = [data_dict.get(key) for key in ("subject", "object")]
    if all(isinstance(each, str) and model.Package.get(each) for each in named):
        tk.check_access("package_relationship_create", context, data_dict)
        raise tk.ValidationError({"object": [pick(REFUSED)]})
    return up(context, data_dict)
