"""What an address of a list asks for, made safe: filters as Solr reads them, and words instead of a query that can't be read.

An address comes from anywhere: typed, shortened, with what messengers and newsletters append. Whatever it is, a reader
gets a list and is told what it is a list of.
"""

from __future__ import annotations

import re
from collections.abc import Collection

LONGEST = 300
"""Characters of a filter's value; names of fields and organisations are shorter."""

MOST_WORDS = 30

FURTHEST = 1_000_000
"""The last entry that a list can be paged to; Solr refuses what does not fit its integers."""

CORE_FIELDS = frozenset(
    (
        "author author_email catalog_code dataset_type groups id license license_id maintainer maintainer_email name "
        "notes organization owner_org res_description res_format res_name res_type res_url state tags title url version"
    ).split()
)
PREFIXES = ("cqgov_", "extras_", "vocab_", "res_extras_")
FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")

SYNTAX = re.compile(r"\{!|\b_[A-Za-z]+_\s*:")
"""What begins a query inside a query; CKAN refuses it anywhere, even inside quotation marks."""

OPERATORS = frozenset(("AND", "OR", "NOT", "TO"))
WORD = re.compile(r"\w+(?:[.\-]\w+)*")


def filters_by(field: str, offered: Collection[str]) -> bool:
    """Say whether a parameter of an address is a filter: a field of the index, or a facet that is ``offered``."""
    return field in offered or (
        FIELD.fullmatch(field) is not None and (field in CORE_FIELDS or field.startswith(PREFIXES))
    )


def readable(value: str) -> bool:
    """Say whether a filter's value can be asked for at all."""
    return bool(value.strip()) and len(value) <= LONGEST and not SYNTAX.search(value.replace("\\", ""))


def clause(field: str, value: str) -> str:
    """Return the filter as one clause of ``fq`` that means this value and nothing else."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'+{field}:"{escaped}"'


def words(query: str) -> str:
    """Return the words of a query without anything that a query language gives a meaning; at most ``MOST_WORDS`` of them."""
    found = [word for word in WORD.findall(query) if word not in OPERATORS and not re.fullmatch(r"_[A-Za-z]+_", word)]
    return " ".join(found[:MOST_WORDS])


def page(text: str, most: int) -> int:
    """Return the number of a page that an address asks for: from 1 to ``most``, and 1 for what is no number of that length."""
    wanted = text.isascii() and text.isdecimal() and len(text) <= len(str(most))
    return min(max(int(text), 1), most) if wanted else 1
