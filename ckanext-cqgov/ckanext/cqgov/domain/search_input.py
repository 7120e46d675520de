"""What nobody may ask the index for: who may see an entry, and whole entries as they are kept."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

HIDDEN = ("permission_labels", "data_dict", "validated_data_dict")

QUERIES = ("q", "fq", "fq_list")
LISTS = ("facet.field", "sort", "qf", "bf", "boost", "df")

ESCAPED = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
NAMED = re.compile(rf"(?<![\w.])({'|'.join(HIDDEN)})\s*:")
MENTIONED = re.compile(rf"(?<![\w.])({'|'.join(HIDDEN)})(?![\w.\-])")


def refused(params: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the parameter and the field of a search that asks for what nobody may ask for; ``None`` when all is well.

    In a query a field is asked for by its name and a colon, which may be escaped; in a list of fields by its name.
    """
    for pattern, names in ((NAMED, QUERIES), (MENTIONED, LISTS)):
        for name in names:
            for text in _texts(params.get(name)):
                found = pattern.search(_unescaped(text))
                if found:
                    return name, found[1]
    return None


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _texts(each)


def _unescaped(text: str) -> str:
    return ESCAPED.sub(lambda found: chr(int(found[1], 16)) if found[1] else found[2], text) if "\\" in text else text
