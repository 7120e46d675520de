"""Whether a text that may be Markdown is none: most abstracts are sentences, and reading one as Markdown takes a millisecond."""

from __future__ import annotations

import re

MEANS_SOMETHING = re.compile(
    r"[\\`*_\[\]<>&\x00-\x1f\x7f\ufffe\uffff\ud800-\udfff]"  # marks within a text, tags, entities, line ends, no characters
    r"|\A[\s#+=~|:!-]|\A\d+[.)]|\s\Z"  # headings, lists, code at its beginning; blanks that Markdown takes away
)


def plain(text: str) -> bool:
    """Say whether ``text`` is one line that Markdown shows as it is written, neither formatted nor shortened.

    :returns: ``False`` also where that is only not certain.
    """
    return not MEANS_SOMETHING.search(text)
