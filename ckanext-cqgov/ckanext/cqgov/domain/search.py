"""How plain Chinese words become a query for the index: what is plain, how an unspaced run is cut, how much must match.

A run of Chinese characters is one position for Solr's parser, so a minimum match over it would mean nothing; it is cut into
the same overlapping pairs as the index holds. The pairs are joined by OR, because CKAN makes AND the default operator and
Solr then ignores the minimum match; the whole run stands beside them as a phrase, so that what holds it in one piece comes
first. A document with the phrase holds all its pairs, so the phrase never lowers the minimum.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

HAN = "㐀-䶿一-鿿豈-﫿𠀀-𲎯"
RUN = re.compile(f"([{HAN}]+)")
SYNTAX = re.compile(r'[A-Za-z_]\w*:|["*?~^{}\[\]]|(?:^|\s)[+\-!]|&&|\|\||(?:^|\s)(?:AND|OR|NOT)(?:\s|$)', re.ASCII)
"""What makes a query an advanced client's. Brackets and slashes do not: people paste titles that have them."""

OTHER_WORD = re.compile(r"\w+(?:[.\-]\w+)*")

FIELDS_AND_WEIGHTS = "name^4 title^4 title_zh^4 tags^2 groups^2 items_zh^1.5 org_zh notes_zh text_zh^0.5 text"
TIE = "1.0"
PHRASE_WEIGHT = 3


@dataclass(frozen=True)
class Query:
    """A query for edismax: its text and how many of its clauses must match."""

    text: str
    match: int


def chinese(query: object) -> bool:
    """Whether ``query`` is plain words with Chinese among them, without anything that Solr's syntax gives a meaning."""
    if not isinstance(query, str):
        return False
    return bool(RUN.search(query)) and not SYNTAX.search(query)


def parsed(query: str) -> Query:
    """Return the query for plain words: 停车场 becomes ``停车 OR 车场 OR "停车场"^3``, of which two must match.

    Words in other scripts stay whole, a single character stands alone, punctuation only separates.
    """
    words: list[str] = []
    runs: list[str] = []
    for part in RUN.split(unicodedata.normalize("NFKC", query)):
        if RUN.fullmatch(part) and len(part) > 1:
            words.extend(part[i : i + 2] for i in range(len(part) - 1))
            runs.extend([part] if len(part) > 2 else [])
        else:
            words.extend(OTHER_WORD.findall(part))
    words = list(dict.fromkeys(words))
    phrases = [f'"{run}"^{PHRASE_WEIGHT}' for run in dict.fromkeys(runs)]
    return Query(" OR ".join(words + phrases), required(len(words)))


def required(words: int) -> int:
    """Return how many of so many words must match: all of up to three, one less of four, then seven in ten."""
    return words if words <= 3 else 3 if words == 4 else words * 7 // 10
