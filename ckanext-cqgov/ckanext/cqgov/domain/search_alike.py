"""Which entries are so alike that a list shows one for all: a series of years, months or numbered parts of one provider."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from ckanext.cqgov.domain.search_text import folded

COUNTED = re.compile(
    r"第?[〇零一二两三四五六七八九十百0-9]+(?:年度?|月份?|季度?|日|号|期|批次?|届|次|部分|版)|[上下]半年|[上中下]旬|年度|\d+|[\W_]+"
)
"""What tells the members of a series apart: dates, ordinal numbers, figures; and punctuation."""


def series(title: str) -> str:
    """Return what the titles of a series have in common; empty when a title is nothing but dates and figures.

    >>> series("2021年第一季度空气质量公报") == series("2023年第四季度空气质量公报（修订）").replace("修订", "")
    True
    """
    return COUNTED.sub("", folded(title))


def key(provider: str | None, title: str | None) -> str | None:
    """Return the same short text for entries of one series of one provider; ``None`` for one that is in no series."""
    common = series(title or "")
    if not common:
        return None
    return hashlib.blake2b(f"{provider or ''}\x1f{common}".encode(), digest_size=9).hexdigest()


YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


def years(titles: Iterable[str]) -> str:
    """Return the years that titles name as a span, empty when they name fewer than two.

    >>> years(["2018年度公报", "2023年度公报", "二〇二一年公报"]), years(["2020年"])
    ('2018–2023', '')
    """
    named = sorted({year for title in titles for year in YEAR.findall(folded(title))})
    return f"{named[0]}–{named[-1]}" if len(named) > 1 else ""
