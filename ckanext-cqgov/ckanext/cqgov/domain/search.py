"""How plain words become a query for the Chinese index: what is plain, and how unspaced Chinese is cut.

A run of Chinese characters is one position for Solr's parser, so a minimum match over it would mean nothing; it is cut
into the same overlapping pairs as the index holds.
"""

from __future__ import annotations

import re
import unicodedata

HAN = r"㐀-䶿一-鿿豈-﫿𠀀-𲎯"
RUN = re.compile(f"([{HAN}]+)")
SYNTAX = re.compile(r"[:*?~^{}\[\]()\"\\/|&!]|(?:^|\s)[+-]|(?:^|\s)(?:AND|OR|NOT)(?:\s|$)|\bTO\b")

FIELDS_AND_WEIGHTS = "name^4 title^4 title_zh^4 tags^2 groups^2 items_zh^1.5 org_zh notes_zh text_zh^0.5 text"
MATCH = "2<-1 5<70%"


def plain(query: object) -> bool:
    """Whether ``query`` is plain words: text without anything that Solr's syntax gives a meaning."""
    if not isinstance(query, str) or not query.strip():
        return False
    return not SYNTAX.search(unicodedata.normalize("NFKC", query))


def spaced(query: str) -> str:
    """Return ``query`` with every run of Chinese characters cut into overlapping pairs: 停车场 becomes 停车 车场.

    Other words stay as they are, in narrow form. A single character stays alone.
    """
    words: list[str] = []
    for part in RUN.split(unicodedata.normalize("NFKC", query)):
        if RUN.fullmatch(part) and len(part) > 1:
            words.extend(part[i : i + 2] for i in range(len(part) - 1))
        else:
            words.extend(part.split())
    return " ".join(words)
