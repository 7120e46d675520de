"""What broken and hostile clients send to an action: values of every kind under the names that it knows."""

from __future__ import annotations

import json
import re
from typing import Any

from hypothesis import strategies as st

COMMON = ("id", "name", "q", "limit", "offset", "resource_id", "package_id", "organization", "user", "title")
PARAMETER = re.compile(r":param (?:\w+ )?\*?(\w+):")
WORDS = (
    "",
    " ",
    "x" * 3000,
    "停车场",
    "a\x00b",
    "\ud800",
    "%00%ff",
    "' OR 1=1 --",
    "*:*",
    "{!join from=id to=id}*",
    "[* TO",
    "../../etc/passwd",
    "2026-13-45",
    "9999-12-31",
    "1e999",
    "-1",
    "true",
    "null",
    "<script>",
    "\u202e\u0000",
    "00000000-0000-0000-0000-000000000000",
    "a@b",
    "http://[::1",
    '{"a": [',
)
NUMBERS = (0, -1, 1, 2**31, -(2**63), 10**40, 0.5, -0.0, 1e308)
DESTROYS = re.compile(r"purge|delete|clear|revoke")
"""Actions that are not sent ids of what is there, so that it is there for the others."""


def parameters(action: Any) -> list[str]:
    """Return the names that an action says it takes, and some that many take."""
    return list(dict.fromkeys([*PARAMETER.findall(action.__doc__ or ""), *COMMON]))


def values(pool: tuple[str, ...]) -> st.SearchStrategy[Any]:
    """Return a strategy for values of every kind, now and then the id of something that is there."""
    plain = st.one_of(
        st.sampled_from(pool or WORDS), st.sampled_from(WORDS), st.sampled_from(NUMBERS), st.booleans(), st.none()
    )
    return st.recursive(
        plain,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.dictionaries(st.sampled_from((*COMMON, "key", "value", "")), inner, max_size=3),
        ),
        max_leaves=4,
    )


def arguments(name: str, action: Any, pool: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy for what is sent to an action."""
    ids = () if DESTROYS.search(name) else pool
    keys = parameters(action)
    known = {key: values(ids) for key in keys[:3]}
    more = st.dictionaries(st.sampled_from(keys), values(ids), max_size=3)
    return st.tuples(st.fixed_dictionaries({}, optional=known), more).map(lambda both: both[0] | both[1])


def body(sent: Any) -> bytes:
    """Return the JSON of what is sent, halves of surrogate pairs and numbers without end included."""
    return json.dumps(sent).encode()
