"""Which language a bilingual sentence is said in."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from flask import has_request_context

from ckanext.cqgov.domain.text import Text


def pick(text: Text) -> str:
    """Return ``text`` in the language of the current page; both languages where there is no page (CLI, jobs)."""
    if not has_request_context():
        return str(text)
    return text.zh if (tk.h.lang() or "").startswith("zh") else text.en
