"""Every number that decides what a search finds and in which order. Tuning is an edit of this table.

The documentation and the page that explains the order read it; nothing here is repeated elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

FIELDS: Mapping[str, float] = MappingProxyType({"title_zh": 3.0, "notes_zh": 1.0, "text_zh": 1.0})
"""How much a word counts in the title, the abstract, and anywhere (where items, the provider's names and tags stand)."""

PLAIN_FIELDS: Mapping[str, float] = MappingProxyType(
    {"name": 4.0, "title": 4.0, "tags": 2.0, "groups": 2.0, "text": 1.0, "title_zh": 4.0, "text_zh": 1.0}
)
"""The same for a query without Chinese: CKAN's own fields and weights, and the two that know where Chinese ends."""

PLAIN_MATCH = "2<-1 5<80%"
"""How many words of such a query must be found: CKAN's rule."""

WHOLE: Mapping[str, float] = MappingProxyType({"title_zh": 0.5, "notes_zh": 0.3, "text_zh": 2.0})
"""By this part the score of an entry is raised that has the whole query, or a whole word of it, in one piece there. Anywhere
counts most: be it the only column that is called so, the entry has what was asked for, and not just parts of it."""

NEIGHBOURS: Mapping[int, Mapping[str, float]] = MappingProxyType({3: {"title_zh": 0.05}})
"""And by this part that has so many characters of the query in a row."""

MOST_PHRASES = 20
"""Phrases of each kind that are looked for."""

RERANKED = 100
"""The first entries, by their words alone, that are put into the final order."""

WORDS: Mapping[str, float] = MappingProxyType({"title_words": 0.02})
"""And by this part that has a word of the query as words of its own, as the dictionary of the index cuts them: 公交, not 办公|交通.
It only raises, for a wrong cut must hide nothing."""

EXACT_TITLE = 1000.0
"""A title that is the query, but for blanks and punctuation, comes before everything."""

OTHER_NAME = 0.8
"""A synonym or another name counts this much of the word that was typed."""

RELATED_WORD = 0.4
"""And this much what the catalogue calls a matter that was typed in people's own words: 招聘 for 找工作."""

COVERED_FEW: Mapping[int, float] = MappingProxyType({1: 1.0, 2: 1.0, 3: 0.5})
COVERED = 0.3
"""How much of what the query says an entry must have, by the number of its pieces: rare words say more than frequent ones."""

COVERED_WIDELY = 0.3
"""The same when fewer than ``ENOUGH`` entries have that much."""

COVERED_LOOSELY = 0.0
"""The same when none has even that: any word will do."""

LONG_NAME = 4
MOST_OF_NAME = "-25%"
"""Where not even that is found, another name of a word with so many pairs is recognised though this part of them is missing:
机动车驾驶员培训机构 in 机动车驾驶员培训企业."""

SHORT_FORMS = range(2, 5)
APART = 5
"""And where not even those are, words of so many characters are read as short for longer ones: 驾校 for 驾驶培训学校, whose
characters are so far apart at most."""

TELLING = 0.02
"""And of longer ones at last single characters are looked for, those that no more than this part of all entries have."""

ENOUGH = 20
"""Entries of a full page; with fewer the query is read more widely."""

ENOUGH_FIRST = 100.0
"""So much an entry is raised then that has as much as is asked for at first: it stays before those that have less."""

LONE = 0.2
"""A single character beside words counts this much: 年 of 2021年GDP."""

FRESH = 0.1
"""By this part at most the score of an entry is raised whose content changed today; half of it a year later."""

USED = 0.1
"""By this part at most the score of an entry is raised that is much used."""

MUCH_USED = 1000
"""Visits in the last two weeks that are counted as much; the scale is logarithmic."""

MOST_PIECES = 60
"""Pieces of a query beyond which the rest is not read: longer than any title."""
