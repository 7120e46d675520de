"""What nobody may ask the index for: who may see an entry, whole entries as they are kept, and what the index knows of
entries that the asker may not see (how many have a word, what another query finds)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from typing import Any

from ckanext.cqgov.domain.text import Text

HIDDEN = ("permission_labels", "data_dict", "validated_data_dict")

QUERIES = ("q", "fq", "fq_list")
LISTS = ("facet.field", "sort", "qf", "bf", "boost", "df")
FIELDS = (*LISTS, "fl")
NUMBERS = ("rows", "start", "facet.limit", "facet.mincount")
FLAGS = ("include_private", "include_drafts", "include_deleted", "use_default_schema")

DEEPEST = 500

FLAG_WORDS = frozenset("true yes on y t 1 false no off n f 0".split())

PARSERS = ("lucene", "dismax", "edismax")
"""The query parsers that a client may name; others read parameters and fields past all that is checked here."""

WHOLE_INDEX = "docfreq idf joindf maxdoc numdocs ord rord scale sttf sumtotaltermfreq totaltermfreq ttf"
"""Functions that count or rank over all entries, also those that the asker may not see."""

ESCAPED = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
BETWEEN = r"(?:\s|/\*[^*]*\*+(?:[^/*][^*]*\*+)*/)*"
"""What may stand between a field and its colon: blanks and comments."""
NAMED = re.compile(rf"(?<![A-Za-z_.])({'|'.join(HIDDEN)}){BETWEEN}:")
MENTIONED = re.compile(rf"(?<![\w.])({'|'.join(HIDDEN)})(?![\w.\-])")
COMPUTED = re.compile(rf"\b(?:{'|'.join(WHOLE_INDEX.split())})\s*\(|\$")
MAGIC = re.compile(r"_(?:query|val)_")
"""Fields of Solr's that are queries of their own: a join or a function in them looks at entries that the asker may not see.

CKAN refuses them, but knows neither their letters by code (``\\u005fquery_``) nor what may stand before them (``x^2_query_:``).
"""
SCORED = re.compile(r"(?<![\w.])score(?![\w.\-])")
"""How well an entry fits: computed from how many entries have a word, those that the asker may not see among them."""

MADE = re.compile(r"[\[\](){}$'\"]")
"""What makes more of a name in ``fl`` than a field: ``[subquery]`` would answer a query without any filter."""

RENAMED = re.compile(r"(?<![\w.])(?:id|cqgov_opening_type)\s*:")
"""Another field under the name of one by which hits are looked at once more (``catalogue.hits``)."""


WANTED: Mapping[str, Text] = {
    "texts": Text("应为字符串列表", "must be a list of strings"),
    "number": Text("应为整数", "must be a whole number"),
    "flag": Text("应为 true 或 false", "must be true or false"),
}
"""What a parameter must be, by the kinds of ``misshapen``."""


def magic(params: Mapping[str, Any]) -> tuple[str, Text] | None:
    """Return the parameter of a search that holds a query of its own, and what that is; ``None`` when none does.

    In a query such a field is followed by a colon, wherever that stands: blanks and comments may be between.
    """
    for names, fielded in ((QUERIES, True), (FIELDS, False)):
        for name in names:
            for text in map(_unescaped, _texts(params.get(name))):
                found = MAGIC.search(text)
                if found and (":" in text or not fielded):
                    return name, Text(f"字段 {found[0]}", f"Field {found[0]}")
    return None


def refusal(name: str, what: Text) -> Text:
    """Return the sentence that refuses ``what`` in the parameter ``name``, as ``refused`` returns them."""
    return Text("参数“{name}”中不能查询{what}。", "{what} cannot be asked for in param '{name}'.").filled(
        name=name, what=what
    )


def refused(params: Mapping[str, Any], parsers: Iterable[str] = ()) -> tuple[str, Text] | None:
    """Return the parameter of a search that asks for what nobody may ask for, and what that is; ``None`` when all is well.

    In a query a field is asked for by its name and a colon, which may be escaped; in a list of fields by its name.
    ``parsers`` are further query parsers that may be named.
    """
    if found := magic(params):
        return found
    for pattern, names in ((NAMED, QUERIES), (MENTIONED, LISTS)):
        for name in names:
            for text in _texts(params.get(name)):
                found = pattern.search(_unescaped(text))
                if found:
                    return name, Text(f"字段 {found[1]}", f"Field {found[1]}")
    for pattern, names in ((COMPUTED, LISTS), (MADE, ("fl",)), (SCORED, ("fl",)), (RENAMED, ("fl",))):
        for name in names:
            for text in _texts(params.get(name)):
                if pattern.search(text):
                    return name, _quoted(text)
    if name := next((name for name in QUERIES if any(map(_too_deep, _texts(params.get(name))))), None):
        return name, Text("超过 {limit} 层的括号", "Brackets nested more than {limit} deep").filled(limit=DEEPEST)
    for name, known in (("defType", (*PARSERS, *parsers)), ("wt", ("json",))):
        if params.get(name) and params[name] not in known:
            return name, _quoted(str(params[name]))
    return None


def _quoted(text: str) -> Text:
    return Text(f" {text[:100]}", text[:100])


def _too_deep(text: str) -> bool:
    """Say whether a query that names fields nests its brackets so deep that Solr's parser would run out of stack."""
    if ":" not in text or text.count("(") <= DEEPEST:
        return False
    steps = ((each == "(") - (each == ")") for each in text if each in "()")
    return max(accumulate(steps)) > DEEPEST


def misshapen(params: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the parameters whose values are of a kind that CKAN would trip over, with the kind that is wanted:
    ``texts``, ``number`` or ``flag``."""
    found = []
    if "fq_list" in params and not _strings(params["fq_list"]):
        found.append(("fq_list", "texts"))
    if params.get("fl") and not isinstance(params["fl"], str) and not _strings(params["fl"]):
        found.append(("fl", "texts"))
    found += [(name, "number") for name in NUMBERS if not _number(params.get(name))]
    found += [(name, "flag") for name in FLAGS if not _flag(params.get(name))]
    return found


def _strings(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(each, str) for each in value)


def _number(value: Any) -> bool:
    """Say whether a value may be a number for CKAN's validators, which fail at lists and at nothing."""
    return not isinstance(value, list | tuple | dict) and (not isinstance(value, str) or bool(value.strip()))


def _flag(value: Any) -> bool:
    """Say whether CKAN can take a value for true or false."""
    return not isinstance(value, str) or value.strip().lower() in FLAG_WORDS


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _texts(each)


def _unescaped(text: str) -> str:
    return ESCAPED.sub(lambda found: chr(int(found[1], 16)) if found[1] else found[2], text) if "\\" in text else text
