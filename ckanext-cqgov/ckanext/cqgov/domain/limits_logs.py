"""What must not stand in a log: tokens, keys and passwords, wherever in a line they are."""

from __future__ import annotations

import re

MASK = "***"

NAMES = "token|key|apikey|api_key|api-key|password|password1|password2|old_password|secret|signature|sig|auth|code"
"""Names of parameters, form fields and JSON keys whose values are secret."""

PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\beyJ[\w-]{5,}\.[\w-]{4,}\.[\w-]*"), MASK),  # a JWT, whatever stands before it
    (re.compile(r"\beyJ[\w-]{4,}(?=\[\.\.\.\])"), MASK),  # the beginning of one, as CKAN logs it
    (
        re.compile(r"((?:Authorization|X-CKAN-API-Key|Cookie|Set-Cookie)['\"]?\s*[:=,]\s*['\"]?)[^'\"\r\n]+", re.I),
        rf"\1{MASK}",
    ),
    (re.compile(rf"([?&;](?:{NAMES})=)[^&\s'\"#]+", re.I), rf"\1{MASK}"),
    (re.compile(rf"((?<![\w-])['\"](?:{NAMES})['\"]\s*[:,]\s*u?['\"])[^'\"]*", re.I), rf"\1{MASK}"),
    (re.compile(r"(/user/reset/[^?\s]*\?key=)\S+", re.I), rf"\1{MASK}"),
    (re.compile(r"(/trusted-download/)[^\s/?'\"]+"), rf"\1{MASK}"),
    (re.compile(r"(/download/)[\w-]{10,}\.[\w-]{4,}\.[\w-]{20,}"), rf"\1{MASK}"),  # a short-lived link
    (re.compile(r"(\b[a-z][a-z0-9+]{1,20}://[^\s:/@'\"]*:)[^\s@/'\"]+(?=@)", re.I), rf"\1{MASK}"),
)
"""What is looked for, and what is written in its place."""


def masked(line: str) -> str:
    """Return a line of a log without secrets."""
    for pattern, instead in PATTERNS:
        line = pattern.sub(instead, line)
    return line
