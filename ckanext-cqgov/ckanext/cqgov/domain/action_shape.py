"""Of which shape what a client sends to one of CKAN's actions must be, where CKAN's code would fail instead of answering.

One table by the names of parameters, which mean the same in all of CKAN's actions, and a few rows for actions that need a
parameter or read one differently. It only refuses what CKAN answers with an error of the server.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from ckanext.cqgov.domain.text import Text


class Shape(StrEnum):
    """What a parameter takes."""

    KEY = "key"  # a text of letters, digits, - and _
    TEXT = "text"  # nothing but a text: a key, which the database compares with a text
    OWNER = "owner"  # a kind of thing that files belong to
    WORD = "word"  # a text or a number
    NUMBER = "number"  # a natural number, also as a text
    FLAG = "flag"
    LIST = "list"
    TABLE = "table"  # a dictionary
    ROWS = "rows"  # a list of dictionaries
    TEXTS = "texts"  # a text or a list of texts
    ANY = "any"


KEY, TEXT, WORD, NUMBER, FLAG, LIST = Shape.KEY, Shape.TEXT, Shape.WORD, Shape.NUMBER, Shape.FLAG, Shape.LIST
TABLE, ROWS, TEXTS, OWNER, ANY = Shape.TABLE, Shape.ROWS, Shape.TEXTS, Shape.OWNER, Shape.ANY
OWNERS = ("package", "resource", "user", "organization", "group")

SENTENCES: Mapping[Shape | str, Text] = {
    KEY: Text("只能含字母、数字、- 和 _", "must be a text of letters, digits, - and _"),
    TEXT: Text("应为文本", "must be a text"),
    WORD: Text("应为文本或数字", "must be a text or a number"),
    NUMBER: Text("应为不超过 2147483647 的自然数", "must be a natural number of at most 2147483647"),
    FLAG: Text("应为 true 或 false", "must be true or false"),
    LIST: Text("应为列表", "must be a list"),
    TABLE: Text("应为对象", "must be an object"),
    ROWS: Text("应为对象的列表", "must be a list of objects"),
    TEXTS: Text("应为文本或文本的列表", "must be a text or a list of texts"),
    OWNER: Text(f"可填：{'、'.join(OWNERS)}", f"must be one of: {', '.join(OWNERS)}"),
    "missing": Text("缺少此项", "is missing"),
}

LARGEST = 2**31 - 1
FLAG_WORDS = frozenset("true yes on y t 1 false no off n f 0".split())
FLAGS = re.compile(r"include_\w+|all_fields|use_default_schema|for_view|am_member|create_datastore_views")

NAMED: Mapping[str, Shape] = {
    **dict.fromkeys(
        "id resource_id package_id dataset_id user_id org_id organization_id group_id vocabulary_id entity_id owner_id "
        "object subject object_type subject_type owner_type entity_type task_type activity_type diff_type view_type "
        "user username email key jti token q sql sort order_by type role capacity permission storage location".split(),
        TEXT,
    ),
    **dict.fromkeys("name title description url format fullname about password state version notes".split(), WORD),
    **dict.fromkeys("limit offset rows start days page".split(), NUMBER),
    **dict.fromkeys("datasets terms order".split(), LIST),
}
"""Parameter -> its shape in any action of CKAN's."""

READ: Mapping[str, Mapping[str, Shape]] = {
    "datastore_search": {"q": ANY, "sort": ANY, "limit": ANY, "offset": ANY},
    "package_search": dict.fromkeys(("q", "sort", "rows", "start", "facet.field"), ANY),
    "file_owner_scan": {"owner_type": OWNER},
    "file_ownership_transfer": {"owner_type": OWNER},
    "job_cancel": {"id": KEY},
    "job_show": {"id": KEY},
    "resource_search": {"query": TEXTS},
    "tag_search": {"query": TEXTS, "fields": TABLE},
    "tag_autocomplete": {"query": TEXTS, "fields": TABLE},
    "resource_create_default_resource_views": {"resource": TABLE, "package": TABLE},
    "package_create_default_resource_views": {"package": TABLE},
    "task_status_update_many": {"data": ROWS},
    "term_translation_update_many": {"data": ROWS},
    "term_translation_show": {"terms": TEXTS, "lang_codes": TEXTS},
}
"""Action -> parameters that it reads differently, or alone."""

NEEDED: Mapping[str, tuple[str, ...]] = {
    "datastore_run_triggers": ("resource_id",),
    "datastore_search_sql": ("sql",),
    "group_autocomplete": ("q",),
    "organization_autocomplete": ("q",),
    **{
        f"{kind}_member_{verb}": ("id", "username")
        for kind in ("group", "organization")
        for verb in ("create", "delete")
    },
    "resource_view_update": ("resource_id",),
    "user_invite": ("group_id",),
    "task_status_update_many": ("data",),
    "term_translation_update_many": ("data",),
}
"""Action -> parameters without which CKAN fails."""


KEYED = (
    *("cqgov_dataset_check", "cqgov_dataset_release", "cqgov_dataset_retract"),
    *("cqgov_reclassification_show", "cqgov_reclassification_resume"),
)
"""Actions of our own that look up what ``id`` names before they check anything else."""


def keys(action: str, given: Mapping[str, Any]) -> Iterator[tuple[str, Text]]:
    """Yield what ``problems`` would of the key of one of our own actions, which check the rest by themselves."""
    if action in KEYED and given.get("id") is not None and not fits(TEXT, given["id"]):
        yield "id", SENTENCES[TEXT]


def problems(action: str, given: Mapping[str, Any]) -> Iterator[tuple[str, Text]]:
    """Yield parameter and sentence for what an action of CKAN's could not read of ``given``."""
    own = READ.get(action, {})
    for key in NEEDED.get(action, ()):
        if key not in given or (given[key] is None and own.get(key) is not ANY):
            yield key, SENTENCES["missing"]
    for key, value in given.items():
        shape = own.get(key) or NAMED.get(key) or (FLAG if FLAGS.fullmatch(key) else ANY)
        if value is not None and not fits(shape, value):
            yield key, SENTENCES[shape]


def fits(shape: Shape, value: Any) -> bool:
    """Say whether a value that was sent has a shape."""
    if shape is KEY:
        return isinstance(value, str) and bool(re.fullmatch(r"[\w-]+", value, re.ASCII))
    if shape is TEXT:
        return isinstance(value, str)
    if shape is OWNER:
        return value in OWNERS
    if shape is WORD:
        return isinstance(value, str | int | float)
    if shape is NUMBER:
        return natural(value)
    if shape is FLAG:
        return isinstance(value, bool | int) or (isinstance(value, str) and value.strip().lower() in FLAG_WORDS)
    if shape is LIST:
        return isinstance(value, list)
    if shape is TABLE:
        return isinstance(value, dict)
    if shape is ROWS:
        return isinstance(value, list) and all(isinstance(row, dict) for row in value)
    if shape is TEXTS:
        return isinstance(value, str) or (isinstance(value, list) and all(isinstance(each, str) for each in value))
    return True


def natural(value: Any) -> bool:
    """Say whether a value is a natural number that the database can count with, or a text of one; nothing is left to CKAN."""
    if isinstance(value, str):
        text = value.strip()
        return not text or (text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= LARGEST)
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST
